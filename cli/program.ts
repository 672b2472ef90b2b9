/** The command with all its verbs and options: what `main.ts` runs, and what the reference in docs/ is written from. */
import { Command } from "commander";
import { addSwarmVerbs } from "./swarm/verbs";
import { addAbsentVerbs } from "./verbs/absent";
import { addCompletion } from "./verbs/completion";
import { addComposeGroup } from "./verbs/compose";
import { addConfigGroup } from "./verbs/config";
import { addMachineGroups } from "./verbs/machine";
import { addOperations } from "./verbs/operations";
import { globals, stackOption } from "./verbs/options";
import { addPulumiVerbs } from "./verbs/pulumiVerbs";
import { addStackGroup } from "./verbs/stack";
import { addStateGroup } from "./verbs/state";
import { addTestCommand } from "./verbs/test";

/**
 * @param called the words of the command line: groups that load slowly are complete only if they are among them
 * @param clone folder of the clone whose launcher was called, which can run tests
 */
export async function commandLine(
  version: string,
  called: readonly string[],
  clone: string | undefined,
): Promise<Command> {
  const program = globals(new Command("vmcluster"))
    .description("Virtual machines, a Docker Swarm on them and services on it, as Pulumi components.")
    .version(version, "--version", "print the version")
    .enablePositionalOptions()
    .showHelpAfterError("(--help shows what there is)");
  stackOption(program).option("-y, --yes", "go ahead without asking");
  addOperations(program);
  addSwarmVerbs(program);
  addStackGroup(program);
  addConfigGroup(program);
  addStateGroup(program);
  addComposeGroup(program);
  await addMachineGroups(program, called);
  if (clone) addTestCommand(program, clone);
  addCompletion(program);
  addPulumiVerbs(program);
  addAbsentVerbs(program);
  return program;
}
