import { createHash } from "node:crypto";
import { join } from "node:path";
import { machinesDir } from "../host/home";

/** Where everything of one machine is; docs/machine.md lists the files. */
export interface MachineFiles {
  readonly dir: string;
  /** What we know of the machine, JSON; see store.ts. */
  readonly record: string;
  /** Of the qemu driver. */
  readonly disk: string;
  /** Of the virtualbox driver. */
  readonly vdi: string;
  readonly seed: string;
  /** Private key that logs in. */
  readonly identity: string;
  /** The guest's private host key, made by us. */
  readonly hostKey: string;
  readonly knownHosts: string;
  readonly sshConfig: string;
  /** What the guest writes to its serial console. */
  readonly console: string;
  readonly pid: string;
  /** Folder of the sockets: the machine's own, or a short one in /tmp if that is too long for a socket's path. */
  readonly sockets: string;
  readonly qmp: string;
  readonly control: string;
}

/** A socket's path has at most 107 bytes, and ssh appends 17 to its control path while it makes it. */
const longestControlPath = 88;

/**
 * The folder for sockets that belong to `dir`: itself, or a short one in /tmp, the same for all processes of this user. Not in `XDG_RUNTIME_DIR`: that goes
 * when its user logs out, and machines do not. Anybody can make a folder in /tmp first: use it after `ensureSocketsDir` only (ssh/config.ts).
 *
 * @param longest the longest name of a socket in it
 */
export function socketsDir(dir: string, longest = "ssh.sock"): string {
  if (Buffer.byteLength(join(dir, longest)) <= longestControlPath) return dir;
  const key = createHash("sha256").update(dir).digest("hex").slice(0, 16);
  return `/tmp/vmcluster-${process.getuid?.() ?? 0}-${key}`;
}

export function machineFiles(name: string): MachineFiles {
  const dir = join(machinesDir(), name);
  const sockets = socketsDir(dir);
  return {
    dir,
    record: join(dir, "machine.json"),
    disk: join(dir, "disk.qcow2"),
    vdi: join(dir, "disk.vdi"),
    seed: join(dir, "seed.iso"),
    identity: join(dir, "id_ed25519"),
    hostKey: join(dir, "ssh_host_ed25519_key"),
    knownHosts: join(dir, "known_hosts"),
    sshConfig: join(dir, "ssh_config"),
    console: join(dir, "console.log"),
    pid: join(dir, "qemu.pid"),
    sockets,
    qmp: join(sockets, "qmp.sock"),
    control: join(sockets, "ssh.sock"),
  };
}

/** What the machines of a cluster share, beside their folders; the last of them takes it along. */
export interface ClusterFiles {
  /** OpenSSH client configuration: `ssh -F <sshConfig> <cluster>` logs in to a manager of its swarm that answers. */
  readonly sshConfig: string;
  /** The swarm's unlock key, mode 0600; only of a swarm that locks its managers. */
  readonly unlockKey: string;
  /** The condition that the last `swarm-ensure` was given (condition.ts); only if it was another one than `ok`. */
  readonly swarmCondition: string;
  /** Held while these are written. */
  readonly lock: string;
}

export function clusterFiles(cluster: string): ClusterFiles {
  const file = (ending: string): string => join(machinesDir(), `.${cluster}.${ending}`);
  return {
    sshConfig: file("ssh_config"),
    unlockKey: file("unlock_key"),
    swarmCondition: file("swarm_condition"),
    lock: file("files.lock"),
  };
}

/** Held while a machine is changed; beside its folder, which `rm` removes. */
export function machineLock(name: string): string {
  return join(machinesDir(), `.${name}.lock`);
}

/** Remembers a machine that was removed by hand; see store.ts. */
export function tombstoneFile(name: string): string {
  return join(machinesDir(), `.${name}.removed.json`);
}

/** Held while a node of a swarm restarts, or becomes a manager, or ceases to be one: those of a cluster do so one after the other. */
export function clusterLock(cluster: string): string {
  return join(machinesDir(), `.${cluster}.restart.lock`);
}

/** Held while addresses are given out. */
export function allocationLock(): string {
  return join(machinesDir(), ".addresses.lock");
}
