import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { UserError } from "../../host/userError";
import { readEnvFile } from "../compose/load";
import type { TaskArgs } from "./args";
import { type Checker, pairs, text } from "./checks";

/** Variables of the files, the later ones winning, and over them those of `env`. Files are read at once: what is wrong with one is said before anything is made. */
export function environment(
  { env, envFiles }: TaskArgs,
  check: Checker,
): pulumi.Output<Record<string, string>> {
  const files = check.now("envFiles", z.array(text).optional(), envFiles) ?? [];
  const read: Record<string, string> = Object.assign({}, ...files.map((file) => variablesOf(file, check)));
  return check.field("env", pairs, env ?? {}).apply((own) => ({ ...read, ...own }));
}

function variablesOf(file: string, check: Checker): Record<string, string> {
  try {
    return Object.fromEntries(readEnvFile(file, { get: (name) => process.env[name] }));
  } catch (error) {
    if (error instanceof UserError) check.refuse("envFiles", error.message);
    throw error;
  }
}
