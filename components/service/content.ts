import * as pulumi from "@pulumi/pulumi";
import { contentName, digits } from "../../host/contentName";
import { labelList } from "./containerSpec";

/** Docker's limit for the name of a secret or config. */
const longest = 64;

/** Docker wants at least one byte, and less than this (swarmkit's MaxSecretSize and MaxConfigSize; the same in Docker 20.10 and 26.1). */
const tooLarge = { secret: 500 * 1024, config: 1000 * 1024 };

/** What is wrong with the content's size, without the content; undefined if nothing is. */
export function sizeError(kind: "secret" | "config", data: string): string | undefined {
  const bytes = Buffer.byteLength(data);
  if (bytes > 0 && bytes < tooLarge[kind]) return undefined;
  const is = bytes === 0 ? "is empty" : `has ${bytes} bytes`;
  return `${is}: a ${kind} must have 1 to ${tooLarge[kind] - 1} bytes`;
}

/** What a secret or a config is told. */
export interface ContentArgs {
  readonly kind: "secret" | "config";
  /** The component, for errors. */
  readonly what: string;
  readonly data: pulumi.Input<string>;
  /** Start of its name. */
  readonly name: pulumi.Input<string>;
  readonly labels: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
}

/**
 * The same as the Docker plugin has it, with a name that changes with the content and the labels: secrets and configs cannot be changed, so another
 * content is another one, to which the services roll before the old one goes. The name is secret if the content is.
 */
export function contentInputs({ kind, what, data, name, labels }: ContentArgs) {
  const refuse = (field: string, text: string): never => {
    throw new pulumi.RunError(`${what}: ${field}: ${text}`);
  };
  const sized = (known: unknown): string => {
    if (typeof known !== "string") return refuse("data", "must be a text");
    const error = sizeError(kind, known);
    return error === undefined ? known : refuse("data", error);
  };
  const content = typeof data === "string" ? pulumi.output(sized(data)) : pulumi.output(data).apply(sized);
  const secret = kind === "secret" ? pulumi.secret(content) : content;
  const start = pulumi.output(name).apply((known) => {
    const most = longest - digits - 1;
    if (allowed.test(known) && known.length <= most) return known;
    const rule = `it must be up to ${most} letters, digits, dots, hyphens and underscores, a letter or digit first and last`;
    return refuse(`${kind}Name`, `"${known}" is not allowed: ${rule}`);
  });
  return {
    name: pulumi
      .all([start, secret, labels ?? {}])
      .apply(([begin, known, own]) => contentName(begin, known, own)),
    data: secret.apply((known) => Buffer.from(known).toString("base64")),
    labels: labels === undefined ? undefined : pulumi.output(labels).apply(labelList),
  };
}

const allowed = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;
