/** Merges what several files, or a service and the one that it extends, say of the same thing: the rules of the Compose specification. */
import {
  type Entry,
  get,
  isLeaf,
  isList,
  isMapping,
  isNull,
  type List,
  type Mapping,
  plain,
  type Tree,
} from "./tree";

/** Of a service: lists that are mappings in another form. Value: what parts a key from its value. */
const mappingForms: Readonly<Record<string, RegExp>> = {
  environment: /=/,
  labels: /=/,
  annotations: /=/,
  sysctls: /=/,
  extra_hosts: /[=:]/,
  "deploy.labels": /=/,
  "build.args": /=/,
  "build.labels": /=/,
  networks: /(?!)/,
  depends_on: /(?!)/,
};

const replaced = new Set(["command", "entrypoint", "healthcheck.test"]);

/** Lists in which what has the same key is the same thing. */
const keys: Readonly<Record<string, (item: Tree) => string>> = {
  ports: (item) => JSON.stringify(plain(item)),
  volumes: (item) => (isLeaf(item) ? mountTarget(String(item.value)) : String(leafOf(item, "target"))),
  secrets: fileTarget,
  configs: fileTarget,
};

/** In the list a key may stand more than once. */
const several = new Set(["extra_hosts"]);

/** `path` is that in a service; undefined outside of one. */
export function merge(base: Tree, over: Tree, path?: readonly string[]): Tree {
  if (over.tag === "override") return over;
  const where = path?.join(".");
  if (where !== undefined) {
    // A name has one address in a swarm's service: the later one.
    if (replaced.has(where) || where.startsWith("extra_hosts.")) return over;
    const separator = mappingForms[where];
    if (separator !== undefined) {
      const form = (tree: Tree): Tree => asMapping(tree, separator, several.has(where));
      return mappings(form(base), form(over), path);
    }
    if (where === "logging" && otherDriver(base, over)) return over;
    const key = keys[where];
    if (key !== undefined && isList(base) && isList(over)) return byKey(base, over, key);
    // One text may stand for a list of one.
    if (
      isList(base) !== isList(over) &&
      !isMapping(base) &&
      !isMapping(over) &&
      !isNull(base) &&
      !isNull(over)
    )
      return merge(asList(base), asList(over), path);
  }
  if (isNull(base)) return over;
  if (isMapping(base)) return isNull(over) ? base : mappings(base, over, path);
  if (isList(base) && isList(over)) {
    const there = new Set(base.items.map((item) => JSON.stringify(plain(item))));
    return {
      ...over,
      items: [...base.items, ...over.items.filter((item) => !there.has(JSON.stringify(plain(item))))],
    };
  }
  return over;
}

function mappings(base: Tree, over: Tree, path: readonly string[] | undefined): Tree {
  if (!isMapping(base) || !isMapping(over)) return over;
  const entries = new Map<string, Entry>(base.entries);
  for (const [key, { place, value }] of over.entries) {
    const before = base.entries.get(key)?.value;
    if (value.tag === "reset") entries.delete(key);
    else if (before === undefined) entries.set(key, { place, value });
    else entries.set(key, { place, value: merge(before, value, path && [...path, key]) });
  }
  return { ...over, entries };
}

function asMapping(tree: Tree, separator: RegExp, keepsAll: boolean): Tree {
  if (!isList(tree)) return tree;
  const entries = new Map<string, Entry>();
  for (const item of tree.items) {
    if (!isLeaf(item)) return tree;
    const [key = "", ...rest] = String(item.value).split(separator);
    const value = rest.length === 0 ? null : String(item.value).slice(key.length + 1);
    const leaf: Tree = { kind: "leaf", value, place: item.place };
    const before = keepsAll ? entries.get(key)?.value : undefined;
    const all = before && asList(before).items;
    entries.set(key, {
      place: item.place,
      value: all ? { kind: "list", items: [...all, leaf], place: item.place } : leaf,
    });
  }
  return { kind: "mapping", entries, place: tree.place, tag: tree.tag };
}

const asList = (tree: Tree): List =>
  isList(tree) ? tree : { kind: "list", items: [tree], place: tree.place };

function byKey(base: List, over: List, key: (item: Tree) => string): List {
  const items = new Map(base.items.map((item) => [key(item), item]));
  for (const item of over.items) {
    const before = items.get(key(item));
    items.set(key(item), before && isMapping(before) && isMapping(item) ? merge(before, item) : item);
  }
  return { ...over, items: [...items.values()] };
}

function fileTarget(item: Tree): string {
  return isLeaf(item) ? String(item.value) : String(leafOf(item, "target") ?? leafOf(item, "source"));
}

/** Of `source:target:ro`, or a target alone. */
function mountTarget(short: string): string {
  const parts = short.replace(/^[A-Za-z]:(?=[\\/])/, "").split(":");
  return parts[1] ?? parts[0] ?? short;
}

function leafOf(tree: Tree, key: string): unknown {
  const found = get(tree, key);
  return isLeaf(found) ? found.value : undefined;
}

function otherDriver(base: Tree, over: Tree): boolean {
  const [before, after] = [leafOf(base, "driver"), leafOf(over, "driver")];
  return before !== undefined && after !== undefined && before !== after;
}

/** Whole files: services by the rules of services, the rest by key. */
export function mergeFiles(base: Mapping, over: Mapping): Mapping {
  const entries = new Map(base.entries);
  for (const [section, { place, value }] of over.entries) {
    const before = base.entries.get(section)?.value;
    if (before === undefined) entries.set(section, { place, value });
    else if (section === "services") entries.set(section, { place, value: mergeServices(before, value) });
    else if (section === "include") entries.set(section, { place, value });
    else entries.set(section, { place, value: merge(before, value) });
  }
  return { ...over, entries };
}

function mergeServices(base: Tree, over: Tree): Tree {
  if (!isMapping(base) || !isMapping(over)) return over;
  const entries = new Map(base.entries);
  for (const [name, { place, value }] of over.entries) {
    const before = base.entries.get(name)?.value;
    if (value.tag === "reset") entries.delete(name);
    else entries.set(name, { place, value: before === undefined ? value : merge(before, value, []) });
  }
  return { ...over, entries };
}
