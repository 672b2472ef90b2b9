/** Reads a file of variables; what is said of it names the file and the line. */
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "../../host/userError";
import { BadLine, parseEnvFile } from "./dotenv";
import type { Variables } from "./interpolate";
import { type Place, shownPath, unsetVariable, type Warning, wrong } from "./place";

export interface EnvFileUse {
  /** Where the file is named. */
  readonly place?: Place;
  /** Take values as they are, quotes and all. */
  readonly raw?: boolean;
  readonly warn?: (warning: Warning) => void;
}

/**
 * @param outside variables that come before those of the files
 * @param values of files before this one; it gets those of this one too
 */
export function readEnvFile(
  path: string,
  outside: Variables,
  values = new Map<string, string>(),
  { place, raw, warn = () => {} }: EnvFileUse = {},
): Map<string, string> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === "EISDIR"
        ? "it is a folder"
        : code === "EACCES"
          ? "it cannot be read"
          : "there is no such file of variables";
    const what = `${shownPath(path)}: ${why}`;
    throw place === undefined ? new UserError(what) : wrong(place, what);
  }
  const source = { name: shownPath(path), folder: dirname(path) };
  try {
    return parseEnvFile(text, outside, values, {
      raw,
      unset: (line, name) => warn(unsetVariable({ source, line }, name)),
    });
  } catch (error) {
    if (error instanceof BadLine) throw wrong({ source, line: error.line }, error.message);
    throw error;
  }
}
