import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "../host/lock";
import { driverOf } from "./drivers";
import { forgetUse } from "./image/uses";
import { isOwn } from "./owner";
import { machineFiles, machineLock } from "./paths";
import type { Progress } from "./progress";
import { isMachineName, type MachineSpec } from "./spec";
import { closeConnection } from "./ssh/config";
import { writeSwarmConfig } from "./ssh/swarmConfig";
import { readMachine, removeTombstone, writeTombstone } from "./store";

/** Removes all files of a machine but its record. */
export function emptyFolder(name: string): void {
  const { dir, record } = machineFiles(name);
  if (!existsSync(dir)) return;
  for (const entry of readdirSync(dir)) {
    const path = join(dir, entry);
    if (path !== record) rmSync(path, { recursive: true, force: true });
  }
}

/** The record goes last: a removal that was killed is still known, and is finished by the next one. */
function removeFolder(name: string): void {
  emptyFolder(name);
  const { dir, record } = machineFiles(name);
  rmSync(record, { force: true });
  rmSync(dir, { recursive: true, force: true });
}

async function removeAll(
  name: string,
  driver: MachineSpec["driver"],
  progress: Progress,
  force = false,
  /** Also if the record was lost. */
  cluster?: string,
): Promise<void> {
  const { image, spec } = readMachine(name) ?? {};
  await closeConnection(name, machineFiles(name));
  await driverOf(driver, progress).remove(name, force);
  removeFolder(name);
  if (image !== undefined) forgetUse(image, name);
  const of = spec?.cluster ?? cluster;
  if (of !== undefined) await writeSwarmConfig(of);
}

/** Whether anything is left of a machine of this name: also a folder without a record, of a command that was killed. */
export const isLeft = (name: string): boolean => isMachineName(name) && existsSync(machineFiles(name).dir);

const lockMessage = (name: string): string => `waiting for another command that works on ${name}`;

/**
 * Pulumi's delete: removes the machine of a spec and every trace of it. Nothing to do if it is gone, or if the name is now
 * that of another cluster's machine, or another program or a person has the machine.
 */
export async function removeBySpec(spec: MachineSpec, progress: Progress): Promise<void> {
  await withLock(
    machineLock(spec.name),
    () => progress(lockMessage(spec.name)),
    async () => {
      const machine = readMachine(spec.name);
      if (machine !== undefined && !isOwn(spec, machine)) return;
      if (machine !== undefined) progress("removing");
      await removeAll(spec.name, machine?.spec.driver ?? spec.driver, progress, false, spec.cluster);
      removeTombstone(spec.name);
    },
  );
}

/**
 * A person's `machine rm NAME`: with `force` also if it is an existing host that cannot be reached. Leaves a tombstone, by which the program
 * that made the machine learns that it is gone.
 */
export async function removeByName(name: string, progress: Progress, force = false): Promise<void> {
  await withLock(
    machineLock(name),
    () => progress(lockMessage(name)),
    async () => {
      const machine = readMachine(name);
      if (machine !== undefined) {
        progress("removing");
        writeTombstone(name, { cluster: machine.spec.cluster, condition: machine.condition });
      }
      await removeAll(name, machine?.spec.driver ?? "qemu", progress, force);
    },
  );
}
