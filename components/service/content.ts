import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { labelList } from "./containerSpec";

/** Docker's limit for the name of a secret or config. */
const longest = 64;
const digits = 12;

/** What a secret or a config is told. */
export interface ContentArgs {
  readonly data: pulumi.Output<string>;
  /** Start of its name. */
  readonly name: pulumi.Input<string>;
  readonly labels: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
}

/**
 * The same as the Docker plugin has it, with a name that changes with the content: secrets and configs cannot be changed, so another
 * content is another one, to which the services roll before the old one goes. The name is secret if the content is.
 *
 * @param field of the name, for the error if it is not allowed
 */
export function contentInputs(field: string, { data, name, labels }: ContentArgs) {
  return {
    name: pulumi.all([name, data]).apply(([start, content]) => contentName(field, start, content)),
    data: data.apply((content) => Buffer.from(content).toString("base64")),
    labels: labels === undefined ? undefined : pulumi.output(labels).apply(labelList),
  };
}

function contentName(field: string, name: string, data: string): string {
  const allowed = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;
  const most = longest - digits - 1;
  if (!allowed.test(name) || name.length > most)
    throw new pulumi.RunError(
      `${field}: "${name}" is not allowed: it must be up to ${most} letters, digits, dots, hyphens and underscores, a letter or digit first and last`,
    );
  return `${name}-${createHash("sha256").update(`${name}\0${data}`).digest("hex").slice(0, digits)}`;
}
