import { randomUUID } from "node:crypto";
import { withLock } from "../host/lock";
import { UserError } from "../host/userError";
import { differences } from "./condition";
import type { VmDriver } from "./driver";
import { driverOf, vmDriverOf } from "./drivers";
import { applyHost } from "./drivers/generic/apply";
import { ensureImage } from "./image/ensure";
import { allocationLock, machineFiles, machineLock } from "./paths";
import { shutDown } from "./power";
import type { Progress } from "./progress";
import { emptyFolder } from "./remove";
import { type MachineResult, machineResult } from "./result";
import { sendImages } from "./sendImages";
import type { MachineSpec } from "./spec";
import { writeSshConfig } from "./ssh/config";
import { ensureKey } from "./ssh/keys";
import { answersSsh, sshTarget } from "./ssh/session";
import { checkOwner, checkPorts, look } from "./status";
import { listMachines, type MachineRecord, readMachine, readTombstone, writeMachine } from "./store";
import { waitUntilUp } from "./wait";

export interface ApplyOptions {
  /** The condition that the program saw (condition.ts), recorded once the machine is right. Default: the recorded one. */
  readonly condition?: string;
  readonly progress: Progress;
}

/** How long a right machine may take to show that it lives before it is waited for as one that boots. */
const aliveMs = 1000;

/** Gives a new machine its id and addresses and records it, before anything of it is made. */
async function allocate(spec: MachineSpec, driver: VmDriver, progress: Progress): Promise<MachineRecord> {
  const image = await ensureImage({ suite: spec.suite, progress });
  return withLock(
    allocationLock(),
    () => undefined,
    async () => {
      const machineId = randomUUID();
      const others = listMachines().filter((other) => other.spec.name !== spec.name);
      const machine: MachineRecord = {
        version: 1,
        phase: "creating",
        spec,
        machineId,
        image: image.id,
        images: [...image.images],
        network: await driver.addresses(spec, machineId, others),
        hostKey: "",
        condition: "ok",
      };
      writeMachine(machine);
      return machine;
    },
  );
}

/** Makes a machine that is not there, or only half: one that was being made when we were killed goes on if it runs, else is made again. */
async function make(spec: MachineSpec, driver: VmDriver, progress: Progress): Promise<MachineRecord> {
  const half = readMachine(spec.name);
  if (
    half !== undefined &&
    JSON.stringify(half.spec) === JSON.stringify(spec) &&
    (await driver.state(spec.name)) === "running"
  ) {
    return half;
  }
  await driver.remove(spec.name);
  emptyFolder(spec.name);
  progress("making disk, keys and addresses");
  const allocated = await allocate(spec, driver, progress);
  const files = machineFiles(spec.name);
  await ensureKey(files.identity);
  const machine = { ...allocated, hostKey: await ensureKey(files.hostKey) };
  writeMachine(machine);
  writeSshConfig(machine, files);
  await driver.create(machine, await ensureImage({ suite: spec.suite, progress }));
  await driver.start(machine);
  return machine;
}

function refuseOtherNetwork(spec: MachineSpec, machine: MachineRecord): void {
  if (spec.subnet === machine.spec.subnet) return;
  throw new UserError(
    `machine "${spec.name}": subnet ${spec.subnet}, but it was made in ${machine.spec.subnet}`,
    "a node's network cannot be changed in place",
    `remove it first: vmcluster machine rm ${spec.name}`,
  );
}

function movedTo(address: string, machine: MachineRecord): MachineRecord["network"] {
  const holder = listMachines().find(
    (other) =>
      other.spec.cluster === machine.spec.cluster &&
      other.spec.name !== machine.spec.name &&
      other.network.privateAddress === address,
  );
  if (holder !== undefined) {
    throw new UserError(
      `machine "${machine.spec.name}": privateAddress ${address} is that of machine "${holder.spec.name}"`,
    );
  }
  return { ...machine.network, privateAddress: address };
}

/** Changes a machine that exists to its spec and starts it if it does not run. */
async function change(
  spec: MachineSpec,
  machine: MachineRecord,
  driver: VmDriver,
  progress: Progress,
): Promise<MachineRecord> {
  refuseOtherNetwork(spec, machine);
  const { name } = spec;
  const seen = await look(name, driver);
  const found = differences(spec, machine, seen);
  await checkPorts(spec, seen, driver);
  const hardware = seen.hardware ?? machine.spec;
  const privateAddress = spec.privateAddress ?? machine.network.privateAddress;
  const moves = privateAddress !== machine.network.privateAddress;
  const grows = spec.disk > machine.spec.disk;
  const restart = hardware.cpus !== spec.cpus || hardware.memory !== spec.memory || moves || grows;
  if (found.length > 0) progress(found.join("; "));
  if (restart) await shutDown(machine, driver, progress);
  const network = moves ? movedTo(privateAddress, machine) : machine.network;
  // A disk never shrinks, so the record keeps what it has.
  const changed = { ...machine, network, spec: { ...spec, disk: Math.max(spec.disk, machine.spec.disk) } };
  if ((await driver.state(name)) !== "running") {
    if (grows) await driver.growDisk(name, spec.disk);
    if (moves) await driver.reseed(changed);
    writeMachine(changed);
    await driver.start(changed);
  } else {
    await driver.forward(changed, machine.spec.ports, spec.ports);
    writeMachine(changed);
  }
  return changed;
}

/** Whether nothing is to be waited for: this run of the machine has answered before, has all images, and its sshd is there. */
async function isUp(machine: MachineRecord, driver: VmDriver): Promise<boolean> {
  const instance = (await driver.hardware(machine.spec.name))?.instance;
  if (instance === undefined || instance !== machine.answered) return false;
  if (machine.spec.images.some((image) => !machine.images.includes(image))) return false;
  return answersSsh(sshTarget(machine), aliveMs);
}

/**
 * Makes a machine as its spec says: absent → made, stopped → started, another size → restarted with it, already right →
 * nothing. Returns when it answers SSH and its Docker works. A call that was killed at any point is finished by the next.
 *
 * @throws UserError if it cannot be made so, with the last lines of its console if it does not come up
 */
export async function applyMachine(spec: MachineSpec, options: ApplyOptions): Promise<MachineResult> {
  const { progress } = options;
  await driverOf(spec.driver).preflight();
  return withLock(
    machineLock(spec.name),
    () => progress(`waiting for another command that works on ${spec.name}`),
    async () => {
      const before = readMachine(spec.name);
      checkOwner(spec, before);
      const recorded = before?.condition ?? readTombstone(spec.name)?.condition;
      if (spec.driver === "generic") {
        return applyHost(spec, before, options.condition ?? recorded ?? "ok", progress);
      }
      const driver = vmDriverOf(spec.driver, progress);
      const isThere = before?.phase === "ready" && (await driver.state(spec.name)) !== "absent";
      const machine = isThere
        ? await change(spec, before, driver, progress)
        : await make(spec, driver, progress);
      const condition = options.condition ?? recorded ?? "ok";
      if (isThere && (await isUp(machine, driver))) {
        if (condition !== machine.condition) writeMachine({ ...machine, condition });
        return machineResult(machine);
      }
      const session = await waitUntilUp(machine, driver, progress);
      try {
        const images = await sendImages(machine, session, progress);
        const answered = (await driver.hardware(spec.name))?.instance;
        writeMachine({ ...machine, phase: "ready", images, answered, condition });
      } finally {
        session.dispose();
      }
      return machineResult(machine);
    },
  );
}
