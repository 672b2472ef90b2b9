import { type Command, Option } from "commander";
import { driverNames, suites } from "../../machine/spec";
import type { CreateOptions } from "./create";
import { each, eachMachine, machinesNamed } from "./each";
import { print, progressOn, readStdin } from "./io";
import { gibibytes, mebibytes, ports, wholeNumber } from "./size";

/** Verbs that make, change and remove machines; each takes several names and works on them at the same time. */
export function addLifecycleVerbs(machine: Command): void {
  addCreate(machine);
  addPower(machine);
  machine
    .command("rm")
    .description(
      "remove machines with their disks; without names, the one of the JSON spec on standard input",
    )
    .argument("[names...]")
    .option(
      "-f, --force",
      "do not ask, and do not mind if one does not exist, is an existing host that does not answer, or VirtualBox was uninstalled",
    )
    .option("-y", "do not ask")
    .action(async (names: string[], options: { force?: boolean; y?: boolean }) => {
      const { removeNamed, removeFromJson } = await import("./remove.js");
      if (names.length > 0) await removeNamed(names, options.force === true, options.y === true);
      else await removeFromJson(await readStdin("give names: vmcluster machine rm NAME…"));
    });
  machine
    .command("provision")
    .description(
      "put right what is not as it was ordered: size, ports, SSH configuration; finishes half-made machines",
    )
    .argument("<names...>")
    .action(async (names: string[]) => {
      const { provisionMachine } = await import("../../machine/provision.js");
      await eachMachine(names, (name) => provisionMachine(name, progressOn(name)));
    });
  machine
    .command("upgrade")
    .description("upgrade Docker in machines to what their package sources have")
    .argument("<names...>")
    .action(async (names: string[]) => {
      const { upgradeMachine } = await import("../../machine/upgrade.js");
      const { runningMachine } = await import("./running.js");
      // All are looked at before the first is upgraded.
      for (const { spec } of machinesNamed(names)) await runningMachine(spec.name);
      await each(names, async (name) => {
        const one = await runningMachine(name);
        const { before, after } = await upgradeMachine(one, progressOn(name));
        print(
          before === after
            ? `${name}: Docker ${after} is the newest there is`
            : `${name}: Docker ${before} -> ${after}`,
        );
      });
    });
  machine
    .command("trim")
    .description(
      "give back to this host what machines no longer use of their disks; without names, all that run",
    )
    .argument("[names...]")
    .action(async (names: string[]) => {
      const { trimMachines } = await import("./trim.js");
      await trimMachines(names);
    });
}

function addCreate(machine: Command): void {
  machine
    .command("create")
    .description("make machines and wait for their Docker; prints the name of each that is ready")
    .argument("<new-names...>")
    .addOption(new Option("-d, --driver <driver>", "what makes them").choices(driverNames))
    .option("--cpus <n>", "virtual CPUs (1)", wholeNumber)
    .option("--memory <size>", "MiB, or with a unit: 2g (1024)", mebibytes)
    .option("--disk <size>", "GiB (10); it only grows", gibibytes)
    .option("--port <port>", "port to forward from this host; may be repeated", ports)
    .option("--cluster <name>", "machines of one cluster share a private network", "default")
    .option("--subnet <cidr>", "the cluster's private network (192.168.56.0/24)")
    .option("--private-address <address>", "address on it; by default the next free one")
    .addOption(new Option("--suite <suite>", "Debian suite of the node image (trixie)").choices(suites))
    .option("--host <host>", "generic: name or address of a host that answers SSH")
    .option("--ssh-user <user>", "generic: root, or one with sudo without a password (root)")
    .option("--ssh-port <port>", "generic: port of its sshd (22)", wholeNumber)
    .option("--identity <file>", "generic: private key that logs in (the first of ~/.ssh/id_*)")
    .option("--host-key <key>", "generic: its SSH host key; by default the one it shows is pinned")
    .option("--leave-swarm", "generic: leave the swarm that the host is in; by default it is refused")
    .option("--image <name>", "clone this pulled image instead (vmcluster image pull), or its URL; qemu only")
    .option("--image-checksum <checksum>", "of an image's URL: sha256:HEX or sha512:HEX")
    .action(async (names: string[], options: CreateOptions) => {
      const { create } = await import("./create.js");
      await create(names, options);
    });
}

function addPower(machine: Command): void {
  const power = async () => import("../../machine/power.js");
  const force = "stop at once, as if unplugged";
  machine
    .command("start")
    .description("start machines and wait for their Docker")
    .argument("<names...>")
    .action(async (names: string[]) => {
      const { startMachine } = await power();
      await eachMachine(names, (name) => startMachine(name, progressOn(name)));
    });
  machine
    .command("stop")
    .description("shut machines down")
    .argument("<names...>")
    .option("-f, --force", force)
    .action(async (names: string[], options: { force?: boolean }) => {
      const { stopMachine } = await power();
      await eachMachine(names, (name) => stopMachine(name, options.force === true, progressOn(name)));
    });
  machine
    .command("kill")
    .description("stop machines at once, as if unplugged")
    .argument("<names...>")
    .action(async (names: string[]) => {
      const { stopMachine } = await power();
      await eachMachine(names, (name) => stopMachine(name, true, progressOn(name)));
    });
  machine
    .command("restart")
    .description("shut machines down and start them again")
    .argument("<names...>")
    .option("-f, --force", force)
    .action(async (names: string[], options: { force?: boolean }) => {
      const { restartMachine } = await power();
      await eachMachine(names, (name) => restartMachine(name, options.force === true, progressOn(name)));
    });
}
