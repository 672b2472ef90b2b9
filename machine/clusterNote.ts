/** One line of text that the machines of a cluster share, in a file of `clusterFiles`. */
import { readFileSync, rmSync } from "node:fs";
import { replaceFile } from "../host/replaceFile";

export function readNote(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** @param text undefined: there is none any more */
export function keepNote(file: string, text: string | undefined): void {
  if (text === undefined) rmSync(file, { force: true });
  else if (readNote(file) !== text) replaceFile(file, `${text}\n`);
}
