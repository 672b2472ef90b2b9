import { type Command, Option } from "commander";
import { machinesNamed } from "./each";
import { print, readStdin } from "./io";
import { listMachineRows, machineNames, table, tableRows } from "./list";
import { seconds } from "./size";

export const formatOption = (): Option =>
  new Option("--format <format>").choices(["table", "json"]).default("table");

interface ListOptions {
  readonly format: string;
  readonly filter?: readonly string[];
  readonly timeout: number;
  readonly quiet?: boolean;
}

/** Verbs that change nothing. */
export function addLookingVerbs(machine: Command): void {
  machine
    .command("ls")
    .description("list the machines, with what the Docker of those that run says")
    .addOption(formatOption())
    .option("-q, --quiet", "names only; asks no machine")
    .option(
      "--filter <filter>",
      "name=<regular expression>, state=, driver= or cluster=; may be repeated",
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .option("-t, --timeout <seconds>", "how long a machine may take to answer", seconds, 10)
    .action(async ({ format, filter = [], timeout, quiet }: ListOptions) => {
      if (quiet) {
        for (const name of await machineNames(filter)) print(name);
        return;
      }
      const rows = await listMachineRows(filter, timeout * 1000);
      print(format === "json" ? JSON.stringify(rows) : table(tableRows(rows)));
    });
  machine
    .command("status")
    .description(
      "print the state of machines; without names, for programs: tell whether the machines of an array of JSON specs can be made, and how those that exist differ",
    )
    .argument("[names...]")
    .action(async (names: string[]) => {
      if (names.length > 0) {
        const { powerStates } = await import("./powerState.js");
        print(await powerStates(names));
        return;
      }
      const { statusLine } = await import("./status.js");
      print(await statusLine(await readStdin("give names: vmcluster machine status NAME…")));
    });
  machine
    .command("ip")
    .description("print the address at which this host reaches the machines")
    .argument("<names...>")
    .action((names: string[]) => {
      for (const { network } of machinesNamed(names)) print(network.address);
    });
  machine
    .command("url")
    .description("print what DOCKER_HOST must be for the machines")
    .argument("<names...>")
    .action(async (names: string[]) => {
      const { sshUrl } = await import("../../machine/ssh/url.js");
      for (const one of machinesNamed(names)) print(sshUrl(one));
    });
  machine
    .command("inspect")
    .description("print what is known of machines, as JSON")
    .argument("<names...>")
    .action(async (names: string[]) => {
      const { inspect } = await import("./inspect.js");
      const known = machinesNamed(names).map(({ spec }) => spec.name);
      print(JSON.stringify(await Promise.all(known.map(inspect)), undefined, 2));
    });
  machine
    .command("active")
    .description("print the machine that this shell's docker talks to")
    .action(async () => {
      const { activeMachine } = await import("./active.js");
      print(activeMachine());
    });
  machine
    .command("logs")
    .description("print what a machine wrote to its console")
    .argument("<name>")
    .option("-f, --follow", "go on with what it writes")
    .action(async (name: string, options: { follow?: boolean }) => {
      const { logs } = await import("./follow.js");
      await logs(name, options.follow === true);
    });
}
