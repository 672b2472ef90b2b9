/** A compose file as a tree whose every part knows its line: YAML with anchors, aliases, merge keys and the tags `!reset` and `!override`. */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { type Place, type Source, wrong } from "./place";

export type Tree = Leaf | Mapping | List;

interface Located {
  readonly place: Place;
  /** `reset`: what is there goes; `override`: it takes the place of what is there instead of being merged with it. */
  readonly tag?: "reset" | "override";
}

export interface Leaf extends Located {
  readonly kind: "leaf";
  readonly value: string | number | boolean | null;
}

export interface Mapping extends Located {
  readonly kind: "mapping";
  readonly entries: ReadonlyMap<string, Entry>;
}

export interface Entry {
  /** Where the key is. */
  readonly place: Place;
  readonly value: Tree;
}

export interface List extends Located {
  readonly kind: "list";
  readonly items: readonly Tree[];
}

/** Plain data, as YAML without places. */
export type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain };

export const isMapping = (tree: Tree | undefined): tree is Mapping => tree?.kind === "mapping";
export const isList = (tree: Tree | undefined): tree is List => tree?.kind === "list";
export const isLeaf = (tree: Tree | undefined): tree is Leaf => tree?.kind === "leaf";
export const isNull = (tree: Tree | undefined): boolean => isLeaf(tree) && tree.value === null;

/** Reads a file of one YAML document, a mapping. */
export function readTree(text: string, source: Source): Mapping {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: false, prettyErrors: false });
  const [error] = document.errors;
  if (error)
    throw wrong({ source, line: lines.linePos(error.pos[0]).line }, `is not valid YAML: ${error.message}`);
  if (document.contents === null) throw wrong({ source, line: 1 }, "is empty");
  const tree = new Reader(document, lines, source).read(document.contents);
  if (!isMapping(tree)) throw wrong(tree.place, "must be a mapping with `services`");
  return tree;
}

class Reader {
  constructor(
    private readonly document: Document,
    private readonly lines: LineCounter,
    private readonly source: Source,
  ) {}

  read(node: Node | null, fallback: Place = { source: this.source, line: 1 }): Tree {
    if (node === null) return { kind: "leaf", value: null, place: fallback };
    const place = this.placeOf(node, fallback);
    const tag = node.tag === "!reset" ? "reset" : node.tag === "!override" ? "override" : undefined;
    if (isAlias(node)) {
      const target = node.resolve(this.document);
      if (target === undefined) throw wrong(place, `*${node.source}: there is no anchor of this name`);
      return this.read(target as Node, place);
    }
    if (isMap(node)) {
      const entries = new Map<string, Entry>();
      const merged: Tree[] = [];
      for (const { key, value } of node.items) {
        const keyPlace = this.placeOf(key as Node, place);
        const name = isScalar(key) ? String(key.value) : undefined;
        if (name === undefined) throw wrong(keyPlace, "a key must be a text");
        const tree = this.read(value as Node | null, keyPlace);
        if (name === "<<") merged.push(...(isList(tree) ? tree.items : [tree]));
        else entries.set(name, { place: keyPlace, value: tree });
      }
      // What is written here wins, then what is merged first.
      for (const tree of merged) {
        if (!isMapping(tree)) throw wrong(tree.place, "<<: only mappings can be merged");
        for (const [name, entry] of tree.entries) if (!entries.has(name)) entries.set(name, entry);
      }
      return { kind: "mapping", entries, place, tag };
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => this.read(item as Node | null, place));
      return { kind: "list", items, place, tag };
    }
    if (isScalar(node)) return { kind: "leaf", value: scalar(node.value, node.source), place, tag };
    throw wrong(place, "cannot be read");
  }

  private placeOf(node: Node | null, fallback: Place): Place {
    const start = node?.range?.[0];
    return start === undefined ? fallback : { source: this.source, line: this.lines.linePos(start).line };
  }
}

/** Docker's tools take `0440` for an octal number, as YAML 1.1 does, and keep numbers that JavaScript cannot hold. */
function scalar(value: unknown, source: string | undefined): Leaf["value"] {
  if (typeof value === "number" && source !== undefined) {
    if (/^[-+]?0[0-7]+$/.test(source)) return Number.parseInt(source, 8);
    return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
      ? value
      : source;
  }
  if (typeof value === "bigint") return value.toString();
  return typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "boolean" ||
    value === null
    ? value
    : String(value);
}

export function plain(tree: Tree): Plain {
  if (isLeaf(tree)) return tree.value;
  if (isList(tree)) return tree.items.map(plain);
  return Object.fromEntries([...tree.entries].map(([key, { value }]) => [key, plain(value)]));
}

/** The tree with each leaf as `change` gives it. */
export function mapLeaves(tree: Tree, change: (leaf: Leaf) => Leaf): Tree {
  if (isLeaf(tree)) return change(tree);
  if (isList(tree)) return { ...tree, items: tree.items.map((item) => mapLeaves(item, change)) };
  const entries = [...tree.entries].map(
    ([key, entry]) => [key, { ...entry, value: mapLeaves(entry.value, change) }] as const,
  );
  return { ...tree, entries: new Map(entries) };
}

export const get = (tree: Tree | undefined, ...path: string[]): Tree | undefined =>
  path.reduce<Tree | undefined>(
    (found, key) => (isMapping(found) ? found.entries.get(key)?.value : undefined),
    tree,
  );

/** The mapping with one entry put in or changed; without it if there is no value. */
export function withEntry(mapping: Mapping, key: string, value: Tree | undefined): Mapping {
  const entries = new Map(mapping.entries);
  if (value === undefined) entries.delete(key);
  else entries.set(key, { place: entries.get(key)?.place ?? value.place, value });
  return { ...mapping, entries };
}

/** Where `path` is, or the part of it that is there. A name in a list is the item that starts with it, as `KEY=value`. */
export function placeOf(tree: Tree, path: readonly PropertyKey[]): Place {
  const [first, ...rest] = path;
  if (first === undefined) return tree.place;
  if (isMapping(tree)) {
    const entry = tree.entries.get(String(first));
    if (!entry) return tree.place;
    return rest.length === 0 ? entry.place : placeOf(entry.value, rest);
  }
  if (isList(tree)) {
    const item =
      typeof first === "number"
        ? tree.items[first]
        : tree.items.find((one) => isLeaf(one) && String(one.value).split(/[=:]/)[0] === first);
    return item ? placeOf(item, rest) : tree.place;
  }
  return tree.place;
}
