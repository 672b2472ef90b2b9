import { readdirSync, readFileSync, rmSync } from "node:fs";
import { z } from "zod";
import { machinesDir } from "../host/home";
import { privateFolder } from "../host/privateFolder";
import { replaceFile } from "../host/replaceFile";
import { UserError } from "../host/userError";
import { machineFiles, tombstoneFile } from "./paths";
import { machineSpec } from "./spec";
import { swarmMaking } from "./swarm/options";

/** Of an existing host: who logs in with which key, and what was seen of it when `apply` last ran. */
const existingHost = z.object({
  sshUser: z.string(),
  /** Private key file of the user, who keeps it. */
  identity: z.string(),
  os: z.string(),
  cpus: z.number(),
  /** MiB. */
  memory: z.number(),
});

/** Chosen by us when a machine is made and kept as long as it lives, so that a restart changes no address. */
const network = z.object({
  /** Loopback address of this machine on the host; of an existing host its own name or address. */
  address: z.string(),
  sshPort: z.number(),
  privateAddress: z.string(),
  /** MAC of the user-mode network and of the private one; empty of an existing host. */
  macs: z.tuple([z.string(), z.string()]),
  /** Multicast group and port of the cluster's private network. */
  multicast: z.string(),
});

const swarmPlace = z.object({
  /** The `machineId` of the machine that made the swarm: by this one swarm is told from another. */
  founder: z.string(),
  manager: z.boolean(),
  /** What the swarm was made with, which cannot be changed; of machines that have been asked about it. */
  made: swarmMaking.optional(),
  /** Absent until the machine has joined as a node, and of machines of older versions. */
  nodeId: z.string().optional(),
  /** Condition that the last `swarm-node` was given; absent: `ok`. See condition.ts. */
  condition: z.string().optional(),
});

/** Of a node of a swarm that was made elsewhere. */
const member = z.object({
  nodeId: z.string(),
  /** Docker of a manager there, as this host reaches it: `ssh://…` or `unix://…`. */
  host: z.string().optional(),
});

const machine = z.object({
  version: z.literal(1),
  /**
   * `creating`: from before its first file until Docker has answered once: `apply` finishes it or makes it anew.
   * `ready`: was right once; `apply` keeps its disk.
   */
  phase: z.enum(["creating", "ready"]),
  spec: machineSpec,
  machineId: z.string(),
  /** Golden image its disk is a clone of; empty of an existing host. */
  image: z.string(),
  /** Service images it has: those of the golden image and those sent since. */
  images: z.array(z.string()),
  network,
  /** The guest's public host key; empty until made. */
  hostKey: z.string(),
  /** The running instance whose Docker has answered (driver.ts); another one is still to be waited for. */
  answered: z.string().optional(),
  /** Only of the generic driver. */
  host: existingHost.optional(),
  /** ID of the swarm node that was drained for a restart, until it is active again. */
  drained: z.string().optional(),
  /** Its place in a swarm that a program formed. */
  swarm: swarmPlace.optional(),
  /** Its place in one that was made elsewhere. */
  member: member.optional(),
  /** Condition that the last successful `apply` was given; see condition.ts. */
  condition: z.string(),
});

/** Left by a removal by hand, so that `status` can tell it from a machine that never was. */
const tombstone = z.object({ cluster: z.string(), condition: z.string() });

export type MachineNetwork = z.infer<typeof network>;
export type SwarmPlace = z.infer<typeof swarmPlace>;
export type SwarmMembership = z.infer<typeof member>;
export type MachineRecord = z.infer<typeof machine>;
export type Tombstone = z.infer<typeof tombstone>;

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

/** @throws UserError if it is no such file: of a later version, or damaged */
function read<T>(file: string, schema: z.ZodType<T>): T | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new UserError(
      `${file} is not a record that this version of vmcluster reads`,
      error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message,
      "was it written by a later version? If it is damaged, move it away: machine rm -f with the machine's name then removes the rest",
    );
  }
}

/** The machine of this name, finished or not; undefined if there is none. */
export function readMachine(name: string): MachineRecord | undefined {
  return read(machineFiles(name).record, machine);
}

export function readTombstone(name: string): Tombstone | undefined {
  return read(tombstoneFile(name), tombstone);
}

export function writeMachine(value: MachineRecord): void {
  const { dir, record } = machineFiles(value.spec.name);
  privateFolder(dir);
  replaceFile(record, json(value));
  rmSync(tombstoneFile(value.spec.name), { force: true });
}

export function writeTombstone(name: string, value: Tombstone): void {
  replaceFile(tombstoneFile(name), json(value));
}

export function removeTombstone(name: string): void {
  rmSync(tombstoneFile(name), { force: true });
}

const told = new Set<string>();

/** Says once what is wrong with a record: a damaged one must not hide the other machines. */
function readable(name: string): MachineRecord | undefined {
  try {
    return readMachine(name);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { record } = machineFiles(name);
    if (!told.has(record)) process.stderr.write(`warning: ${error.message}\n`);
    told.add(record);
    return undefined;
  }
}

/** All machines in this home, by name; tombstones are not among them, nor those whose record cannot be read: a warning tells of these. */
export function listMachines(): MachineRecord[] {
  let names: string[];
  try {
    names = readdirSync(machinesDir());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return names
    .filter((name) => !name.startsWith("."))
    .sort()
    .map(readable)
    .filter((found) => found !== undefined);
}

/**
 * Those machines of a cluster that manage its swarm, as their records say.
 *
 * @param besides names of machines to leave out
 */
export const managersOf = (cluster: string, besides: readonly string[] = []): MachineRecord[] =>
  listMachines().filter(
    ({ spec, phase, swarm }) =>
      phase === "ready" &&
      spec.cluster === cluster &&
      swarm?.manager === true &&
      !besides.includes(spec.name),
  );
