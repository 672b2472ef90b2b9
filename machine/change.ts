import { UserError } from "../host/userError";
import { differences, type Seen } from "./condition";
import type { RunningHardware, VmDriver } from "./driver";
import { noteUse } from "./image/uses";
import { shutDown } from "./power";
import type { Progress } from "./progress";
import type { MachineSpec } from "./spec";
import { checkPorts } from "./status";
import { listMachines, type MachineRecord, writeMachine } from "./store";

function refuseOtherNetwork(spec: MachineSpec, machine: MachineRecord): void {
  if (spec.subnet === machine.spec.subnet) return;
  throw new UserError(
    `machine "${spec.name}": subnet ${spec.subnet}, but it was made in ${machine.spec.subnet}`,
    "a node's network cannot be changed in place",
    `remove it first: vmcluster machine rm ${spec.name}`,
  );
}

/**
 * What a machine was made of cannot be put right in place: Pulumi replaces the machine, a person removes it first.
 *
 * @throws UserError if another driver or image is wanted
 */
export function refuseOtherMaking(spec: MachineSpec, { spec: made }: MachineRecord): void {
  const other =
    spec.driver !== made.driver
      ? `driver ${spec.driver}, but it was made by ${made.driver}`
      : spec.image !== made.image
        ? `image ${spec.image ?? `of suite ${spec.suite}`}, but it was made from ${made.image ?? "the node image"}`
        : undefined;
  if (other === undefined) return;
  throw new UserError(
    `machine "${spec.name}": ${other}`,
    "its disk cannot be changed in place",
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

/** What a change of the spec means for a machine that is there. */
interface Change {
  readonly grows: boolean;
  /** To another private address. */
  readonly moves: boolean;
  readonly restarts: boolean;
}

function changeOf(spec: MachineSpec, machine: MachineRecord, hardware: RunningHardware | undefined): Change {
  const { cpus, memory } = hardware ?? machine.spec;
  const open = hardware?.privateNetwork === "open";
  const grows = spec.disk > machine.spec.disk;
  const moves = spec.privateAddress !== undefined && spec.privateAddress !== machine.network.privateAddress;
  return { grows, moves, restarts: cpus !== spec.cpus || memory !== spec.memory || moves || grows || open };
}

/** Whether the machine runs and has to be restarted for its spec. */
export const mustRestart = (spec: MachineSpec, machine: MachineRecord, seen: Seen): boolean =>
  seen.state === "running" && changeOf(spec, machine, seen.hardware).restarts;

/**
 * Changes a machine that exists to its spec and starts it if it does not run.
 *
 * @param seen what it was before anything was done
 */
export async function change(
  spec: MachineSpec,
  machine: MachineRecord,
  seen: Seen,
  driver: VmDriver,
  progress: Progress,
): Promise<MachineRecord> {
  refuseOtherNetwork(spec, machine);
  const { name } = spec;
  // Of machines of earlier versions there is no note yet.
  noteUse(machine.image, name);
  // A drain is this command's own.
  const found = differences(spec, { ...machine, drained: undefined }, seen);
  await checkPorts(spec, seen, driver);
  const { grows, moves, restarts } = changeOf(spec, machine, seen.hardware);
  // Looked at before the machine is stopped for it.
  const network = moves ? movedTo(spec.privateAddress ?? "", machine) : machine.network;
  if (found.length > 0) progress(found.join("; "));
  if (restarts) await shutDown(machine, driver, progress);
  // A disk never shrinks, so the record keeps what it has.
  const changed = { ...machine, network, spec: { ...spec, disk: Math.max(spec.disk, machine.spec.disk) } };
  if ((await driver.state(name)) !== "running") {
    if (grows) await driver.growDisk(name, spec.disk);
    if (moves) await driver.reseed(changed);
    writeMachine(changed);
    await driver.start(changed);
  } else {
    await driver.forward(changed, machine.spec.ports, spec.ports);
    await driver.joinNetwork?.(changed);
    writeMachine(changed);
  }
  return changed;
}
