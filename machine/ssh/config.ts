import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { run } from "../../host/run";
import { UserError } from "../../host/userError";
import type { MachineFiles } from "../paths";
import type { MachineRecord } from "../store";
import { type Login, loginOf } from "./login";

/** ssh_config(5): blanks need quotes, and `%` starts a token in paths. */
const quote = (path: string): string => `"${path.replaceAll("%", "%%")}"`;

/**
 * OpenSSH client configuration of a machine, for `ssh -F`. The host key is pinned under the machine's name. One connection
 * is kept and shared, as each new one costs an emulated guest a second or more; it ends by itself after ten quiet minutes.
 */
export function sshConfigText(machine: MachineRecord, files: MachineFiles): string {
  const login = loginOf(machine);
  if (machine.host === undefined)
    return block(`Host ${machine.spec.name} ${login.address}`, machine, login, files);
  // An existing host's address is also what its owner types, and it may stand for several machines behind one router:
  // only the login that DOCKER_HOST names is meant.
  const same = `Match originalhost ${login.address} user ${login.user} exec "test %p = ${login.port}"`;
  return `${block(`Host ${machine.spec.name}`, machine, login, files)}\n${block(same, machine, login, files)}`;
}

/** How a machine is logged in to, for what the line `head` matches. */
export function block(head: string, { spec }: MachineRecord, login: Login, files: MachineFiles): string {
  const lines = [
    head,
    `  HostName ${login.address}`,
    `  Port ${login.port}`,
    `  User ${login.user}`,
    `  IdentityFile ${quote(login.identity)}`,
    "  IdentitiesOnly yes",
    "  IdentityAgent none",
    // It is connected to directly, whatever a user's own configuration, which may be read after this one, says of all hosts.
    "  ProxyCommand none",
    `  UserKnownHostsFile ${quote(files.knownHosts)}`,
    "  GlobalKnownHostsFile /dev/null",
    `  HostKeyAlias ${spec.name}`,
    "  HostKeyAlgorithms ssh-ed25519",
    "  StrictHostKeyChecking yes",
    "  UpdateHostKeys no",
    "  PreferredAuthentications publickey",
    "  ControlMaster auto",
    `  ControlPath ${quote(files.control)}`,
    "  ControlPersist 600",
    "  ConnectTimeout 60",
    "  ServerAliveInterval 30",
    "  ServerAliveCountMax 10",
    "  LogLevel ERROR",
  ];
  return `${lines.join("\n")}\n`;
}

/** Writes ssh_config and known_hosts of a machine and makes the folder of its sockets. */
export function writeSshConfig(machine: MachineRecord, files: MachineFiles): void {
  ensureSocketsDir(files);
  writeFileSync(files.knownHosts, `${machine.spec.name} ${machine.hostKey}\n`, { mode: 0o600 });
  writeFileSync(files.sshConfig, sshConfigText(machine, files), { mode: 0o600 });
}

/** The folder of the sockets may be in /tmp: it must be ours alone. */
export function ensureSocketsDir(files: MachineFiles): void {
  mkdirSync(files.sockets, { recursive: true, mode: 0o700 });
  const at = statSync(files.sockets);
  if (files.sockets !== files.dir && (at.uid !== process.getuid?.() || (at.mode & 0o077) !== 0)) {
    throw new UserError(
      `${files.sockets} belongs to another user`,
      undefined,
      "use a shorter VMCLUSTER_HOME",
    );
  }
}

/** Ends the kept connection, if there is one. */
export async function closeConnection(name: string, files: MachineFiles): Promise<void> {
  await run("ssh", ["-F", files.sshConfig, "-O", "exit", name], { timeoutMs: 5000 }).catch(() => undefined);
}
