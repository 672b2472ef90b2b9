/** Names of secrets and configs in a swarm, which tell their content. */
import { createHash } from "node:crypto";

/** The stack's label does not count: the start of the name has it. */
export const namespaceLabel = "com.docker.stack.namespace";

/** Of the hash, which follows a hyphen. */
export const digits = 12;

/**
 * @param start of the name
 * @param content as text
 */
export function contentName(
  start: string,
  content: string,
  labels: Readonly<Record<string, string>>,
): string {
  const { [namespaceLabel]: _, ...counted } = labels;
  const said = Object.entries(counted).sort(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash("sha256").update(`${start}\0${content}`);
  if (said.length > 0) hash.update(`\0${JSON.stringify(said)}`);
  return `${start}-${hash.digest("hex").slice(0, digits)}`;
}

/**
 * Whether that is the content's own name, by which no other content goes.
 *
 * @param data the content, as Docker's API has it: base64
 */
export function tellsContent(name: string, data: string, labels: Readonly<Record<string, string>>): boolean {
  const content = Buffer.from(data, "base64").toString("utf8");
  return contentName(name.slice(0, -digits - 1), content, labels) === name;
}
