/**
 * Options of the Pulumi CLI that scripts pass. What they ask for is done, has no meaning here (docs/cli.md), or is refused
 * by name where the embedded engine would have to do something that it does not.
 */
import { type Command, Option } from "commander";

const collect = (text: string, before: string[] = []): string[] => [...before, text];

const hidden = (command: Command, ...flags: readonly string[]): Command => {
  for (const one of flags) command.addOption(new Option(one).hideHelp());
  return command;
};

/** Of every command of the Pulumi CLI: logs and profiles of a program that is not this one, and emoji. */
export const pulumiGlobals = (command: Command, of?: "whoami"): Command =>
  hidden(
    command,
    "-e, --emoji",
    "--disable-integrity-checking",
    "--logflow",
    "--logtostderr",
    // Of `whoami` it is a switch.
    ...(of === undefined ? ["-v, --verbose <n>"] : []),
    "--tracing <endpoint>",
    "--otel-traces <endpoint>",
    "--profiling <file>",
    "--memprofilerate <n>",
    "-Q, --fully-qualify-stack-names",
  );

/** And of what changes the state: how much the Pulumi CLI shows. */
export const pulumiShown = (command: Command): Command =>
  hidden(
    pulumiGlobals(command),
    "-d, --debug",
    "--suppress-progress",
    "--suppress-permalink [bool]",
    "--urns",
    "--skip-plugin-pre-install",
  );

/** Of the operations: who calls them, and what only the Pulumi CLI does. */
export const pulumiOperation = (command: Command): Command => {
  pulumiShown(command);
  hidden(
    command,
    "--show-config",
    "--show-full-output",
    "--show-policy-remediations",
    "--show-reads",
    "--show-replacement-steps",
    "--show-sames",
    "--show-secrets",
    "--neo",
    "--copilot",
    "--strict",
    "--exec-kind <kind>",
    "--exec-agent <agent>",
    "--secrets-provider <name>",
    // What only the Pulumi CLI does.
    "--run-program",
    "--plan <file>",
    "--save-plan <file>",
    "--import-file <file>",
    "--attach-debugger [kind]",
    "--skip-pending-creates",
  );
  command
    .addOption(new Option("--policy-pack <folder>").argParser(collect).hideHelp())
    .addOption(new Option("--policy-pack-config <file>").argParser(collect).hideHelp())
    .addOption(new Option("--import-pending-creates <pairs>").argParser(collect).hideHelp());
  return command
    .option(
      "--config-file <file>",
      "read and write the configuration in this file instead of Pulumi.<stack>.yaml",
    )
    .option("--event-log <file>", "write what happens to this file, as JSON, one event a line");
};

/** How a switch is set to on or off. */
export const truths: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "true", "TRUE", "True"].map((text) => [text, true] as const),
  ...["0", "f", "F", "false", "FALSE", "False"].map((text) => [text, false] as const),
]);

/** `--yes=true` and `--yes=false`, as the Pulumi CLI's library reads switches. */
export function switchesWithValues(command: Command): Command {
  const parse = command.parseOptions.bind(command);
  command.parseOptions = (args) =>
    parse(args.flatMap((arg, index) => spelled(command, args.slice(0, index), arg)));
  return command;
}

function spelled(command: Command, before: readonly string[], arg: string): readonly string[] {
  const [, name, text = ""] = /^(--[a-z][a-z-]*)=(.*)$/.exec(arg) ?? [];
  const value = truths.get(text);
  if (name === undefined || value === undefined || before.includes("--")) return [arg];
  const option = command.options.find(({ long }) => long === name);
  if (option === undefined || option.required || option.optional) return [arg];
  return value ? [name] : [];
}
