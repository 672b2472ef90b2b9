/** A compose file as a tree whose every part knows its line: YAML with anchors, aliases, merge keys and the tags `!reset` and `!override`. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
} from "yaml";
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
  /** It was a relative path of a folder on the node. */
  readonly relative?: true;
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

/** How many values a file may have once its aliases stand for themselves. */
const mostValues = 500_000;
/** How deep a value may stand in others. */
const deepest = 200;

/** Reads a file: its YAML documents, each a mapping. */
export function readTrees(text: string, source: Source): Mapping[] {
  const lines = new LineCounter();
  const documents = parsed(text, lines, source);
  const reader = new Reader(lines, source);
  const trees = documents.flatMap((document) => {
    const [error] = document.errors;
    if (error)
      throw wrong({ source, line: lines.linePos(error.pos[0]).line }, `is not valid YAML: ${error.message}`);
    if (document.contents === null) return [];
    const tree = reader.document(document.contents as Node);
    if (isNull(tree)) return [];
    if (!isMapping(tree)) throw wrong(tree.place, "must be a mapping with `services`");
    return [tree];
  });
  if (trees.length === 0) throw wrong({ source, line: 1 }, "is empty");
  return trees;
}

function parsed(text: string, lines: LineCounter, source: Source): Document[] {
  try {
    return parseAllDocuments(text, {
      lineCounter: lines,
      merge: false,
      prettyErrors: false,
      uniqueKeys: false,
    }) as Document[];
  } catch (error) {
    // The library reads what is nested by calling itself.
    if (error instanceof RangeError) throw wrong({ source, line: 1 }, "is nested too deeply");
    throw error;
  }
}

/** What an anchor stands for, once it is read. */
interface Anchor {
  tree?: Tree;
}

/** Trees do not change, so an alias is the tree of its anchor: reading takes as long as the file, not as what it stands for. */
class Reader {
  private values = 0;
  private depth = 0;
  private readonly anchors = new Map<string, Anchor>();
  /** How many values each tree with an anchor stands for. */
  private readonly sizes = new Map<Anchor, number>();

  constructor(
    private readonly lines: LineCounter,
    private readonly source: Source,
  ) {}

  /** Anchors are those of the whole file, as Docker's tools have it. */
  document(node: Node): Tree {
    return this.read(node, { source: this.source, line: 1 });
  }

  private read(node: Node | null, fallback: Place): Tree {
    if (node === null) return { kind: "leaf", value: null, place: fallback };
    const place = this.placeOf(node, fallback);
    if (isAlias(node)) return this.aliased(node.source, place);
    const before = this.values;
    this.count(1, place);
    const { anchor: name } = node as { anchor?: string };
    const anchor: Anchor = {};
    // From here on the name means this one, also where it is read after others of its name in it.
    if (name !== undefined) this.anchors.set(name, anchor);
    if (++this.depth > deepest) throw wrong(place, "is nested too deeply");
    const tree = this.value(node, place);
    this.depth--;
    anchor.tree = tree;
    if (name !== undefined) this.sizes.set(anchor, this.values - before);
    return tree;
  }

  private aliased(name: string, place: Place): Tree {
    const anchor = this.anchors.get(name);
    if (anchor === undefined) throw wrong(place, `*${name}: there is no anchor of this name`);
    if (anchor.tree === undefined) throw wrong(place, `*${name} contains itself`);
    this.count(this.sizes.get(anchor) ?? 1, place);
    return anchor.tree;
  }

  private count(values: number, place: Place): void {
    this.values += values;
    if (this.values > mostValues)
      throw wrong(
        place,
        `up to here the file has more than ${mostValues} values, as its aliases stand for many`,
      );
  }

  private value(node: Node, place: Place): Tree {
    const tag = node.tag === "!reset" ? "reset" : node.tag === "!override" ? "override" : undefined;
    if (isMap(node)) return { kind: "mapping", entries: this.entries(node, place), place, tag };
    if (isSeq(node)) {
      const items = node.items.map((item) => this.read(item as Node | null, place));
      return { kind: "list", items, place, tag };
    }
    if (isScalar(node)) {
      const none = tag !== undefined && node.type === "PLAIN" && /^(null|~|)$/i.test(node.source ?? "");
      const value = none ? null : scalar(node.value, node.source);
      return { kind: "leaf", value, place, tag };
    }
    throw wrong(place, "cannot be read");
  }

