/**
 * What lets programs that start the system's `ssh` by themselves, as docker does for `DOCKER_HOST=ssh://…`, find the key, port and
 * pinned host key of every machine: OpenSSH configuration that includes each machine's own, and an `ssh` for a PATH that reads it
 * for machines, and only it: what a user's own configuration says of all hosts (`RemoteForward`, `SendEnv`) is not meant for
 * them. For other hosts it is the system's `ssh`. Nothing in it names a machine, so it is right for those that are made later.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { home, machinesDir } from "../../host/home";
import { privateFolder } from "../../host/privateFolder";
import { replaceFile } from "../../host/replaceFile";
import { shellWord } from "../../host/shellWord";
import { findProgram } from "../../host/tools";
import { UserError } from "../../host/userError";

export interface SshClientFiles {
  /** Folder to put first on PATH; holds nothing but `ssh`. */
  readonly folder: string;
  readonly program: string;
  /** The machines alone. */
  readonly machines: string;
}

export function sshClientFiles(): SshClientFiles {
  const dir = join(home(), "ssh");
  return {
    folder: join(dir, "bin"),
    program: join(dir, "bin", "ssh"),
    machines: join(dir, "machines"),
  };
}

/**
 * ssh_config's Include of a glob. Characters that the glob or ssh would read as something else stand for themselves as `?`,
 * which matches them.
 */
export const includeMachines = (): string =>
  `Include "${join(machinesDir()).replace(/[*?[\]{}%]/g, "?")}/*/ssh_config"`;

function replace(file: string, text: string, mode: number): void {
  try {
    if (readFileSync(file, "utf8") === text) return;
  } catch {
    // It is not there yet.
  }
  privateFolder(dirname(file));
  replaceFile(file, text, mode);
}

/** `ssh -G` tells what would be in force, without connecting; only machines have an alias for their host key here. */
const program = (ssh: string, machines: string): string => `#!/bin/sh
# Made by vmcluster for \`machine env\`: ssh that knows its machines too.
if ${ssh} -F ${machines} -G "$@" 2>/dev/null | grep -q '^hostkeyalias '; then
  exec ${ssh} -F ${machines} "$@"
fi
exec ${ssh} "$@"
`;

/** Writes these files as they must be; they are kept, and the same for all machines of this home. */
export function writeSshClient(): SshClientFiles {
  const files = sshClientFiles();
  // Our own one is first on PATH after `machine env`.
  const ssh = findProgram("ssh", files.folder);
  if (ssh === undefined) {
    throw new UserError("ssh is not installed", undefined, "install: apt-get install openssh-client");
  }
  replace(files.machines, `${includeMachines()}\n`, 0o600);
  replace(files.program, program(shellWord(ssh), shellWord(files.machines)), 0o755);
  return files;
}
