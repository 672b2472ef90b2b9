import { homedir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { UserError } from "./userError";

/** apt refuses double quotes, the loader and mmdebstrap split at colons and semicolons, OpenSSH and apt read `\\` and `$`. */
const unusable = /["\\:;$\p{Cc}]/u;

function folder(variable: string, chosen: string | undefined, standard: string): string {
  const path = resolve(chosen || standard);
  const found = unusable.exec(path)?.[0];
  if (found === undefined) return path;
  throw new UserError(
    `${variable}: ${JSON.stringify(path)} has the character ${JSON.stringify(found)} in it`,
    'the programs that build and run machines cannot work in folders with any of " \\ : ; $ or control characters in their names',
    `set ${variable} to another folder`,
  );
}

/**
 * The one folder everything is kept under: state, images, machines, keys.
 * `VMCLUSTER_HOME`, by default `~/.vmcluster`. Two homes don't know each other.
 */
export function home(): string {
  // An empty HOME would mean the folder that one happens to be in.
  const user = homedir() || userInfo().homedir;
  return folder("VMCLUSTER_HOME", process.env.VMCLUSTER_HOME, join(user, ".vmcluster"));
}

/** Makes relative folders of the environment those of this process: what it starts, as programs and their machine commands, works in others. */
export function settleFolders(env: NodeJS.ProcessEnv = process.env): void {
  for (const name of ["VMCLUSTER_HOME", "VMCLUSTER_IMAGES"]) {
    const chosen = env[name];
    if (chosen) env[name] = resolve(chosen);
  }
}

/** Golden node images and service images, keyed by content. `VMCLUSTER_IMAGES` moves it out of the home (CI shares it). */
export function imagesDir(): string {
  const chosen = process.env.VMCLUSTER_IMAGES;
  return chosen ? folder("VMCLUSTER_IMAGES", chosen, "") : join(home(), "images");
}

/** One folder for each machine: record, disk, seed, keys, console. */
export function machinesDir(): string {
  return join(home(), "machines");
}

/** Root of the Pulumi file backend: `pulumi login file://<this>` sees the same stacks (they are in its `.pulumi` folder). */
export function backendDir(): string {
  return home();
}
