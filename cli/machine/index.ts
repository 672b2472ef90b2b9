import { Command } from "commander";
import { print, readStdin } from "./io";
import { addLifecycleVerbs } from "./lifecycleVerbs";
import { table } from "./list";
import { addLookingVerbs, formatOption } from "./lookingVerbs";
import { addProgramVerbs } from "./programVerbs";
import { addReachingVerbs } from "./reachingVerbs";

/** `vmcluster machine …`: what docs/architecture.md specifies for programs, and what a person does with machines. */
export function machineCommand(): Command {
  const machine = new Command("machine")
    .description("Make, look at, reach and remove virtual machines")
    // `machine ssh NAME COMMAND -x`: -x is of the command.
    .enablePositionalOptions();
  addLifecycleVerbs(machine);
  addLookingVerbs(machine);
  addReachingVerbs(machine);
  addProgramVerbs(machine);
  return machine;
}

/** `vmcluster image …`: golden node images. */
export function imageCommand(): Command {
  const image = new Command("image").description(
    "Build and list the disk images that machines are clones of",
  );
  image
    .command("ensure")
    .description(
      'build the node image if it is not there; reads {"suite": "trixie"} and prints {"image": "<id>"}',
    )
    .action(async () => {
      const { ensureFromJson } = await import("./image.js");
      print(JSON.stringify({ image: await ensureFromJson(await readStdin()) }));
    });
  image
    .command("ls")
    .description("list the node images on this host")
    .addOption(formatOption())
    .action(async (options: { format: string }) => {
      const { imageRows } = await import("./image.js");
      print(options.format === "json" ? JSON.stringify(imageRows()) : table(imageRows()));
    });
  return image;
}
