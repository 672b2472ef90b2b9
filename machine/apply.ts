import { randomUUID } from "node:crypto";
import { withLock } from "../host/lock";
import { UserError } from "../host/userError";
import { change, mustRestart, refuseOtherMaking } from "./change";
import type { CloudImage, NodeImage, VmDriver } from "./driver";
import { driverOf, vmDriverOf } from "./drivers";
import { applyHost } from "./drivers/generic/apply";
import { diskLeft } from "./drivers/virtualbox/disk";
import { imageOf } from "./image/choose";
import { useImage } from "./image/uses";
import { checkOwner } from "./owner";
import { allocationLock, clusterLock, machineFiles, machineLock } from "./paths";
import type { Progress } from "./progress";
import { emptyFolder } from "./remove";
import { type MachineResult, machineResult } from "./result";
import { sendImages } from "./sendImages";
import type { MachineSpec } from "./spec";
import { writeSshConfig } from "./ssh/config";
import { ensureKey } from "./ssh/keys";
import { look } from "./status";
import { listMachines, type MachineRecord, readMachine, readTombstone, writeMachine } from "./store";
import { activate, drain, swarmNodeId } from "./swarm/restart";
import { waitUntilUp } from "./wait";

export interface ApplyOptions {
  /** The condition that the program saw (condition.ts), recorded once the machine is right. Default: the recorded one. */
  readonly condition?: string;
  /** Also a machine that is a person's or another program's, which then becomes that of the spec's. Default: such a one is refused. */
  readonly adopt?: boolean;
  readonly progress: Progress;
}

/** Gives a new machine its id and addresses and records it, before anything of it is made. */
function allocate(
  spec: MachineSpec,
  image: NodeImage | CloudImage,
  driver: VmDriver,
): Promise<MachineRecord> {
  const record = (): Promise<MachineRecord> =>
    withLock(
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
  return useImage(image.id, spec.name, record);
}

/** What VirtualBox has forgotten, or another user's VirtualBox never knew, would be made anew, and the data on its disk be gone. */
function refuseLostMachine({ spec: { name } }: MachineRecord): void {
  const files = machineFiles(name);
  const disk = diskLeft(files);
  if (disk === undefined) return;
  throw new UserError(
    `machine "${name}": its hypervisor does not know it or its disk any more, but ${disk} is there`,
    "it was taken out of VirtualBox's list, or this is run as another user (sudo?)",
    `add it again (the .vbox file in ${files.dir}), or give up its disk: vmcluster machine rm ${name}`,
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
    await driver.joinNetwork?.(half);
    return half;
  }
  const image = await imageOf(spec, progress);
  await driverOf(half?.spec.driver ?? spec.driver, progress).remove(spec.name);
  emptyFolder(spec.name);
  progress("making disk, keys and addresses");
  const allocated = await allocate(spec, image, driver);
  const files = machineFiles(spec.name);
  await ensureKey(files.identity);
  const machine = { ...allocated, hostKey: await ensureKey(files.hostKey) };
  writeMachine(machine);
  writeSshConfig(machine, files);
  await driver.create(machine, image);
  await driver.start(machine);
  return machine;
}

/** Waits until the machine answers and has its images, and records it as right. */
async function settle(
  machine: MachineRecord,
  driver: VmDriver,
  condition: string,
  progress: Progress,
): Promise<MachineRecord> {
  const session = await waitUntilUp(machine, driver, progress);
  try {
    const images = await sendImages(machine, session, progress);
    const answered = (await driver.hardware(machine.spec.name))?.instance;
    const right: MachineRecord = { ...machine, phase: "ready", images, answered, condition };
    writeMachine(right);
    return right;
  } finally {
    session.dispose();
  }
}

/** Runs `restart` with the tasks of the swarm node moved away before it; one node of a cluster after the other, so that there are others. */
async function drained(
  machine: MachineRecord,
  nodeId: string,
  progress: Progress,
  restart: (machine: MachineRecord) => Promise<MachineRecord>,
): Promise<MachineRecord> {
  return withLock(
    clusterLock(machine.spec.cluster),
    () => progress("waiting for another node of the cluster to restart"),
    async () => {
      // Recorded before it is done: whoever finishes this after a crash makes the node active.
      const record = { ...machine, drained: nodeId };
      const away =
        machine.drained !== undefined || (await drain(machine, nodeId, progress, () => writeMachine(record)));
      if (!away) return restart(machine);
      const restarted = await restart(record);
      await activate(restarted, nodeId, progress);
      const right = { ...restarted, drained: undefined };
      writeMachine(right);
      return right;
    },
  );
}

/**
 * Makes a machine as its spec says: absent → made, stopped → started, another size → restarted with it, already right →
 * nothing. A node of a swarm is drained before it restarts and made active after. Returns when the machine answers SSH and its
 * Docker works. A call that was killed at any point is finished by the next.
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
      checkOwner(spec, before, options.adopt ?? false);
      if (before?.phase === "ready") refuseOtherMaking(spec, before);
      const condition = options.condition ?? before?.condition ?? readTombstone(spec.name)?.condition ?? "ok";
      if (spec.driver === "generic") return applyHost(spec, before, condition, progress);
      const driver = vmDriverOf(spec.driver, progress);
      const seen = await look(spec.name, driver);
      if (before?.phase === "ready" && seen.state === "absent") refuseLostMachine(before);
      if (before?.phase !== "ready" || seen.state === "absent") {
        return machineResult(await settle(await make(spec, driver, progress), driver, condition, progress));
      }
      const applied = async (machine: MachineRecord): Promise<MachineRecord> =>
        settle(await change(spec, machine, seen, driver, progress), driver, condition, progress);
      const node =
        before.drained ?? (mustRestart(spec, before, seen) ? await swarmNodeId(before) : undefined);
      return machineResult(
        node === undefined ? await applied(before) : await drained(before, node, progress, applied),
      );
    },
  );
}
