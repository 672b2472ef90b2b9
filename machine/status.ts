import { existsSync, statfsSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { dirname } from "node:path";
import { imagesDir, machinesDir } from "../host/home";
import { UserError } from "../host/userError";
import { allImageRefs } from "../images/refs";
import { readNote } from "./clusterNote";
import { conditionOf, keeps, type Seen } from "./condition";
import { type Driver, isOff, type VmDriver } from "./driver";
import { driverOf, vmDriverOf } from "./drivers";
import { checkLogin, lookAtNewHost } from "./drivers/generic/apply";
import { checkSubnet, type HostNetwork, hostNetworks } from "./hostNetworks";
import { blockedPorts, portError } from "./hostPorts";
import { hasImage } from "./image/cache";
import { checkImage } from "./image/choose";
import { nodeImageId } from "./image/ensure";
import { requireBuildTools } from "./image/system";
import { checkOwner } from "./owner";
import { clusterFiles } from "./paths";
import { sshPort } from "./readSpec";
import { type MachineStatus, machineResult } from "./result";
import type { MachineQuestion, MachineSpec } from "./spec";
import { writeSwarmConfig } from "./ssh/swarmConfig";
import { listMachines, type MachineRecord, managersOf, readMachine, readTombstone } from "./store";

const mebibyte = 1024 ** 2;

/** MiB that building the node image takes for a while, and that a new machine needs to come up. */
const buildSpace = 6144;
const machineSpace = 1024;

/** What is seen of a machine from the host, without asking the guest. */
export async function look(name: string, driver: Driver): Promise<Seen> {
  return {
    record: readMachine(name),
    tombstone: readTombstone(name),
    state: await driver.state(name),
    hardware: await driver.hardware(name),
  };
}

/** @throws UserError if a port that is still to be forwarded cannot be */
export async function checkPorts(spec: MachineSpec, seen: Seen, driver: VmDriver): Promise<void> {
  const { record } = seen;
  if (record === undefined) {
    const others = listMachines().filter((other) => other.spec.name !== spec.name);
    // The private address is not looked at here: the machine that has it may be about to go.
    await driver.addresses({ ...spec, privateAddress: undefined }, "", others);
    return;
  }
  const ours = isOff(seen.state) ? [] : [sshPort, ...record.spec.ports];
  const wanted = [sshPort, ...spec.ports].filter((port) => !ours.includes(port));
  const blocked = await blockedPorts(record.network.address, wanted);
  if (blocked.size > 0) throw portError(`machine "${spec.name}": `, record.network.address, blocked);
}

function checkImages(spec: MachineSpec, record: MachineRecord | undefined): void {
  const known = [...Object.values(allImageRefs()), ...(record?.images ?? [])];
  const unknown = spec.images.find((image) => !known.includes(image));
  if (unknown === undefined) return;
  throw new UserError(
    `machine "${spec.name}": images: "${unknown}" is unknown`,
    `there are: ${known.join(", ")}`,
  );
}

function freeSpace(dir: string): number {
  const existing = existsSync(dir) ? dir : dirname(dir);
  if (existing !== dir && !existsSync(existing)) return freeSpace(existing);
  const { bavail, bsize } = statfsSync(existing);
  return (bavail * bsize) / mebibyte;
}

function checkSpace(dir: string, needed: number, what: string): void {
  const free = Math.floor(freeSpace(dir));
  if (free >= needed) return;
  throw new UserError(
    `${what} needs ${needed} MiB of disk`,
    `${dir} has ${free} MiB left`,
    "free some, or set VMCLUSTER_HOME",
  );
}

/** What a machine that is there has in the fields that the program lets be. */
function keptOf(
  spec: MachineSpec,
  fields: NonNullable<MachineQuestion["ignoreChanges"]>,
): Partial<MachineSpec> {
  const present = readMachine(spec.name)?.spec;
  return present === undefined ? {} : Object.fromEntries(fields.map((field) => [field, present[field]]));
}

function checkMemory(spec: MachineSpec): void {
  const memory = Math.floor(totalmem() / mebibyte);
  if (spec.memory <= memory) return;
  throw new UserError(
    `machine "${spec.name}": memory: ${spec.memory} MiB is more than this host's ${memory}`,
  );
}

/** Machines that share the host's CPUs and memory are allowed; that they will be slow is said once. */
function shareWarnings(fresh: readonly MachineSpec[]): string[] {
  const cpus = availableParallelism();
  const memory = Math.floor(totalmem() / mebibyte);
  const together = fresh.reduce((sum, one) => sum + one.memory, 0);
  const slow = fresh
    .filter((one) => one.cpus > cpus)
    .map(({ name, cpus: asked }) => `machine "${name}": cpus: ${asked} is more than this host's ${cpus}`);
  return together > memory && fresh.length > 1
    ? [
        ...slow,
        `memory: the ${fresh.length} machines to be made have ${together} MiB together, more than this host's ${memory}`,
      ]
    : slow;
}

/** A cluster that is there keeps its network, whatever the host has got since. */
function subnetWarning(spec: MachineSpec, networks: readonly HostNetwork[]): string | undefined {
  const kept = listMachines().some(
    ({ spec: other }) => other.cluster === spec.cluster && other.subnet === spec.subnet,
  );
  return kept ? undefined : checkSubnet(spec.name, spec.subnet, networks);
}

/** Logs in to all of them at once, and tells of all that cannot be machines. */
async function lookAtNewHosts(specs: readonly MachineSpec[]): Promise<void> {
  const wrong: UserError[] = [];
  await Promise.all(
    specs.map((spec) =>
      lookAtNewHost(spec).catch((error: unknown) => {
        if (!(error instanceof UserError)) throw error;
        wrong.push(error);
      }),
    ),
  );
  if (wrong.length > 0)
    throw new UserError(
      wrong
        .map(({ message }) => message)
        .sort()
        .join("\n"),
    );
}

function checkNodeImage(spec: MachineSpec): void {
  if (hasImage(nodeImageId(spec.suite))) return;
  requireBuildTools();
  checkSpace(imagesDir(), buildSpace, "building the node image");
}

/** Those that are there and manage a cluster's swarm, besides the machines that were asked about: who made the swarm, by name. */
async function otherManagers(
  cluster: string,
  asked: readonly MachineQuestion[],
): Promise<Record<string, string>> {
  const names = asked.map(({ name }) => name);
  const found: Record<string, string> = {};
  for (const { spec, swarm } of managersOf(cluster, names))
    if (swarm && (await driverOf(spec.driver).state(spec.name)) !== "absent")
      found[spec.name] = swarm.founder;
  return found;
}

/** What follows from the records and was lost, or is of an earlier version's: a preview needs it already. */
async function restoreSwarmConfigs(questions: readonly MachineQuestion[]): Promise<void> {
  const managing = questions.filter(({ name }) => readMachine(name)?.swarm?.manager === true);
  for (const cluster of new Set(managing.map((one) => one.cluster)))
    if (!existsSync(clusterFiles(cluster).sshConfig)) await writeSwarmConfig(cluster);
}

/**
 * Checks that the machines can be made on this host and tells how those that are there differ from their specs.
 * Changes no machine and asks no guest.
 *
 * @param warn is told what is allowed and seldom meant
 * @returns the status of each machine by name
 * @throws UserError on the first thing that stands in the way
 */
export async function machineStatus(
  questions: readonly MachineQuestion[],
  warn: (text: string) => void = () => undefined,
): Promise<Record<string, MachineStatus>> {
  const statuses: Record<string, MachineStatus> = {};
  const othersOf = new Map<string, Record<string, string>>();
  const networks = hostNetworks();
  const fresh: MachineSpec[] = [];
  const newHosts: MachineSpec[] = [];
  const warnings = new Set<string>();
  for (const { adopt = false, ignoreChanges = [], lookAtHost, ...asked } of questions) {
    const kept = keptOf(asked, ignoreChanges);
    const spec = { ...asked, ...kept };
    const driver = driverOf(spec.driver);
    await driver.preflight();
    // One that is to be replaced by a machine of another driver is still what it is.
    const made = readMachine(spec.name)?.spec.driver ?? spec.driver;
    const seen = await look(spec.name, made === spec.driver ? driver : driverOf(made));
    checkOwner(spec, seen.record, adopt);
    checkImages(spec, seen.record);
    if (spec.driver === "generic") {
      if (seen.record === undefined) {
        checkLogin(spec);
        if (lookAtHost) newHosts.push(spec);
      }
    } else {
      checkMemory(spec);
      await checkPorts(spec, seen, vmDriverOf(spec.driver));
      if (seen.record?.spec.image !== spec.image) checkImage(spec);
      if (seen.record === undefined) {
        fresh.push(spec);
        const warning = subnetWarning(spec, networks);
        if (warning !== undefined) warnings.add(warning);
        if (spec.image === undefined) checkNodeImage(spec);
      }
    }
    const stays = seen.record !== undefined && keeps(spec, seen.record, seen) ? seen.record : undefined;
    const { sshConfig: swarmSshConfig, swarmCondition: noted } = clusterFiles(spec.cluster);
    const swarmCondition = readNote(noted);
    // The same for all machines of a cluster.
    const others = othersOf.get(spec.cluster) ?? (await otherManagers(spec.cluster, questions));
    othersOf.set(spec.cluster, others);
    statuses[spec.name] = {
      condition: conditionOf(spec, seen),
      ...(stays && { machine: machineResult(stays) }),
      swarmSshConfig,
      ...(swarmCondition !== undefined && { swarmCondition }),
      ...(seen.record?.swarm && { swarm: seen.record.swarm }),
      ...(Object.keys(others).length > 0 && { otherManagers: others }),
      ...(Object.keys(kept).length > 0 && { kept }),
    };
  }
  if (fresh.length > 0)
    checkSpace(machinesDir(), machineSpace * fresh.length, `making ${fresh.length} machines`);
  await lookAtNewHosts(newHosts);
  for (const warning of [...warnings, ...shareWarnings(fresh)]) warn(warning);
  await restoreSwarmConfigs(questions);
  return statuses;
}
