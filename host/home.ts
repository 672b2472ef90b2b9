import { homedir } from "node:os";
import { join, resolve } from "node:path";

/**
 * The one folder everything is kept under: state, images, machines, keys.
 * `VMCLUSTER_HOME`, by default `~/.vmcluster`. Two homes don't know each other.
 */
export function home(): string {
  const chosen = process.env.VMCLUSTER_HOME;
  return chosen ? resolve(chosen) : join(homedir(), ".vmcluster");
}

/** Golden node images and service images, keyed by content. `VMCLUSTER_IMAGES` moves it out of the home (CI shares it). */
export function imagesDir(): string {
  const chosen = process.env.VMCLUSTER_IMAGES;
  return chosen ? resolve(chosen) : join(home(), "images");
}

/** One folder for each machine: record, disk, seed, keys, console. */
export function machinesDir(): string {
  return join(home(), "machines");
}

/** Root of the Pulumi file backend: `pulumi login file://<this>` sees the same stacks (they are in its `.pulumi` folder). */
export function backendDir(): string {
  return home();
}
