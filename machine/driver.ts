import type { MachineSpec } from "./spec";
import type { MachineNetwork, MachineRecord } from "./store";

/**
 * `paused`: its process is there, but the hypervisor runs the guest no further, as when the host's disk is full.
 * `unreachable`: an existing host whose sshd does not answer.
 */
export const machineStates = ["running", "paused", "stopped", "absent", "unreachable"] as const;

export type MachineState = (typeof machineStates)[number];

/** Whether it has no process. */
export const isOff = (state: MachineState): boolean => state === "stopped" || state === "absent";

/** What a running machine was started with; differences from its spec are put right by stopping and starting it. */
export interface RunningHardware {
  /** Another one each time the machine is started. */
  readonly instance: string;
  readonly cpus: number;
  /** MiB. */
  readonly memory: number;
  /** What is wrong with its private network: `open` to other users of this host until it restarts, or `down`. */
  readonly privateNetwork?: "open" | "down";
}

/** What disks are cloned from. */
export interface DiskImage {
  /** Content hash. */
  readonly id: string;
  /** qcow2. */
  readonly disk: string;
  /** References of the service images loaded in it. */
  readonly images: readonly string[];
}

/** Built here: its file system fills the disk, and its kernel is started directly. */
export interface NodeImage extends DiskImage {
  readonly kernel: string;
  readonly initrd: string;
}

/** Pulled: an ordinary disk with partitions and a boot loader, in which cloud-init applies the seed. */
export interface CloudImage extends DiskImage {
  readonly name: string;
  /** GiB that its disk has, the least of a clone. */
  readonly gib: number;
}

export const isNodeImage = (image: DiskImage): image is NodeImage => "kernel" in image;

/**
 * What is done with every machine, whatever made it. Callers hold the machine's lock and have written its record, so whatever a driver
 * leaves when the process is killed is found again by the machine's name. Every method may be called again after that.
 */
export interface Driver {
  /** Rejects with a UserError if this host cannot run such machines at all, as when a program is missing. Changes nothing. */
  preflight(): Promise<void>;
  /**
   * Starts it with the CPUs, memory and ports of its spec; returns when the machine runs, before its system is up.
   * A paused one goes on; nothing to do on a running one.
   *
   * @throws UserError of an existing host that does not answer: nothing here can switch it on
   */
  start(machine: MachineRecord): Promise<void>;
  /**
   * Ends it at once, as pulling the plug does: shut the guest down first. Nothing to do on a stopped or absent one.
   *
   * @throws UserError of an existing host, which nothing here could start again
   */
  stop(name: string): Promise<void>;
  /** Only of existing hosts, in the place of stop and start: reboots it and returns when it answers SSH again. */
  restart?(machine: MachineRecord): Promise<void>;
  /**
   * Stops it and removes all that the driver made. Nothing to do if it is gone.
   *
   * @param force also if it cannot be reached: then what is there stays there
   */
  remove(name: string, force?: boolean): Promise<void>;
  /** What the machine is now, from this host's view; logs in to none. Asking may cost a process: don't in a tight loop. */
  state(name: string): Promise<MachineState>;
  /** Why it is paused or came to an end by itself, in the hypervisor's words; undefined if it says nothing of the kind. */
  trouble(name: string): Promise<string | undefined>;
  /** CPUs and memory it runs with; undefined if it is off. An existing host has what it has: undefined. */
  hardware(name: string): Promise<RunningHardware | undefined>;
}

/** Makes and runs virtual machines on this host. */
export interface VmDriver extends Driver {
  /**
   * Chooses the addresses of a new machine: none that another machine has, none on which a port of the spec cannot be had.
   * Changes nothing. The caller holds the allocation lock until it has recorded them.
   *
   * @throws UserError if there are none, naming what is in the way
   */
  addresses(spec: MachineSpec, machineId: string, others: readonly MachineRecord[]): Promise<MachineNetwork>;
  /**
   * Makes disk and seed, replacing what is there of a machine that never was ready. Does not start it.
   * After it returns, `state` is `stopped`.
   */
  create(machine: MachineRecord, image: NodeImage | CloudImage): Promise<void>;
  /** Writes network and identity again, for the next start. Only on a stopped machine. */
  reseed(machine: MachineRecord): Promise<void>;
  /** Grows the disk to at least so many GiB; only on a stopped machine. The guest grows its file system at its next start. */
  growDisk(name: string, gib: number): Promise<void>;
  /** Only of drivers whose private network needs a process of ours: starts it for a running machine unless it runs. */
  joinNetwork?(machine: MachineRecord): Promise<void>;
  /** Changes the forwarded ports of a running machine from one list to another. */
  forward(machine: MachineRecord, from: readonly number[], to: readonly number[]): Promise<void>;
}
