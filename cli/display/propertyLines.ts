/**
 * Properties and what changes in them as lines, laid out as the Pulumi CLI does (pkg/backend/display/object_diff.go). Values
 * are plain: what is not to be shown or not known yet has a text that stands for it.
 */
import { isDeepStrictEqual } from "node:util";
import type { Colors } from "picocolors/types";

type Change = "+" | "-" | "~" | " ";
export type Properties = Readonly<Record<string, unknown>>;

/** All properties; with the mark of the change before each, unless it goes without saying. */
export function propertyLines(
  properties: Properties,
  indent: number,
  change: Change,
  marked: boolean,
  colors: Colors,
): string[] {
  return new Printer(colors).object(visible(properties), indent, change, marked);
}

export interface ChangeOptions {
  readonly colors: Colors;
  readonly indent: number;
  /** Top-level properties that somebody else found to differ, as the texts do not show it: of secrets, say. */
  readonly also?: readonly string[];
  /** Top-level properties that stay the same are left out. */
  readonly changesOnly?: boolean;
}

export function changedPropertyLines(
  allBefore: Properties,
  allAfter: Properties,
  { colors, indent, also = [], changesOnly = false }: ChangeOptions,
): string[] {
  const [before, after] = [visible(allBefore), visible(allAfter)];
  const same = (key: string): boolean =>
    changesOnly && isDeepStrictEqual(before[key], after[key]) && !also.includes(key);
  const pick = (all: Properties): Properties =>
    Object.fromEntries(Object.entries(all).filter(([key]) => !same(key)));
  return new Printer(colors).changes(pick(before), pick(after), indent, also);
}

class Printer {
  constructor(private readonly colors: Colors) {}

  object(properties: Properties, indent: number, change: Change, marked: boolean): string[] {
    const keys = Object.keys(properties).sort();
    const width = longest(keys);
    return keys.flatMap((key) =>
      this.titled(`${key.padEnd(width)}: `, properties[key], indent, change, marked),
    );
  }

  changes(before: Properties, after: Properties, indent: number, also: readonly string[]): string[] {
    const all = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    const keys = all.filter((key) => {
      if (!isDeepStrictEqual(before[key], after[key]) || also.includes(key)) return true;
      return !isEmpty(after[key]);
    });
    const width = longest(keys);
    return keys.flatMap((key) =>
      this.change(`${key.padEnd(width)}: `, before[key], after[key], indent, also.includes(key)),
    );
  }

  /** @param deeper what is within stands that much further to the right, as in the elements of a list */
  private change(
    title: string,
    was: unknown,
    is: unknown,
    indent: number,
    differs: boolean,
    deeper = 0,
  ): string[] {
    const whole = (value: unknown, change: Change): string[] =>
      this.titled(title, value, indent, change, change !== " ", deeper);
    if (isDeepStrictEqual(was, is)) {
      if (!differs) return whole(is, " ");
      if (was !== "[secret]") return whole(is, "~");
    } else if (was === undefined || (isEmpty(was) && !isPrimitive(is))) return whole(is, "+");
    else if (is === undefined || (isEmpty(is) && !isPrimitive(was))) return whole(was, "-");
    const inner = indent + deeper;
    const open = (text: string): string => this.line(indent, "~", true, title + text);
    const close = (text: string): string => this.line(inner, "~", false, text);
    if (Array.isArray(was) && Array.isArray(is)) {
      const elements = Array.from({ length: Math.max(was.length, is.length) }, (_, index) => index);
      return [open("["), ...elements.flatMap((index) => this.element(index, was, is, inner + 1)), close("]")];
    }
    if (isAsset(was) && isAsset(is) && was[signature] === is[signature]) {
      if (!isObject(was.assets) || !isObject(is.assets)) return [open(assetText(was, is))];
      const members = this.changes(quotedNames(was.assets), quotedNames(is.assets), inner + 1, []);
      return [open(assetText(was, is)), ...members, close("}")];
    }
    if (isObject(was) && isObject(is) && !isAsset(was) && !isAsset(is))
      return [open("{"), ...this.changes(was, is, inner + 1, []), close("}")];
    if (isPrimitive(was) && isPrimitive(is)) {
      const text = this.textChange(title, was, is, indent, deeper);
      return text ?? [open(`${this.paint("-", primitive(was))} => ${this.paint("+", primitive(is))}`)];
    }
    return [...whole(was, "-"), ...whole(is, "+")];
  }

  private element(index: number, was: readonly unknown[], is: readonly unknown[], indent: number): string[] {
    const title = `[${index}]: `;
    if (index >= was.length) return this.titled(title, is[index], indent, "+", true, 1);
    if (index >= is.length) return this.titled(title, was[index], indent, "-", true, 1);
    return this.change(title, was[index], is[index], indent, false, 1);
  }

  /** Documents and texts of several lines: what changes in them. */
  private textChange(
    title: string,
    was: unknown,
    is: unknown,
    indent: number,
    deeper: number,
  ): string[] | undefined {
    if (typeof was !== "string" || typeof is !== "string") return undefined;
    const [before, after] = [document(was), document(is)];
    if (before && after && !isDeepStrictEqual(before, after))
      return this.change(`${title}(json) `, before, after, indent, false, deeper);
    if (!was.includes("\n") && !is.includes("\n")) return undefined;
    const lines = changedLines(was.split("\n"), is.split("\n"));
    return [
      this.line(indent, "~", true, title.trimEnd()),
      ...lines.map(([change, text]) => this.line(indent + deeper + 1, change, change !== " ", text)),
    ];
  }

