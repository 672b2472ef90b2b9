import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { UserError } from "../../host/userError";
import { readEnvFile } from "../compose/envFile";
import { warningText } from "../compose/place";
import { isWaitedFor } from "../waitedFor";
import type { TaskArgs } from "./args";
import { type Checker, text } from "./checks";
import { variables } from "./schemas";

/** Variables of the files, the later ones winning, and over them those of `env`. Files are read at once: what is wrong with one is said before anything is made. */
export function environment(
  { env, envFiles }: TaskArgs,
  check: Checker,
): pulumi.Output<Record<string, string>> {
  const files = check.now("envFiles", z.array(text).optional(), envFiles) ?? [];
  variablesOf(files, (name) => knownNow(env, name), check);
  return check.field("env", variables, env ?? {}).apply((own) => ({
    ...variablesOf(
      files,
      (name) => own[name],
      check,
      (text) => void pulumi.log.warn(text),
    ),
    ...own,
  }));
}

/** Some text stands for what is known later: it may be there. */
function knownNow(env: TaskArgs["env"], name: string): string | undefined {
  if (env === undefined) return undefined;
  if (isWaitedFor(env)) return "later";
  const value = (env as Record<string, pulumi.Input<string>>)[name];
  return value === undefined || typeof value === "string" ? value : "later";
}

/** @param own variables of `env`, which the files see after those of the environment of `up` */
function variablesOf(
  files: readonly string[],
  own: (name: string) => string | undefined,
  check: Checker,
  warn: (text: string) => void = () => {},
): Record<string, string> {
  const found = new Map<string, string>();
  const outside = { get: (name: string) => process.env[name] ?? own(name) };
  try {
    for (const file of files)
      readEnvFile(file, outside, found, {
        warn: (warning) => warn(check.about("envFiles", warningText(warning))),
      });
  } catch (error) {
    if (error instanceof UserError) check.refuse("envFiles", error.message);
    throw error;
  }
  return Object.fromEntries(found);
}