  private entries(node: YAMLMap, place: Place): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    const merged: Tree[] = [];
    for (const { key, value } of node.items) {
      const keyPlace = this.placeOf(key as Node, place);
      const name = this.key(key as Node, keyPlace);
      // `? key` without a value, or `key` alone in braces, has none.
      const tree = this.read((value ?? null) as Node | null, keyPlace);
      if (isScalar(key) && key.value === "<<" && key.type === "PLAIN")
        merged.push(...(isList(tree) ? tree.items : [tree]));
      else {
        if (entries.has(name))
          throw wrong(keyPlace, `is not valid YAML: Map keys must be unique: ${name} is there twice`);
        entries.set(name, { place: keyPlace, value: tree });
      }
    }
    // What is written here wins, then what is merged first.
    for (const tree of merged) {
      if (!isMapping(tree)) throw wrong(tree.place, "<<: only mappings can be merged");
      for (const [name, entry] of tree.entries) if (!entries.has(name)) entries.set(name, entry);
    }
    return entries;
  }

  private key(key: Node, place: Place): string {
    if (isAlias(key)) {
      const tree = this.aliased(key.source, place);
      if (isLeaf(tree) && tree.value !== null) return String(tree.value);
    }
    if (!isScalar(key)) throw wrong(place, "a key must be a text");
    const name = keyText(key);
    if (key.anchor !== undefined)
      this.anchors.set(key.anchor, { tree: { kind: "leaf", value: name, place } });
    return name;
  }

  private placeOf(node: Node | null, fallback: Place): Place {
    const start = node?.range?.[0];
    return start === undefined ? fallback : { source: this.source, line: this.lines.linePos(start).line };
  }
}

/** As it is written: `1.0` and `0x1F` are names too. */
const keyText = (key: Scalar): string =>
  typeof key.value === "string" ? key.value : (key.source ?? String(key.value));

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
  // Unlike an assignment, this makes a field of `__proto__`.
  return Object.fromEntries([...tree.entries].map(([key, { value }]) => [key, plain(value)]));
}

/** The tree with each leaf as `change` gives it. What stands in several places is changed once. */
export function mapLeaves(tree: Tree, change: (leaf: Leaf) => Leaf, done = new Map<Tree, Tree>()): Tree {
  const before = done.get(tree);
  if (before !== undefined) return before;
  const result = isLeaf(tree)
    ? change(tree)
    : isList(tree)
      ? { ...tree, items: tree.items.map((item) => mapLeaves(item, change, done)) }
      : mapEntries(tree, ({ value }) => mapLeaves(value, change, done));
  done.set(tree, result);
  return result;
}

/** The mapping with each value as `change` gives it. */
export function mapEntries(tree: Mapping, change: (entry: Entry, key: string) => Tree): Mapping {
  const entries = new Map<string, Entry>();
  for (const [key, entry] of tree.entries) entries.set(key, { ...entry, value: change(entry, key) });
  return { ...tree, entries };
}

/** Without what is tagged `!reset`, and without the mark of what takes the place of others. */
export function withoutTags(tree: Tree): Tree {
  if (isLeaf(tree)) return tree.tag === undefined ? tree : { ...tree, tag: undefined };
  if (isList(tree))
    return {
      ...tree,
      tag: undefined,
      items: tree.items.filter(({ tag }) => tag !== "reset").map(withoutTags),
    };
  const entries = new Map<string, Entry>();
  for (const [key, { place, value }] of tree.entries)
    if (value.tag !== "reset") entries.set(key, { place, value: withoutTags(value) });
  return { ...tree, tag: undefined, entries };
}

/** Path of a leaf in a tree: the first one, if it stands in several places. */
export function pathOf(tree: Tree, leaf: Leaf, seen = new Set<Tree>()): string[] | undefined {
  if (tree === leaf) return [];
  if (isLeaf(tree) || seen.has(tree)) return undefined;
  seen.add(tree);
  const children = isList(tree)
    ? tree.items.map((item, index) => [String(index), item] as const)
    : [...tree.entries].map(([key, { value }]) => [key, value] as const);
  for (const [key, child] of children) {
    const rest = pathOf(child, leaf, seen);
    if (rest !== undefined) return [key, ...rest];
  }
  return undefined;
}

export const get = (tree: Tree | undefined, ...path: string[]): Tree | undefined =>
  path.reduce<Tree | undefined>(
    (found, key) => (isMapping(found) ? found.entries.get(key)?.value : undefined),
    tree,
  );

/** What is at a path, of which numbers are places in lists. */
export const find = (tree: Tree, path: readonly PropertyKey[]): Tree | undefined =>
  path.reduce<Tree | undefined>(
    (found, key) => (isList(found) ? found.items[Number(key)] : get(found, String(key))),
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
