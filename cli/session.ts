/** What every command on a stack works with: the project, the backend, the passphrase and the stack itself. */
import { resolve } from "node:path";
import { backendRoot } from "./backend";
import type { Flags } from "./flags";
import { passphrase } from "./passphrase";
import { findProjectDir } from "./project";

export interface Session {
  readonly projectDir: string;
  readonly backendDir: string;
  readonly passphrase: string;
  /** Instead of Pulumi.<stack>.yaml. */
  readonly configFile?: string;
}

export function openSession(flags: Flags): Session {
  const projectDir = findProjectDir(flags.cwd ?? process.cwd());
  const backendDir = backendRoot(flags, projectDir);
  const configFile = flags.configFile === undefined ? undefined : resolve(flags.cwd ?? ".", flags.configFile);
  return { projectDir, backendDir, passphrase: passphrase(), configFile };
}
