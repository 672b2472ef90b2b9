/** The content of a secret or a config. */
import { readFileSync } from "node:fs";
import { UserError } from "../../host/userError";
import type { Variables } from "./interpolate";
import { shownPath } from "./place";
import type { PlannedData } from "./plan";

export function dataOf({ name, file, environment, content }: PlannedData, variables: Variables): string {
  if (content !== undefined) return content;
  if (environment !== undefined) {
    const value = variables.get(environment);
    if (value === undefined) throw new UserError(`${name}: the variable ${environment} is not set`);
    return value;
  }
  const path = file as string;
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    throw new UserError(`${name}: the file ${shownPath(path)} cannot be read`);
  }
  const text = bytes.toString("utf8");
  if (!Buffer.from(text).equals(bytes))
    throw new UserError(`${name}: the file ${shownPath(path)} is not text (UTF-8)`);
  return text;
}
