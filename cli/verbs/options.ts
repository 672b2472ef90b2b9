/** Options that several verbs have. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { colorChoices } from "../display/choices";
import { pulumiOperation, switchesWithValues, truths } from "./pulumiOptions";

export function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("It must be a whole number from 1.");
  return value;
}

/** How many at once: 0 means one, as with the Pulumi CLI. */
export function atOnce(text: string): number {
  return /^0+$/.test(text) ? 1 : count(text);
}

/** A switch that is on by default, as `--protect=false`. */
export function truth(text: string): boolean {
  const value = truths.get(text);
  if (value === undefined) throw new InvalidArgumentError("It must be true or false.");
  return value;
}

export const collect = (text: string, before: string[] = []): string[] => [...before, text];

/** Options of every command; they may stand before the command too. */
export function globals(command: Command): Command {
  return switchesWithValues(command)
    .option("-C, --cwd <dir>", "run as if started in this folder")
    .option("--non-interactive", "ask nothing and redraw nothing")
    .addOption(new Option("--color <when>", "colour the output").choices(colorChoices));
}

export const stackOption = (command: Command): Command =>
  command.option("-s, --stack <name>", "the stack to work on, instead of the selected one");

export const confirmable = (command: Command): Command =>
  command.option("-y, --yes", "go ahead without asking");

export const operation = (command: Command): Command =>
  pulumiOperation(stackOption(command))
    .option("-p, --parallel <n>", "how many steps run at once", atOnce)
    .option(
      "-t, --target <urn>",
      "limit it to this resource; * stands for parts of it (may be repeated)",
      collect,
    )
    .option("--target-dependents", "and to what depends on those")
    .option("-x, --exclude <urn>", "leave this resource alone; * as above (may be repeated)", collect)
    .option("--exclude-dependents", "and what depends on those")
    .option("-m, --message <text>", "note to keep in the stack's history")
    .option("--diff", "show what changes in each resource, property by property")
    .option("--expect-no-changes", "fail if there is anything to change")
    .option("--suppress-outputs", "do not show the stack's outputs")
    .option(
      "-c, --config <key=value>",
      "set this in the stack's configuration before (may be repeated)",
      collect,
    )
    .option("--config-path", "its key is a path into an object or list")
    .addOption(
      new Option(
        "--engine <name>",
        "what carries it out: this program, or the Pulumi CLI (which does if it is on PATH)",
      ).choices(["embedded", "pulumi"]),
    );

/** An operation that runs the program. */
export const running = (command: Command): Command =>
  command
    .option(
      "--target-replace <urn>",
      "limit it to this resource, and replace that (may be repeated)",
      collect,
    )
    .option("--replace <urn>", "replace this resource, changed or not (may be repeated)", collect)
    .addOption(refreshing());

const refreshing = (): Option =>
  new Option(
    "-r, --refresh [bool]",
    "look at what there really is before (as options.refresh of Pulumi.yaml says)",
  )
    .preset("true")
    .argParser(truth);

/** An operation that changes something: previewed and asked about before. */
export const changing = (command: Command): Command =>
  confirmable(operation(command))
    .option("-f, --skip-preview", "do not preview first")
    .option("-j, --json", "as JSON: the plan, then one event a line")
    .addOption(new Option("--continue-on-error", "go on with what does not need what failed (always so)"));

/** An operation that may be looked at only, without `preview` being the verb for it. */
export const previewable = (command: Command): Command =>
  changing(command).option("--preview-only", "show what it would do, and do nothing");

/** An operation that may delete machines. */
export const deleting = (command: Command): Command =>
  command.option("--delete-data", "allow the operation to delete service data");

/** An operation on the state that may read what there really is before. */
export const refreshable = (command: Command): Command => command.addOption(refreshing());
