/** Folders in /tmp, where anybody may make one of any name first, as after a restart of the host. */
import { lstatSync, mkdirSync } from "node:fs";
import { UserError } from "./userError";

/** Whether it is a folder, no link to one, of this user, that nobody else may look into. In /tmp nobody else can then put another in its place. */
export function isPrivateFolder(folder: string): boolean {
  const at = lstatSync(folder, { throwIfNoEntry: false });
  return at?.isDirectory() === true && at.uid === process.getuid?.() && (at.mode & 0o077) === 0;
}

/**
 * Makes it unless it is there.
 *
 * @throws UserError if what is there is not this user's alone
 */
export function ensurePrivateFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  if (isPrivateFolder(folder)) return;
  throw new UserError(
    `${folder} belongs to another user, or others may look into it`,
    "the sockets of machines are in there, as VMCLUSTER_HOME is too long a path for them",
    "have it removed, or use a shorter VMCLUSTER_HOME",
  );
}
