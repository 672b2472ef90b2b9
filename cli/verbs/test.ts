import type { Command } from "commander";
import { installPrograms } from "../systemPackages";

/** Only in a clone: the published package holds no tests. */
export function addTestCommand(program: Command, clone: string): void {
  program
    .command("test [arguments...]")
    .description("run the tests: all, or the suites named (unit, e2e); other arguments are jest's")
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .action(async (words: string[]) => {
      const suites = words.filter((word) => ["unit", "e2e"].includes(word));
      const rest = words.filter((word) => !suites.includes(word));
      installPrograms(["machines", "tests"]);
      process.exitCode = await (await import("../testRun.js")).runTests(clone, suites, rest);
    });
}
