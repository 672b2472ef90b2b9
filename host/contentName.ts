/** Names of secrets and configs in a swarm, which tell their content. */
import { createHash, createHmac } from "node:crypto";

/** The stack's label does not count: the start of the name has it. */
export const namespaceLabel = "com.docker.stack.namespace";

/** Of a secret whose name stands for its content, by a key that only its stack knows: nobody else makes one of that name. */
export const keyedLabel = { name: "vmcluster.content", value: "keyed" } as const;

/** Of the hash, which follows a hyphen. */
export const digits = 12;

/**
 * @param start of the name
 * @param content as text
 * @param key of a secret: without one, whoever sees the name could try contents until one fits
 */
export function contentName(
  start: string,
  content: string,
  labels: Readonly<Record<string, string>>,
  key?: string,
): string {
  const { [namespaceLabel]: _, ...counted } = labels;
  const said = Object.entries(counted).sort(([a], [b]) => (a < b ? -1 : 1));
  const hash = key === undefined ? createHash("sha256") : createHmac("sha256", key);
  hash.update(`${start}\0${content}`);
  if (said.length > 0) hash.update(`\0${JSON.stringify(said)}`);
  return `${start}-${hash.digest("hex").slice(0, digits)}`;
}

/** Whether a secret's name stands for its content: one of the same name has the same. */
export const isKeyed = (labels: Readonly<Record<string, string>>): boolean =>
  labels[keyedLabel.name] === keyedLabel.value;
