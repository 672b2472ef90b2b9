import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";

/** Replaces a file in one step: after a crash the old or the new one is there, never half of one. Only its owner may read it. */
export function replaceFile(file: string, text: string): void {
  const temporary = `${file}.${randomUUID()}`;
  const fd = openSync(temporary, "wx", 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, file);
}
