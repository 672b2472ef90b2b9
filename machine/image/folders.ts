import { readdirSync } from "node:fs";
import { imagesDir } from "../../host/home";

/** `node`: golden images. `system`: what they are baked of. `cloud`: pulled ones. Each is a folder `<kind>-<id>`. */
export type ImageKind = "node" | "system" | "cloud";

/** What is in the folder of images; nothing if there is none. */
export function entries(): string[] {
  try {
    return readdirSync(imagesDir()).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** Ids of the images of a kind. */
export const imageFolders = (kind: ImageKind): string[] =>
  entries()
    .filter((name) => name.startsWith(`${kind}-`))
    .map((name) => name.slice(kind.length + 1));
