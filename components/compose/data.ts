/** The content of a secret or a config. */
import { readFileSync } from "node:fs";
import { UserError } from "../../host/userError";
import { sizeError } from "../service/content";
import type { Loaded } from "./load";
import { shownPath, wrong } from "./place";
import type { PlannedData, StackPlan } from "./plan";
import { placeOf } from "./tree";

/** What stands in the way of secrets and configs: `up` will refuse it, other verbs do without their content, as Docker's tools do. */
export function missingData(plan: StackPlan, loaded: Loaded): string[] {
  const missing: string[] = [];
  for (const section of ["secrets", "configs"] as const)
    for (const [key, data] of Object.entries(plan[section])) {
      if (data.external) continue;
      try {
        dataOf(section, key, data, loaded);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        missing.push(error.message);
      }
    }
  return missing;
}

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
