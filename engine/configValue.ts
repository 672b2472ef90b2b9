/**
 * Values of configuration as programs get them: text, objects and lists as JSON. The Pulumi CLI writes them with Go's libraries;
 * here they come out the same to the letter, as stacks hold what is made of them: whole numbers with all their digits, keys
 * sorted, `<`, `>` and `&` escaped. Specified by sdk/go/common/resource/config (object, plaintext) and Go's yaml.v3.
 */
import { parseDocument, type ScalarTag } from "yaml";

const leastInteger = -(2n ** 63n);
const mostInteger = 2n ** 63n - 1n;
const mostUnsigned = 2n ** 64n - 1n;

/** Whole numbers that YAML 1.2 does not know and yaml.v3 does: `017`, `0b101`, `1_000`. */
const integers: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  format: "GO",
  test: /^[-+]?(0[bB][01_]+|0[oO]?[0-7_]+|0[xX][0-9a-fA-F_]+|[1-9][0-9_]*_[0-9_]*)$/,
  resolve: (text) => {
    const [, sign, digits = ""] = /^([-+]?)(.*)$/.exec(text.replaceAll("_", "")) ?? [];
    const value = BigInt(digits.replace(/^0(?=\d)/, "0o"));
    return sign === "-" ? -value : value;
  },
  identify: (value) => typeof value === "bigint",
  stringify: ({ source, value }) => source ?? String(value),
};

/** A day is a time for yaml.v3, and is given to programs as Go prints it. */
const days: ScalarTag = {
  tag: "tag:yaml.org,2002:timestamp",
  default: true,
  test: /^\d{4}-\d{2}-\d{2}$/,
  resolve: (text) => `${text} 00:00:00 +0000 UTC`,
};

/** The document of a file; whole numbers in it are bigints. */
export function parseConfigYaml(text: string): ReturnType<typeof parseDocument> {
  return parseDocument(text, {
    intAsBigInt: true,
    merge: true,
    customTags: (tags) => [integers, days, ...tags],
  });
}

/** @param value of {@link parseConfigYaml}, decrypted */
export function configText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  if (typeof value === "bigint" && value > mostInteger && value <= mostUnsigned) return String(value);
  return goJson(value);
}

/** JSON as Go writes it. */
export function goJson(value: unknown): string {
  if (typeof value === "bigint")
    return value >= leastInteger && value <= mostInteger ? String(value) : JSON.stringify(Number(value));
  if (Array.isArray(value)) return `[${value.map(goJson).join()}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value)
      .map(([key, inner]) => ({ bytes: Buffer.from(key), text: `${goText(key)}:${goJson(inner)}` }))
      .sort((a, b) => Buffer.compare(a.bytes, b.bytes));
    return `{${members.map(({ text }) => text).join()}}`;
  }
  return typeof value === "string" ? goText(value) : (JSON.stringify(value) ?? "null");
}

const escaped = new Map(
  ["<", ">", "&", "\u2028", "\u2029"].map((character) => [
    character,
    `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  ]),
);

function goText(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => escaped.get(character) ?? character,
  );
}

/** JSON, whole numbers of any size as bigints. Throws SyntaxError. */
export function parseGoJson(text: string): unknown {
  JSON.parse(text);
  return parseDocument(text, { intAsBigInt: true, schema: "json" }).toJS();
}
