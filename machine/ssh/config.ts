import { mkdirSync, writeFileSync } from "node:fs";
import { run } from "../../host/run";
import { ensurePrivateFolder } from "../../host/socketFolder";
import type { MachineFiles } from "../paths";
import type { MachineRecord } from "../store";
import { type Login, loginOf } from "./login";

/** ssh_config(5): blanks need quotes, and `%` starts a token in paths. */
const quote = (path: string): string => `"${path.replaceAll("%", "%%")}"`;

/**
 * OpenSSH client configuration of a machine, for `ssh -F`. The host key is pinned under the machine's name. One connection
 * is kept and shared, as each new one costs an emulated guest a second or more; it ends by itself after ten quiet minutes.
 */
function sshConfigText(machine: MachineRecord, files: MachineFiles): string {
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
    "  ConnectTimeout 60",
    "  ServerAliveInterval 30",
    "  ServerAliveCountMax 10",
    "  LogLevel ERROR",
    ...(files.sockets === files.dir ? [] : [ifOurs(login, files)]),
    "  ControlMaster auto",
    `  ControlPath ${quote(files.control)}`,
    "  ControlPersist 600",
  ];
  return `${lines.join("\n")}\n`;
}

/**
 * A folder in /tmp may be somebody else's, who then could be the machine for us: ssh itself looks each time, and else keeps no connection.
 * By then the host's name, user and port are those of the login.
 */
function ifOurs({ address, user, port }: Login, { sockets }: MachineFiles): string {
  return `Match host ${address} user ${user} exec "test %p = ${port} && test -O ${sockets} && test ! -L ${sockets}"`;
}

/** Writes ssh_config and known_hosts of a machine and makes the folder of its sockets. */
export function writeSshConfig(machine: MachineRecord, files: MachineFiles): void {
  ensureSocketsDir(files);
  writeFileSync(files.knownHosts, `${machine.spec.name} ${machine.hostKey}\n`, { mode: 0o600 });
  writeFileSync(files.sshConfig, sshConfigText(machine, files), { mode: 0o600 });
}

/** Makes the folder of a machine's sockets, which may be in /tmp: it must be ours alone. */
export function ensureSocketsDir(files: MachineFiles): void {
  if (files.sockets === files.dir) mkdirSync(files.sockets, { recursive: true, mode: 0o700 });
  else ensurePrivateFolder(files.sockets);
}

/** Ends the kept connection, if there is one. */
export async function closeConnection(name: string, files: MachineFiles): Promise<void> {
  await run("ssh", ["-F", files.sshConfig, "-O", "exit", name], { timeoutMs: 5000 }).catch(() => undefined);
}
