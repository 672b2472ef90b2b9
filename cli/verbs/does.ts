import type { Command } from "commander";
import type { Flags } from "../flags";

/** Gets the options, then the words after the verb, lists and single ones alike. Gives the exit code. */
type Action<F> = (flags: F, ...words: string[]) => Promise<number>;

/** Loads an action's module when it is called, and ends the process with the code it returns. */
export function does<F = Flags>(command: Command, load: () => Promise<Action<F>>): Command {
  return command.action(async (...given: unknown[]) => {
    const self = given.at(-1) as Command;
    const words = given
      .slice(0, -2)
      .flat()
      .filter((word): word is string => typeof word === "string");
    const run = await load();
    process.exitCode = await run(self.optsWithGlobals() as F, ...words);
  });
}
