import { Command } from "commander";
import { addLifecycleVerbs } from "./lifecycleVerbs";
import { addLookingVerbs } from "./lookingVerbs";
import { addProgramVerbs } from "./programVerbs";
import { addReachingVerbs } from "./reachingVerbs";
import { addSwarmVerbs } from "./swarmVerbs";

export { imageCommand } from "./imageVerbs";

/** `vmcluster machine …`: what docs/internals.md specifies for programs, and what a person does with machines. */
export function machineCommand(): Command {
  const machine = new Command("machine")
    .description("Make, look at, reach and remove virtual machines")
    // `machine ssh NAME COMMAND -x`: -x is of the command.
    .enablePositionalOptions();
  addLifecycleVerbs(machine);
  addLookingVerbs(machine);
  addReachingVerbs(machine);
  addProgramVerbs(machine);
  addSwarmVerbs(machine);
  return machine;
}
