import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { imagesDir } from "../../../host/home";
import { privateFolder } from "../../../host/privateFolder";
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
import { imageById } from "../../image/cache";
import { writeNodeSeed } from "../../nodeSeed";
import { machineFiles } from "../../paths";
import type { Progress } from "../../progress";
import { sshPort } from "../../readSpec";
import type { MachineSpec } from "../../spec";
import { listMachines, type MachineNetwork, type MachineRecord, readMachine } from "../../store";
import {
  changeableHardware,
  fixedHardware,
  forwardChanges,
  forwards,
  forwardsIn,
  portForward,
  vmName,
} from "./arguments";
import { claim, claims, release } from "./claims";
import { attachClone, diskIn, forgetClone, forgetMedium, growClone } from "./disk";
import { startError } from "./explain";
import { isNotFound, VBoxManageError } from "./failure";
import { ensureGolden, goldenOf } from "./golden";
import { manage } from "./manage";
import { preflight } from "./preflight";
import {
  collisionError,
  ensurePrivateNetwork,
  lookForNetwork,
  type PrivateLink,
  underNetworkLock,
} from "./privateNetwork";
import { findVBoxManage } from "./program";
import { troubleOf } from "./trouble";
import { hardwareIn, linkKindIn, stateOf, vmInfo } from "./vm";

/** How long VirtualBox may take to end a machine before its process is ended instead. */
const powerOffMs = 30_000;

/** Folder that VirtualBox keeps the machine's settings and its own logs in. */
const settingsDir = (dir: string): string => join(dir, "virtualbox");

const uuidOf = (name: string): string | undefined => readMachine(name)?.machineId;

/** Virtual machines in VirtualBox, each known to it by our machine id. */
export class VirtualBoxDriver implements VmDriver {
  constructor(private readonly progress: Progress) {}

  preflight(): Promise<void> {
    return preflight();
  }

  async addresses(
    spec: MachineSpec,
    machineId: string,
    others: readonly MachineRecord[],
  ): Promise<MachineNetwork> {
    const choice = await lookForNetwork(spec.subnet);
    if (choice.kind === "collision") throw collisionError(spec.subnet, choice.with);
    return {
      address: await chooseHostAddress(spec, others),
      sshPort,
      privateAddress: choosePrivateAddress(spec, await this.taken(spec, machineId, others)),
      macs: [macOf(machineId, 0), macOf(machineId, 1)],
      multicast: multicastOf(spec.cluster),
    };
  }

  /** A host-only network is one for all clusters and homes of a user, so addresses must differ among all of them. */
  private async taken(spec: MachineSpec, machineId: string, others: readonly MachineRecord[]) {
    const here = others.filter((other) => other.spec.driver === spec.driver);
    const claimed = [...(await claims())]
      .filter(([, uuid]) => uuid !== machineId && !others.some((other) => other.machineId === uuid))
      .map(([privateAddress, uuid]) => ({ name: `${uuid} of another VMCLUSTER_HOME`, privateAddress }));
    return [
      ...here.map((other) => ({ name: other.spec.name, privateAddress: other.network.privateAddress })),
      ...claimed,
    ];
  }

  async create(machine: MachineRecord, image: NodeImage | CloudImage): Promise<void> {
    // Specs that ask for it are refused before.
    if (!isNodeImage(image)) throw new Error(`VirtualBox cannot start ${image.name}`);
    const { name, disk } = machine.spec;
    const files = machineFiles(name);
    const uuid = machine.machineId;
    await this.remove(name);
    const golden = await ensureGolden(image, disk, this.progress);
    await writeNodeSeed(machine);
    privateFolder(settingsDir(files.dir));
    await manage([
      ...["createvm", "--name", vmName(machine), "--uuid", uuid, "--ostype", "Linux26_64"],
      ...["--basefolder", settingsDir(files.dir), "--register"],
    ]);
    await manage(["modifyvm", uuid, ...fixedHardware(files.console)]);
    await manage(["storagectl", uuid, "--name", "boot", "--add", "ide", "--controller", "PIIX4"]);
    await manage(["storagectl", uuid, "--name", "disks", "--add", "virtio-scsi", "--controller", "VirtIO"]);
    const cd = ["--device", "0", "--type", "dvddrive", "--medium"];
    await manage(["storageattach", uuid, "--storagectl", "boot", "--port", "0", ...cd, golden.bootIso]);
    await manage(["storageattach", uuid, "--storagectl", "disks", "--port", "1", ...cd, files.seed]);
    // Networks and size come with `start`. Last: `state` is `stopped` only from here on.
    await attachClone(uuid, golden.disk, files);
  }

  /** Puts the second network card on the cluster's network and sets what a restart may change. */
  private connect(machine: MachineRecord): Promise<void> {
    const { cluster, subnet, name } = machine.spec;
    return underNetworkLock(async () => {
      const link = await ensurePrivateNetwork(
        cluster,
        subnet,
        await this.clusterLink(cluster, name),
        this.progress,
      );
      await manage(["modifyvm", machine.machineId, ...changeableHardware(machine, link)]);
      await claim(machine.network.privateAddress, machine.machineId);
    });
  }

