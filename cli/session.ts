/** What every command on a stack works with: the project, the backend, the passphrase and the stack itself. */
import { backendRoot } from "./backend";
import type { Flags } from "./flags";
import { passphrase } from "./passphrase";
import { findProjectDir } from "./project";

export interface Session {
  readonly projectDir: string;
  readonly backendDir: string;
  readonly passphrase: string;
}

export function openSession(flags: Flags): Session {
  const projectDir = findProjectDir(flags.cwd ?? process.cwd());
  const backendDir = backendRoot();
  return { projectDir, backendDir, passphrase: passphrase() };
}
