/** The content of a secret or a config. */
import { readFileSync } from "node:fs";
import { sizeError } from "../service/content";
import type { Loaded } from "./load";
import { shownPath, wrong } from "./place";
import type { PlannedData } from "./plan";
import { placeOf } from "./tree";

/** @throws UserError that names the line, if it cannot be had or is not what a swarm takes */
export function dataOf(
  section: "secrets" | "configs",
  key: string,
  { file, environment, content }: PlannedData,
  { tree, variables }: Loaded,
): string {
  const refuse = (field: string, text: string): Error =>
    wrong(placeOf(tree, [section, key, field]), `${section}.${key}.${field}: ${text}`);
  const sized = (field: string, what: string, data: string): string => {
    const error = sizeError(section === "secrets" ? "secret" : "config", data);
    if (error !== undefined) throw refuse(field, `${what} ${error}`);
    return data;
  };
  if (content !== undefined) return sized("content", "it", content);
  if (environment !== undefined) {
    const value = variables.get(environment);
    if (value === undefined) throw refuse("environment", `the variable ${environment} is not set`);
    return sized("environment", `the variable ${environment}`, value);
  }
  const path = file as string;
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    throw refuse("file", `the file ${shownPath(path)} cannot be read`);
  }
  const text = bytes.toString("utf8");
  if (!Buffer.from(text).equals(bytes))
    throw refuse("file", `the file ${shownPath(path)} is not text (UTF-8)`);
  return sized("file", `the file ${shownPath(path)}`, text);
}
