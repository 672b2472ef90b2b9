import { join, sep } from "node:path";
import { home, imagesDir } from "./home";
import { makeFolders } from "./makeFolders";

/** Makes a folder, and those above that are missing: only their owner may enter them (mode 0700), whatever the umask is. Those that are there stay as they are. */
export function privateFolder(folder: string): string {
  makeFolders(folder, 0o700);
  return folder;
}

/** The same in the home; elsewhere, as where `VMCLUSTER_IMAGES` is shared, the umask says who may enter. */
export function makeFolder(folder: string): string {
  if (`${folder}${sep}`.startsWith(home() + sep)) return privateFolder(folder);
  makeFolders(folder);
  return folder;
}

/** A folder of the images. */
export const imagesFolder = (...below: string[]): string => makeFolder(join(imagesDir(), ...below));
