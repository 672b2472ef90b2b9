import type { Command } from "commander";

/** Groups of verbs with their own option parsing, loaded only if they may be called: their parsers are not small. */
export async function addMachineGroups(program: Command, called: readonly string[]): Promise<void> {
  if (called.some((word) => word === "machine" || word === "image")) {
    const groups = await import("../machine/index.js");
    program.addCommand(groups.machineCommand());
    program.addCommand(groups.imageCommand());
    return;
  }
  program.command("machine").description("make, list, reach and remove machines");
  program.command("image").description("list, build, pull and remove disk images");
}
