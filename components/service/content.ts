import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { digits, keyedLabel, contentName as nameOfContent } from "../../host/contentName";
import { Checker, pairs } from "./checks";
import { labelList } from "./containerSpec";

/** Names of secrets and configs. */
export const allowed = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;

/** Docker's limit for the name of a secret or config. */
export const longest = 64;

/** Docker wants at least one byte, and less than this (swarmkit's MaxSecretSize and MaxConfigSize; the same in Docker 20.10 and 26.1). */
const tooLarge = { secret: 500 * 1024, config: 1000 * 1024 };

/** What is wrong with the content's size, without the content; undefined if nothing is. */
export function sizeError(kind: "secret" | "config", data: string): string | undefined {
  const bytes = Buffer.byteLength(data);
  if (bytes > 0 && bytes < tooLarge[kind]) return undefined;
  const is = bytes === 0 ? "is empty" : `has ${bytes} bytes`;
  return `${is}: a ${kind} must have 1 to ${tooLarge[kind] - 1} bytes`;
}

/** The content as an argument. A message never shows it. */
export const contentOf = (kind: "secret" | "config") =>
  z.string().superRefine((data, context) => {
    const message = sizeError(kind, data);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

const longestStart = longest - digits - 1;

/** Start of the name as an argument. */
export const contentName = z
  .string()
  .refine(
    (name) => allowed.test(name) && name.length <= longest,
    `is not allowed: it must be up to ${longest} letters, digits, dots, hyphens and underscores, a letter or digit first and last`,
  );

/** The name, or what there is room for before the hash of the content: then a hash of its own stands for the rest. */
function beforeHash(name: string): string {
  if (name.length <= longestStart) return name;
  const rest = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, longestStart - rest.length - 1)}-${rest}`;
}

const keyed = { [keyedLabel.name]: keyedLabel.value };

/** What a secret or a config is told. */
export interface ContentArgs {
  readonly kind: "secret" | "config";
  /** The component, for errors. */
  readonly what: string;
  readonly data: pulumi.Input<string>;
  /** Start of its name. */
  readonly name: pulumi.Input<string>;
  readonly labels: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /** Of a secret's name: a secret of the stack. */
  readonly key?: pulumi.Output<string>;
}

/**
 * The same as the Docker plugin has it, with a name that changes with the content and the labels: secrets and configs cannot be changed, so another
 * content is another one, to which the services roll before the old one goes. The name is secret if the content is.
 */
export function contentInputs({ kind, what, data, name, labels, key }: ContentArgs) {
  const check = new Checker(what);
  const content = check.field("data", contentOf(kind), data);
  const secret = kind === "secret" ? pulumi.secret(content) : content;
  const start = check.field(`${kind}Name`, contentName, name).apply(beforeHash);
  return {
    name: pulumi
      .all([start, secret, labels ?? {}, key])
      .apply(([begin, known, own, by]) => nameOfContent(begin, known, own, by)),
    data: secret.apply((known) => Buffer.from(known).toString("base64")),
    labels:
      key === undefined
        ? check.optional("labels", pairs, labels, labelList)
        : check.field("labels", pairs, labels ?? {}).apply((own) => labelList({ ...own, ...keyed })),
  };
}
