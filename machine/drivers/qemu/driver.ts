import { chmodSync, existsSync, rmSync } from "node:fs";
import { z } from "zod";
import { imagesDir } from "../../../host/home";
import { RunError, run } from "../../../host/run";
import { requireTools } from "../../../host/tools";
import { UserError } from "../../../host/userError";
import { choosePrivateAddress, macOf, multicastOf } from "../../addresses";
import {
  type CloudImage,
  isNodeImage,
  isOff,
  type MachineState,
  type NodeImage,
  type RunningHardware,
  type VmDriver,
} from "../../driver";
import { chooseHostAddress } from "../../hostAddress";
import { blockedPorts, portError } from "../../hostPorts";
import { diskImageById, listImages, listSystems } from "../../image/cache";
import { writeNodeSeed } from "../../nodeSeed";
import { machineFiles } from "../../paths";
import { sshPort } from "../../readSpec";
import type { MachineSpec } from "../../spec";
import { ensureSocketsDir } from "../../ssh/config";
import type { MachineNetwork, MachineRecord } from "../../store";
import { accelerator } from "./accelerator";
import { forwardRule, qemuArguments, userNetwork } from "./arguments";
import { linkFor, networkTrouble, requirePrivateNetwork } from "./privateNetwork/choose";
import { linksOfMachine } from "./privateNetwork/links";
import { forgetSwitches, startSwitch } from "./privateNetwork/process";
import { findQemu, hardwareOf, killQemu, waitUntilGone } from "./process";
import { monitor, qmp } from "./qmp";
import { haltOf, runState } from "./runState";

const gibibyte = 1024 ** 3;

/** `VMCLUSTER_ISOLATED=1`: guests reach nothing beyond their own network; what is forwarded to them still works. */
const isolated = (): boolean => process.env.VMCLUSTER_ISOLATED === "1";

/** Virtual machines in QEMU processes of this user; no daemon and no root. */
export class QemuDriver implements VmDriver {
  constructor(private readonly progress: (line: string) => void) {}

  async preflight(): Promise<void> {
    if (process.platform !== "linux") {
      throw new UserError(
        "the qemu driver needs a Linux host",
        `this is ${process.platform}: it has neither KVM nor a loopback address for each machine`,
        'use VirtualBox (driver: "virtualbox") or hosts that you have (driver: "generic")',
      );
    }
    requireTools("the qemu driver", [
      "qemu-system-x86_64",
      "qemu-img",
      "xorriso",
      "ssh",
      "ssh-keygen",
      "flock",
    ]);
    await requirePrivateNetwork();
  }

  async addresses(
    spec: MachineSpec,
    machineId: string,
    others: readonly MachineRecord[],
  ): Promise<MachineNetwork> {
    const cluster = others.filter((other) => other.spec.cluster === spec.cluster);
    const taken = cluster.map((other) => ({
      name: other.spec.name,
      privateAddress: other.network.privateAddress,
    }));
    return {
      address: await chooseHostAddress(spec, others),
      sshPort,
      privateAddress: choosePrivateAddress(spec, taken),
      macs: [macOf(machineId, 0), macOf(machineId, 1)],
      multicast: multicastOf(spec.cluster),
    };
  }

  async create(machine: MachineRecord, image: NodeImage | CloudImage): Promise<void> {
    const files = machineFiles(machine.spec.name);
    await this.stop(machine.spec.name);
    for (const file of [files.disk, files.console]) rmSync(file, { force: true });
    await this.reseed(machine);
    await run("qemu-img", [
      ...["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", image.disk],
      ...[files.disk, `${machine.spec.disk}G`],
    ]);
  }

  async reseed(machine: MachineRecord): Promise<void> {
    await writeNodeSeed(machine);
  }

