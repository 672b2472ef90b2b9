import { lstatSync, realpathSync, writeFileSync } from "node:fs";
import { replaceFile } from "./replaceFile";

/**
 * Writes a file that may hold secrets: only its owner may read it (mode 0600), also where there was one that others may read, or have open. What is no
 * file, as `/dev/stdout` or a pipe, is written to as it is.
 */
export function writePrivate(file: string, text: string): void {
  const at = lstatSync(file, { throwIfNoEntry: false });
  const target = at?.isSymbolicLink() ? realpathSync(file) : file;
  const there = at?.isSymbolicLink() ? lstatSync(target) : at;
  if (there === undefined || there.isFile()) replaceFile(target, text);
  else writeFileSync(target, text);
}
