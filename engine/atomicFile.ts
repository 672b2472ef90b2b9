/** Files that are never half-written: written beside, flushed to disk, then renamed over the old one. */
import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { privateFolder } from "../host/privateFolder";

/**
 * @param content text, or its parts one after the other
 * @param mode of a new file; an existing one gets it too. Default 0600.
 */
export async function writeAtomically(
  path: string,
  content: string | readonly Buffer[],
  mode = 0o600,
): Promise<void> {
  const folder = dirname(path);
  privateFolder(folder);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const file = await open(temporary, "wx", mode);
    try {
      for (const part of typeof content === "string" ? [content] : content) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** The rename itself survives a power cut only when its folder is flushed too. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