  async start(machine: MachineRecord): Promise<void> {
    const { name } = machine.spec;
    const files = machineFiles(name);
    const state = await this.state(name);
    if (state === "paused") await qmp(files.qmp, [{ execute: "cont" }]);
    if (!isOff(state)) return this.joinNetwork(machine);
    const image = diskImageById(machine.image);
    if (image === undefined) {
      throw new UserError(
        `machine "${name}" cannot start: its image ${machine.image} is gone from ${imagesDir()}`,
        "its disk only holds what differs from that image",
        `put the image back, or remove the machine (vmcluster machine rm ${name}) and make it anew`,
      );
    }
    const { address } = machine.network;
    const blocked = await blockedPorts(address, [sshPort, ...machine.spec.ports]);
    if (blocked.size > 0) throw portError(`machine "${name}": `, address, blocked);
    ensureSocketsDir(files);
    const link = await linkFor(machine);
    const boot = isNodeImage(image) ? image : undefined;
    // A node image, if there is one, shows sooner whether KVM works than a disk whose boot loader waits for a choice.
    const kind = await accelerator(boot ?? listImages()[0] ?? listSystems()[0] ?? image, this.progress);
    try {
      const options = { isolated: isolated(), link };
      await run("qemu-system-x86_64", qemuArguments(machine, files, boot, kind, options), {
        timeoutMs: 60_000,
      });
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      await killQemu(files.pid);
      throw new UserError(
        `machine "${name}": QEMU did not start`,
        error.stderr.trim().split("\n").slice(-3).join("\n  ") || error.message,
        kind === "kvm" ? "try emulation: VMCLUSTER_ACCEL=tcg" : undefined,
      );
    }
    if (!("socket" in link)) return;
    // Whatever the umask is: the folder may be one that others look into.
    chmodSync(link.socket, 0o600);
    startSwitch(machine);
  }

  async joinNetwork(machine: MachineRecord): Promise<void> {
    if ((await this.hardware(machine.spec.name))?.privateNetwork === "down") startSwitch(machine);
  }

  async stop(name: string): Promise<void> {
    const files = machineFiles(name);
    if (findQemu(files.pid) !== undefined) {
      await qmp(files.qmp, [{ execute: "quit" }], 3000).catch(() => undefined);
      if (!(await waitUntilGone(files.pid, 3000))) await killQemu(files.pid);
    }
    for (const file of [files.pid, files.qmp, ...linksOfMachine(name)]) rmSync(file, { force: true });
  }

  async remove(name: string): Promise<void> {
    await this.stop(name);
    const files = machineFiles(name);
    if (files.sockets !== files.dir) rmSync(files.sockets, { recursive: true, force: true });
    for (const file of [files.disk, files.seed, files.console]) rmSync(file, { force: true });
    await forgetSwitches();
  }

  async state(name: string): Promise<MachineState> {
    const files = machineFiles(name);
    if (findQemu(files.pid) === undefined) return existsSync(files.disk) ? "stopped" : "absent";
    return haltOf(await runState(files.qmp)) === undefined ? "running" : "paused";
  }

  async trouble(name: string): Promise<string | undefined> {
    const files = machineFiles(name);
    return findQemu(files.pid) === undefined ? undefined : haltOf(await runState(files.qmp));
  }

  async hardware(name: string): Promise<RunningHardware | undefined> {
    const qemu = findQemu(machineFiles(name).pid);
    if (qemu === undefined) return undefined;
    const trouble = await networkTrouble(qemu.args);
    return { ...hardwareOf(qemu), ...(trouble !== undefined && { privateNetwork: trouble }) };
  }

  async growDisk(name: string, gib: number): Promise<void> {
    const { disk } = machineFiles(name);
    const { stdout } = await run("qemu-img", ["info", "--output=json", disk]);
    const size = z.object({ "virtual-size": z.number() }).parse(JSON.parse(stdout))["virtual-size"];
    if (size < gib * gibibyte) await run("qemu-img", ["resize", "-q", disk, `${gib}G`]);
  }

  async forward(machine: MachineRecord, from: readonly number[], to: readonly number[]): Promise<void> {
    const { qmp: socket } = machineFiles(machine.spec.name);
    const { address } = machine.network;
    for (const port of from.filter((one) => !to.includes(one))) {
      await monitor(socket, `hostfwd_remove ${userNetwork} tcp:${address}:${port}`);
    }
    for (const port of to.filter((one) => !from.includes(one))) {
      // Removed first, so that a forward left by an `apply` that was killed here is no conflict.
      await monitor(socket, `hostfwd_remove ${userNetwork} tcp:${address}:${port}`);
      const answer = await monitor(socket, `hostfwd_add ${userNetwork} ${forwardRule(address, port, port)}`);
      if (answer !== "") throw new UserError(`port ${port} cannot be forwarded from ${address}`, answer);
    }
  }
}