  private titled(
    title: string,
    value: unknown,
    indent: number,
    change: Change,
    marked: boolean,
    deeper = 0,
  ): string[] {
    const close = (text: string): string => this.line(indent + deeper, change, false, text);
    const open = (text: string): string => this.line(indent, change, marked, title + text);
    const inner = indent + deeper;
    if (Array.isArray(value)) {
      if (value.length === 0) return [open("[]")];
      const elements = value.flatMap((element, index) =>
        this.titled(`    [${index}]: `, element, inner, change, marked, 1),
      );
      return [open("["), ...elements, close("]")];
    }
    if (isAsset(value)) {
      if (!isObject(value.assets)) return [open(assetText(value, value))];
      const members = this.object(quotedNames(value.assets), inner + 1, change, marked);
      return [open(assetText(value, value)), ...members, close("}")];
    }
    if (isObject(value)) {
      if (Object.keys(value).length === 0) return [open("{}")];
      return [open("{"), ...this.object(value, inner + 1, change, marked), close("}")];
    }
    const json = typeof value === "string" ? document(value) : undefined;
    if (json) return this.titled(`${title}(json) `, json, indent, change, marked, deeper);
    return [open(primitive(value))];
  }

  private line(indent: number, change: Change, marked: boolean, text: string): string {
    const space = "    ".repeat(indent);
    return this.paint(change, `${marked && space ? `${space.slice(0, -2)}${change} ` : space}${text}`);
  }

  private paint(change: Change, text: string): string {
    const { green, red, yellow } = this.colors;
    return { "+": green, "-": red, "~": yellow, " ": (same: string) => same }[change](text);
  }
}

/** Without what providers note down for themselves (`__defaults`), which the Pulumi CLI does not show either. */
function visible(properties: Properties): Properties {
  const clean = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(clean);
    return isObject(value) ? visible(value) : value;
  };
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([key]) => !key.startsWith("__"))
      .map(([key, value]) => [key, clean(value)]),
  );
}

const longest = (keys: readonly string[]): number => Math.max(0, ...keys.map((key) => key.length));

const isObject = (value: unknown): value is Properties =>
  value !== null && typeof value === "object" && !Array.isArray(value);
const isPrimitive = (value: unknown): boolean => value === null || typeof value !== "object";

/** Says nothing: not shown where it has not changed. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

const stand: Readonly<Record<string, string>> = { "[secret]": "[secret]", "output<string>": "[unknown]" };

const primitive = (value: unknown): string =>
  value === null || value === undefined ? "<null>" : (stand[String(value)] ?? JSON.stringify(value));

/** The object or list that a text is the JSON of. */
function document(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

/** The signature of an asset or archive in states and messages (sdk/go/common/resource/sig). */
const signature = "4dabf18193072939515e22adb298388d";
const archive = "0def7320c3a5731c473e5ecbe6d01bc7";

const isAsset = (value: unknown): value is Properties => isObject(value) && signature in value;

const quotedNames = (assets: Properties): Properties =>
  Object.fromEntries(Object.entries(assets).map(([name, asset]) => [JSON.stringify(name), asset]));

function assetText(was: Properties, is: Properties): string {
  const kind = is[signature] === archive ? "archive" : "asset";
  const both = (name: string, cut?: number): string => {
    const [before, after] = [was, is].map((asset) => String(asset[name] ?? "").slice(0, cut));
    return before === after ? `${after}` : `${before}->${after}`;
  };
  const hash = both("hash", 7);
  if ("assets" in is) return `${kind}(assets:${hash}) {`;
  if ("text" in is) return `${kind}(text:${hash}) { <contents elided> }`;
  if ("path" in is) return `${kind}(file:${hash}) { ${both("path")} }`;
  return `${kind}(uri:${hash}) { ${both("uri")} }`;
}

/** Lines that are the same around a change are shown as far as these. */
const around = 2;

function changedLines(was: readonly string[], is: readonly string[]): (readonly [Change, string])[] {
  let start = 0;
  while (start < was.length && start < is.length && was[start] === is[start]) start++;
  let end = 0;
  while (
    end < was.length - start &&
    end < is.length - start &&
    was[was.length - 1 - end] === is[is.length - 1 - end]
  )
    end++;
  const same = (lines: readonly string[]) => lines.map((line) => [" ", line] as const);
  const dots = [[" ", "..."] as const];
  // Dots for one line would be as long as the line.
  const [cutAbove, cutBelow] = [start > around + 1, end > around + 1];
  const above = same(is.slice(cutAbove ? start - around : 0, start));
  const below = same(is.slice(is.length - end, cutBelow ? is.length - end + around : undefined));
  return [
    ...(cutAbove ? dots : []),
    ...above,
    ...was.slice(start, was.length - end).map((line) => ["-", line] as const),
    ...is.slice(start, is.length - end).map((line) => ["+", line] as const),
    ...below,
    ...(cutBelow ? dots : []),
  ].filter(([, line]) => line.trim() !== "");
}
