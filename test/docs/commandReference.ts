/** docs/reference/commands.md, from the command's own definitions. */
import type { Command, Option } from "commander";
import { imageCommand, machineCommand } from "../../cli/machine";
import { commandLine } from "../../cli/program";
import { code, plain, wrapped } from "./markdown";

const shown = (option: Option): boolean => !option.hidden && option.long !== "--help";

const hidden = (command: Command): boolean => (command as unknown as { _hidden: boolean })._hidden;

function optionLine(option: Option): string {
  const choices = option.argChoices?.map(code).join(", ");
  const text = [option.description, choices === undefined ? "" : `One of ${choices}.`]
    .filter(Boolean)
    .join(". ");
  return wrapped(`- ${code(option.flags)}: ${plain(text)}`, "  ");
}

/** Those of every verb, which each of them also takes. */
const common = (program: Command): Set<string> =>
  new Set(program.options.filter(shown).map((option) => option.flags));

function section(command: Command, path: string, everywhere: Set<string>): string[] {
  const groups = command.commands.filter((child) => child.name() !== "help");
  const usage = [path, ...command.registeredArguments.map((argument) => words(argument))].join(" ");
  const own = command.options.filter((option) => shown(option) && !everywhere.has(option.flags));
  const also = command.aliases().map(code).join(", ");
  const text = `${plain(capital(command.description()))}.${also === "" ? "" : ` Also called ${also}.`}`;
  const lines = [`### ${path}`, "", wrapped(text), ""];
  if (groups.length === 0 || command.registeredArguments.length > 0)
    lines.push("```", usage + (own.length > 0 ? " [options]" : ""), "```", "");
  if (own.length > 0) lines.push(...own.map(optionLine), "");
  const visible = groups.filter((child) => !hidden(child));
  return [...lines, ...visible.flatMap((child) => section(child, `${path} ${child.name()}`, everywhere))];
}

const words = (argument: Command["registeredArguments"][number]): string => {
  const name = argument.variadic ? `${argument.name()}...` : argument.name();
  return argument.required ? `<${name}>` : `[${name}]`;
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export async function commandReference(): Promise<string> {
  const program = await commandLine("", [], "clone");
  const everywhere = common(program);
  // The command itself loads these two only when they are called.
  const late = new Map([machineCommand(), imageCommand()].map((group) => [group.name(), group]));
  const verbs = program.commands
    .filter((command) => command.name() !== "help" && !hidden(command))
    .map((command) => late.get(command.name()) ?? command);
  return [
    "# Every command and option",
    "",
    wrapped(
      "This page lists every verb of `vmcluster` with its options. `npm run docs` writes it from the code. [cli.md](../cli.md) explains the verbs.",
    ),
    "",
    "## Options of every verb",
    "",
    ...program.options.filter(shown).map(optionLine),
    "",
    "## Verbs",
    "",
    ...verbs.flatMap((command) => section(command, command.name(), everywhere)),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}
