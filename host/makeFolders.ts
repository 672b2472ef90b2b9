import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "./userError";

/**
 * Makes a folder and those above that are missing, from the top: Node.js itself (`recursive`) tries for ever where none can
 * be made, as below /proc. Throws {@link UserError} there.
 *
 * @param mode of those that it makes, whatever the umask is; by default the umask says it
 */
export function makeFolders(folder: string, mode?: number): void {
  const missing: string[] = [];
  for (let at = folder; !existsSync(at) && at !== dirname(at); at = dirname(at)) missing.unshift(at);
  for (const path of missing)
    try {
      mkdirSync(path, { mode });
      if (mode !== undefined) chmodSync(path, mode);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // Another process was first.
      if (code === "EEXIST") continue;
      if (code !== "ENOENT" && code !== "ENOTDIR") throw error;
      throw new UserError(`cannot make the folder ${folder}`, message, "choose a folder that is on a disk");
    }
}
