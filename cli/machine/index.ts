import { Command } from "commander";
import { print, progressOn, readStdin } from "./io";
import { listMachineRows, table } from "./list";

/** `vmcluster machine …`: what docs/architecture.md specifies for programs, and what a person does with machines. */
export function machineCommand(): Command {
  const machine = new Command("machine")
    .description("Make, look at and remove virtual machines")
    // `machine ssh NAME COMMAND -x`: -x is of the command.
    .enablePositionalOptions();
  addProgramVerbs(machine);
  addPersonVerbs(machine);
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
    .option("--format <format>", "table or json", "table")
    .action(async (options: { format: string }) => {
      const { imageRows } = await import("./image.js");
      print(options.format === "json" ? JSON.stringify(imageRows()) : table(imageRows()));
    });
  return image;
}

function addProgramVerbs(machine: Command): void {
  machine
    .command("apply")
    .description("make a machine as the JSON spec on standard input says; prints one line of JSON")
    .action(async () => {
      const { readSpec } = await import("../../machine/readSpec.js");
      const { applyMachine } = await import("../../machine/apply.js");
      const spec = readSpec(await readStdin());
      const condition = process.env.VMCLUSTER_CONDITION || undefined;
      print(JSON.stringify(await applyMachine(spec, { condition, progress: progressOn(spec.name) })));
    });
  machine
    .command("status")
    .description(
      "tell whether the machines of an array of JSON specs can be made, and how those that exist differ",
    )
    .action(async () => {
      const { statusLine } = await import("./status.js");
      print(await statusLine(await readStdin()));
    });
}

function addPersonVerbs(machine: Command): void {
  machine
    .command("ls")
    .description("list the machines")
    .option("--format <format>", "table or json", "table")
    .action(async (options: { format: string }) => {
      const rows = await listMachineRows();
      print(options.format === "json" ? JSON.stringify(rows) : table(rows));
    });
  machine
    .command("ssh")
    .description("log in, or run a command: its exit code is passed on")
    .argument("<name>")
    .argument("[command...]", "after --")
    .passThroughOptions()
    .action(async (name: string, command: string[]) => {
      const { ssh } = await import("./ssh.js");
      process.exitCode = await ssh(name, command);
    });
  const power = async () => import("../../machine/power.js");
  machine
    .command("start")
    .description("start machines and wait for their Docker")
    .argument("<names...>")
    .action(async (names: string[]) => {
      const { startMachine } = await power();
      await Promise.all(names.map((name) => startMachine(name, progressOn(name))));
    });
  machine
    .command("stop")
    .description("shut machines down")
    .argument("<names...>")
    .option("-f, --force", "stop at once, as if unplugged")
    .action(async (names: string[], options: { force?: boolean }) => {
      const { stopMachine } = await power();
      await Promise.all(names.map((name) => stopMachine(name, options.force === true, progressOn(name))));
    });
  machine
    .command("restart")
    .description("shut machines down and start them again")
    .argument("<names...>")
    .option("-f, --force", "stop at once, as if unplugged")
    .action(async (names: string[], options: { force?: boolean }) => {
      const { restartMachine } = await power();
      await Promise.all(names.map((name) => restartMachine(name, options.force === true, progressOn(name))));
    });
  machine
    .command("rm")
    .description(
      "remove machines with their disks; without names, the one of the JSON spec on standard input",
    )
    .argument("[names...]")
    .option("-f, --force", "do not ask, and do not mind if one does not exist")
    .action(async (names: string[], options: { force?: boolean }) => {
      const { removeNamed, removeFromJson } = await import("./remove.js");
      if (names.length > 0) await removeNamed(names, options.force === true);
      else await removeFromJson(await readStdin());
    });
  machine
    .command("ip")
    .description("print the address at which this host reaches the machines")
    .argument("<names...>")
    .action(async (names: string[]) => {
      const { machineNamed } = await power();
      for (const name of names) print(machineNamed(name).network.address);
    });
  machine
    .command("inspect")
    .description("print what is known of machines, as JSON")
    .argument("<names...>")
    .action(async (names: string[]) => {
      const { inspect } = await import("./inspect.js");
      print(JSON.stringify(await Promise.all(names.map(inspect)), undefined, 2));
    });
  machine
    .command("logs")
    .description("print what a machine wrote to its console")
    .argument("<name>")
    .action(async (name: string) => {
      const { machineNamed } = await power();
      const { consoleText } = await import("../../machine/console.js");
      const { machineFiles } = await import("../../machine/paths.js");
      print(consoleText(machineFiles(machineNamed(name).spec.name).console));
    });
}
