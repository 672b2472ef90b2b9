/**
 * The text of a configuration file after an edit: only what was set or removed is written anew. The rest stays to the letter,
 * since a date, `1e21` or a long line would come out as another text, and comments and quotes are the user's.
 */
import { randomUUID } from "node:crypto";
import { Document, isMap, isScalar, type Pair, type ScalarTag, visit, type YAMLMap } from "yaml";
import { goJson, parseConfigYaml } from "./configValue";

/** A scalar that is printed as it stood in the file. */
class Source {
  constructor(readonly text: string) {}
}

const asItStood: ScalarTag = {
  tag: "tag:yaml.org,2002:str",
  default: true,
  identify: (value) => value instanceof Source,
  resolve: (text) => text,
  stringify: ({ value }) => (value as Source).text,
};

/** The whole document printed anew; each plain value as it stood. */
function printed(edited: Document, indent = 2): string {
  const document = edited.clone() as Document;
  document.schema.tags.unshift(asItStood);
  visit(document, {
    Scalar(_, node) {
      const { source, type, tag } = node;
      if (
        source !== undefined &&
        source !== "" &&
        type === "PLAIN" &&
        tag === undefined &&
        node.value !== source
      )
        node.value = new Source(source);
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false, indent });
}

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** @param touched keys of `config` that were set or removed, and `encryptionsalt` */
export function editedText(original: string, edited: Document, touched: ReadonlySet<string>): string {
  const text = spliced(original, edited, touched);
  // Where there is no place for it, or the text would mean something else.
  if (text !== undefined && meansTheSame(text, edited)) return text;
  const whole = printed(edited);
  return meansTheSame(whole, edited) ? whole : edited.toString({ lineWidth: 0 });
}

function meansTheSame(text: string, edited: Document): boolean {
  const read = parseConfigYaml(text);
  return read.errors.length === 0 && goJson(read.toJS()) === goJson(edited.toJS());
}

function spliced(original: string, edited: Document, touched: ReadonlySet<string>): string | undefined {
  const before = parseConfigYaml(original).contents;
  const after = edited.contents;
  if (!isBlock(before) || !isBlock(after)) return undefined;
  const [old, now] = [before.get("config", true), after.get("config", true)];
  const edits: Edit[] = [];
  const end = original.trimEnd().length;
  const append = (pair: Pair, indent: number, at: number): void =>
    void edits.push({ from: at, to: at, text: `\n${snippet(edited, pair, indent)}` });
  const take = (holders: readonly [YAMLMap, YAMLMap], key: string, newAt: () => number): boolean => {
    const [was, is] = holders.map((holder) => holder.items.find((pair) => nameOf(pair) === key));
    const indent = columnOf(original, holders[0]);
    if (was === undefined) {
      if (is !== undefined) append(is, indent, newAt());
      return true;
    }
    const range = rangeOf(original, was);
    if (range === undefined) return false;
    if (is === undefined) edits.push({ ...wholeLines(original, range), text: "" });
    else edits.push({ ...range, text: snippet(edited, is, indent).slice(indent) });
    return true;
  };
  if (touched.has(salt) && !take([before, after], salt, () => end)) return undefined;
  const keys = [...touched].filter((key) => key !== salt);
  if (keys.length === 0) return applied(original, edits);
  if (old === undefined) {
    const config = after.items.find((pair) => nameOf(pair) === "config");
    if (config !== undefined) append(config, 0, end);
    return applied(original, edits);
  }
  if (!isBlock(old) || !isBlock(now)) return undefined;
  const last = old.items.at(-1);
  const lastRange = last && rangeOf(original, last);
  if (lastRange === undefined) return undefined;
  if (!keys.every((key) => take([old, now], key, () => lineEnd(original, lastRange.to)))) return undefined;
  return applied(original, edits);
}

const salt = "encryptionsalt";

const isBlock = (node: unknown): node is YAMLMap => isMap(node) && !node.flow && node.items.length > 0;

const nameOf = ({ key }: Pair): string => String(isScalar(key) ? key.value : key);

function columnOf(text: string, { range }: YAMLMap): number {
  const start = range?.[0] ?? 0;
  return start - (text.lastIndexOf("\n", start - 1) + 1);
}

/** From the key to the end of the value, without the comment behind it. */
function rangeOf(
  text: string,
  { key, value }: Pair,
): { readonly from: number; readonly to: number } | undefined {
  const from = (key as { range?: readonly number[] } | null)?.range?.[0];
  const to = (value as { range?: readonly number[] } | null)?.range?.[1];
  if (from === undefined || to === undefined) return undefined;
  return { from, to: from + text.slice(from, to).trimEnd().length };
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

const wholeLines = (text: string, { from, to }: { readonly from: number; readonly to: number }) => ({
  from: text.lastIndexOf("\n", from - 1) + 1,
  to: Math.min(text.length, lineEnd(text, to) + 1),
});

/** A pair by itself; the comments around it stay where they are. */
function snippet(edited: Document, pair: Pair, indent: number): string {
  const document = new Document({}, { schema: "core" });
  const alone = pair.clone() as Pair;
  for (const node of [alone.key, alone.value])
    if (isScalar(node)) {
      node.commentBefore = undefined;
      node.comment = undefined;
      node.spaceBefore = undefined;
    }
  const map = document.contents as unknown as YAMLMap;
  map.flow = false;
  map.items.push(alone as never);
  document.schema = edited.schema;
  return printed(document, indent || 2)
    .trimEnd()
    .split("\n")
    .map((line) => (line === "" ? line : " ".repeat(indent) + line))
    .join("\n");
}

function applied(text: string, edits: readonly Edit[]): string {
  // The first of several at one place comes first.
  const backwards = [...edits].reverse().sort((a, b) => b.from - a.from || b.to - a.to);
  let result = text;
  for (const { from, to, text: put } of backwards) result = result.slice(0, from) + put + result.slice(to);
  return result.endsWith("\n") ? result : `${result}\n`;
}

/** Whole numbers of any size keep their digits. */
export function jsonText(value: unknown): string {
  const mark = randomUUID();
  const marked = JSON.stringify(
    value,
    (_, inner: unknown) => (typeof inner === "bigint" ? `${mark}${inner}` : inner),
    4,
  );
  return `${marked.replaceAll(new RegExp(`"${mark}(-?\\d+)"`, "g"), "$1")}\n`;
}
