/** What may stand where a shell completes a word of the command line. Read from the commands themselves, so it is never out of date. */
import type { Argument, Command, Option } from "commander";

export interface Candidate {
  readonly word: string;
  readonly description: string;
}

const plain = (words: readonly string[]): Candidate[] => words.map((word) => ({ word, description: "" }));

/** What things that exist are called: a list for each kind of argument. Asked only when one is to be completed. */
export interface Names {
  readonly machines: () => readonly string[];
  readonly services?: () => readonly string[];
  readonly nodes?: () => readonly string[];
  readonly clusters?: () => readonly string[];
}

/** Where the words before have led to. */
interface Place {
  readonly command: Command;
  readonly positional: readonly string[];
  /** Option whose value comes next. */
  readonly option: Option | undefined;
  /** After `--`. */
  readonly ended: boolean;
}

const takesValue = (option: Option): boolean => option.required || option.optional;

function optionNamed(command: Command, word: string): Option | undefined {
  for (let at: Command | null = command; at !== null; at = at.parent) {
    const found = at.options.find((option) => option.long === word || option.short === word);
    if (found !== undefined) return found;
  }
  return undefined;
}

function placeAfter(program: Command, words: readonly string[]): Place {
  let command = program;
  let option: Option | undefined;
  let ended = false;
  const positional: string[] = [];
  for (const word of words) {
    if (option !== undefined) option = undefined;
    else if (ended) positional.push(word);
    else if (word === "--") ended = true;
    else if (word.startsWith("-") && word !== "-") {
      const found = optionNamed(command, word);
      if (found !== undefined && takesValue(found)) option = found;
    } else {
      const next: Command | undefined = command.commands.find(
        (one) => one.name() === word || one.aliases().includes(word),
      );
      if (next !== undefined && positional.length === 0) command = next;
      else positional.push(word);
    }
  }
  return { command, positional, option, ended };
}

function ofArgument(
  argument: Argument | undefined,
  given: readonly string[],
  { machines, services = () => [] }: Names,
): Candidate[] {
  switch (argument?.name()) {
    case "service":
    case "services":
      return plain(services().filter((name) => !given.includes(name)));
    case "service=replicas":
      return plain(services().map((name) => `${name}=`));
    case "name":
    case "names":
      return plain(machines().filter((name) => !given.includes(name)));
    case "source":
    case "target":
      return plain(machines().map((name) => `${name}:`));
    default:
      return plain(argument?.argChoices ?? []);
  }
}

function ofOption(option: Option, { machines, nodes, clusters }: Names): Candidate[] {
  switch (option.attributeName()) {
    case "machine":
      return plain(machines());
    case "node":
      return plain(nodes?.() ?? []);
    case "cluster":
      return plain(clusters?.() ?? []);
    default:
      return plain(option.argChoices ?? []);
  }
}

/** A shell puts the word into its command line as it is: names from a state must not mean more there. */
const harmless = /^[\w@%+=:,./-]+$/;

/**
 * Candidates for the last of the words, which may be empty. None: the shell offers files.
 *
 * @param words the command line without the program's name
 * @param names what there is
 */
export function candidates(program: Command, words: readonly string[], names: Names): Candidate[] {
  const typed = words.at(-1) ?? "";
  const { command, positional, option, ended } = placeAfter(program, words.slice(0, -1));
  const all = ((): Candidate[] => {
    if (option !== undefined) return ofOption(option, names);
    const help = command.createHelp();
    if (!ended && typed.startsWith("-")) {
      return help
        .visibleOptions(command)
        .map(({ long, short, description }) => ({ word: long ?? short ?? "", description }));
    }
    if (command.commands.length > 0) {
      const commands = positional.length === 0 ? help.visibleCommands(command) : [];
      return commands.map((one) => ({ word: one.name(), description: one.description() }));
    }
    const { registeredArguments } = command;
    const last = registeredArguments.at(-1);
    const argument = registeredArguments[positional.length] ?? (last?.variadic ? last : undefined);
    return ofArgument(argument, positional, names);
  })();
  return all.filter(({ word }) => word.startsWith(typed) && harmless.test(word));
}
