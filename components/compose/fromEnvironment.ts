/** A variable of the environment, as `ComposeStack` sees it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { UserError } from "../../host/userError";
import { readEnvFile } from "./envFile";

/**
 * The value of a variable of the environment or, below it, of the file `.env` in a folder.
 *
 * @example
 * new SwarmSecret("token", { secretName: "token", data: fromEnvironment("TOKEN", __dirname) }, cluster.onSwarm);
 */
export function fromEnvironment(name: string, folder: string): string {
  const outside = { get: (key: string) => process.env[key] };
  const path = join(folder, ".env");
  const value = outside.get(name) ?? (existsSync(path) ? inFile(path, name, outside) : undefined);
  if (value === undefined) throw new pulumi.RunError(`the variable ${name} is not set`);
  return value;
}

function inFile(
  path: string,
  name: string,
  outside: { get(key: string): string | undefined },
): string | undefined {
  try {
    return readEnvFile(path, outside).get(name);
  } catch (error) {
    if (error instanceof UserError) throw new pulumi.RunError(error.message);
    throw error;
  }
}
