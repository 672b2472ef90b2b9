import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** Docker's limit for the name of a secret or config. */
const longest = 64;
const digits = 12;

/**
 * A name that changes with the content: secrets and configs cannot be changed, so another content is another one, to which
 * the services roll before the old one goes. Secret if the content is.
 *
 * @param what it is for the error if the name is not allowed
 */
export function contentName(what: string, name: string, data: string): string {
  const allowed = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;
  const most = longest - digits - 1;
  if (!allowed.test(name) || name.length > most)
    throw new pulumi.RunError(
      `${what}: "${name}" is not allowed: it must be up to ${most} letters, digits, dots, hyphens and underscores, a letter or digit first and last`,
    );
  return `${name}-${createHash("sha256").update(`${name}\0${data}`).digest("hex").slice(0, digits)}`;
}
