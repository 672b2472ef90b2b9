import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { home } from "../host/home";
import { privateFolder } from "../host/privateFolder";
import { UserError } from "../host/userError";

/**
 * Passphrase that the secrets in state and config are encrypted with: `PULUMI_CONFIG_PASSPHRASE`, or the content of the file
 * `PULUMI_CONFIG_PASSPHRASE_FILE`, else `VMCLUSTER_HOME/passphrase`, which is made at first use (random, mode 0600).
 */
export function passphrase(env: NodeJS.ProcessEnv = process.env): string {
  // An empty passphrase is a passphrase: Pulumi asks whether the variable is set.
  if (env.PULUMI_CONFIG_PASSPHRASE !== undefined) return env.PULUMI_CONFIG_PASSPHRASE;
  const named = env.PULUMI_CONFIG_PASSPHRASE_FILE;
  if (named) {
    const content = read(named);
    if (content === undefined) throw new UserError(`PULUMI_CONFIG_PASSPHRASE_FILE: ${named} does not exist`);
    return content;
  }
  const own = join(home(), "passphrase");
  return read(own) ?? make(own);
}

function read(file: string): string | undefined {
  try {
    // Pulumi trims the file's white space too.
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new UserError(
      `cannot read the passphrase: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Written beside and linked into place: of two first runs both get the one that won, and nobody sees half a file. */
function make(file: string): string {
  privateFolder(home());
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return read(file) ?? make(file);
}