  /** What the machine, or else another one of its cluster, is connected to already. */
  private async clusterLink(cluster: string, name: string): Promise<PrivateLink["kind"] | undefined> {
    const members = listMachines().filter(
      (other) => other.spec.driver === "virtualbox" && other.spec.cluster === cluster,
    );
    members.sort((one) => (one.spec.name === name ? -1 : 0));
    for (const member of members) {
      const kind = linkKindIn(await vmInfo(member.machineId));
      if (kind !== undefined) return kind;
    }
    return undefined;
  }

  async reseed(machine: MachineRecord): Promise<void> {
    await writeNodeSeed(machine);
  }

  async start(machine: MachineRecord): Promise<void> {
    const { name } = machine.spec;
    const uuid = machine.machineId;
    const info = await vmInfo(uuid);
    if (info?.get("VMState") === "paused") await manage(["controlvm", uuid, "resume"]);
    else if (stateOf(info) === "paused") await this.stop(name);
    if (stateOf(await vmInfo(uuid)) === "running") return;
    this.requireImage(machine);
    try {
      // One whose memory someone saved in VirtualBox's window goes on with what it was.
      if (!info?.get("VMState")?.includes("saved")) {
        await this.connect(machine);
        const changes = forwardChanges(forwardsIn(info ?? new Map()), forwards(machine));
        if (changes.length > 0) await manage(["modifyvm", uuid, ...changes]);
      }
      await manage(["startvm", uuid, "--type", "headless"]);
    } catch (error) {
      if (error instanceof VBoxManageError) throw startError(name, error.failure);
      throw error;
    }
  }

  private requireImage(machine: MachineRecord): void {
    if (imageById(machine.image) !== undefined) return;
    const { name } = machine.spec;
    throw new UserError(
      `machine "${name}" cannot start: its node image ${machine.image} is gone from ${imagesDir()}`,
      "its disk only holds what differs from that image",
      `put the image back, or remove the machine (vmcluster machine rm ${name}) and make it anew`,
    );
  }

  async stop(name: string): Promise<void> {
    const uuid = uuidOf(name);
    if (uuid === undefined || isOff(stateOf(await vmInfo(uuid)))) return;
    await manage(["controlvm", uuid, "poweroff"]).catch(() => undefined);
    const end = Date.now() + powerOffMs;
    while (!isOff(stateOf(await vmInfo(uuid)))) {
      // A guest that is stuck, or a machine that hangs while it ends: its process goes.
      if (Date.now() > end) await manage(["startvm", uuid, "--type", "emergencystop"]);
      await delay(300);
    }
  }

  async remove(name: string, force = false): Promise<void> {
    const files = machineFiles(name);
    const uuid = uuidOf(name);
    // Without VirtualBox there is only what is in the machine's folder.
    const forgotten = force && findVBoxManage() === undefined;
    if (uuid !== undefined && !forgotten) {
      await this.stop(name);
      await forgetClone(uuid, files);
      try {
        await manage(["unregistervm", uuid, "--delete"]);
      } catch (error) {
        if (!isNotFound(error)) await manage(["unregistervm", uuid]);
      }
      const image = imageById(readMachine(name)?.image ?? "");
      await forgetMedium("dvd", files.seed);
      if (image !== undefined) {
        const golden = goldenOf(image, readMachine(name)?.spec.disk ?? 0);
        await forgetMedium("dvd", golden.bootIso);
        await forgetMedium("disk", golden.disk);
      }
      await release(uuid);
    }
    if (files.sockets !== files.dir) rmSync(files.sockets, { recursive: true, force: true });
    for (const path of [settingsDir(files.dir), files.vdi, files.seed, files.console]) {
      rmSync(path, { recursive: true, force: true });
    }
  }

  async state(name: string): Promise<MachineState> {
    const uuid = uuidOf(name);
    if (uuid === undefined) return "absent";
    const info = await vmInfo(uuid);
    const disk = diskIn(info);
    return disk !== undefined && existsSync(disk) ? stateOf(info) : "absent";
  }

  async trouble(name: string): Promise<string | undefined> {
    const uuid = uuidOf(name);
    return uuid === undefined ? undefined : troubleOf(await vmInfo(uuid));
  }

  async hardware(name: string): Promise<RunningHardware | undefined> {
    const uuid = uuidOf(name);
    return uuid === undefined ? undefined : hardwareIn(await vmInfo(uuid));
  }

  async growDisk(name: string, gib: number): Promise<void> {
    const uuid = uuidOf(name);
    if (uuid !== undefined) await growClone(uuid, machineFiles(name), gib);
  }

  async forward(machine: MachineRecord, from: readonly number[], to: readonly number[]): Promise<void> {
    const uuid = machine.machineId;
    const { address } = machine.network;
    const there = forwardsIn((await vmInfo(uuid)) ?? new Map());
    const stale = from.filter((port) => !to.includes(port)).map((port) => portForward(address, port));
    const wanted = to.map((port) => portForward(address, port));
    for (const { name } of stale.filter((one) => there.some(({ name: had }) => had === one.name))) {
      await manage(["controlvm", uuid, "natpf1", "delete", name]);
    }
    for (const { rule } of wanted.filter((one) => !there.some(({ name }) => name === one.name))) {
      await manage(["controlvm", uuid, "natpf1", rule]);
    }
  }
}
