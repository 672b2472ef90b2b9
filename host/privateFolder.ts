import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { home, imagesDir } from "./home";

/** Makes a folder, and those above that are missing: only their owner may enter them (mode 0700), whatever the umask is. Those that are there stay as they are. */
export function privateFolder(folder: string): string {
  const missing: string[] = [];
  for (let at = folder; !existsSync(at); at = dirname(at)) missing.unshift(at);
  for (const path of missing)
    try {
      mkdirSync(path, { mode: 0o700 });
      chmodSync(path, 0o700);
    } catch (error) {
      // Another process was first.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  return folder;
}

/** The same in the home; elsewhere, as where `VMCLUSTER_IMAGES` is shared, the umask says who may enter. */
export function makeFolder(folder: string): string {
  if (`${folder}${sep}`.startsWith(home() + sep)) return privateFolder(folder);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** A folder of the images. */
export const imagesFolder = (...below: string[]): string => makeFolder(join(imagesDir(), ...below));
