import { randomUUID } from "node:crypto";
import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";

/**
 * Replaces a file in one step: after a crash the old or the new one is there, never half of one.
 *
 * @param mode whatever the umask is. Default 0600: only its owner may read it.
 */
export function replaceFile(file: string, text: string, mode = 0o600): void {
  const temporary = `${file}.${randomUUID()}`;
  try {
    const fd = openSync(temporary, "wx", mode);
    try {
      fchmodSync(fd, mode);
      // Not writeSync, which writes what fits on a full disk and says nothing.
      writeFileSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
