/** Merges what several files, or a service and the one that it extends, say of the same thing: the rules of the Compose specification. */
import { identities } from "./identity";
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

/** Lists that are mappings in another form. Value: what parts a key from its value. */
const mappingForms: Readonly<Record<string, RegExp>> = {
  "services.*.environment": /=/,
  "services.*.labels": /=/,
  "services.*.annotations": /=/,
  "services.*.sysctls": /=/,
  "services.*.extra_hosts": /[=:]/,
  "services.*.deploy.labels": /=/,
  "services.*.build.args": /=/,
  "services.*.build.labels": /=/,
  "services.*.build.additional_contexts": /=/,
  "services.*.logging.options": /=/,
  "services.*.networks": /(?!)/,
  "services.*.depends_on": /(?!)/,
  "services.*.models": /(?!)/,
  "networks.*.labels": /=/,
  "networks.*.driver_opts": /=/,
  "networks.*.ipam.options": /=/,
  "volumes.*.labels": /=/,
  "volumes.*.driver_opts": /=/,
  "secrets.*.labels": /=/,
  "configs.*.labels": /=/,
};

/** Of these a key without a value has an empty one; elsewhere it says nothing. */
const emptyValues = new Set([
  "services.*.labels",
  "services.*.annotations",
  "services.*.sysctls",
  "services.*.deploy.labels",
  "services.*.build.labels",
  "networks.*.labels",
  "volumes.*.labels",
  "secrets.*.labels",
  "configs.*.labels",
]);

/** What is not merged but taken from the later file. */
const replaced = new Set(["services.*.command", "services.*.entrypoint", "services.*.healthcheck.test"]);

/** Of these, one text stands for a list of one. */
const listForms = new Set(
  ["dns", "dns_opt", "dns_search", "env_file", "label_file", "tmpfs"].map((field) => `services.*.${field}`),
);

/** In the list a key may stand more than once. */
const hosts = "services.*.extra_hosts";

/**
 * What the later file says over what the earlier one says. Null says nothing, at every level: `!reset` is what takes away.
 *
 * @param path of both, from the top of the file on
 */
export function merge(base: Tree, over: Tree, path: readonly string[]): Tree {
  const where = pattern(path);
  if (over.tag !== undefined || base.tag === "reset") return over;
  if (isNull(over)) return emptyValues.has(pattern(path.slice(0, -1))) ? over : base;
  if (isNull(base) || replaced.has(where)) return over;
  // A name has one address in a swarm's service: the later one.
  if (where.startsWith(`${hosts}.`)) return over;
  const separator = ownRule(mappingForms, where);
  if (separator !== undefined) {
    const form = (tree: Tree): Tree => asMapping(tree, separator, where === hosts);
    return mappings(form(base), form(over), path);
  }
  if (where === "services.*.logging" && otherDriver(base, over)) return over;
  const [one, other] = listForms.has(where) ? [asList(base), asList(over)] : [base, over];
  if (isMapping(one)) return mappings(one, other, path);
  if (!isList(one) || !isList(other)) return over;
  const identity = ownRule(identities, where);
  return identity === undefined ? appended(one, other) : byIdentity(one, other, identity);
}

/** Whole files. What a file includes is put in before. */
export function mergeFiles(base: Mapping, over: Mapping): Mapping {
  return mappings(base, over, []) as Mapping;
}

/** With `*` for names of the user's. */
const pattern = ([section = "", name, ...rest]: readonly string[]): string =>
  (name === undefined ? [section] : [section, "*", ...rest]).join(".");

const ownRule = <T>(rules: Readonly<Record<string, T>>, where: string): T | undefined =>
  where.includes(".*.") ? rules[where] : undefined;

function mappings(base: Tree, over: Tree, path: readonly string[]): Tree {
  if (!isMapping(base) || !isMapping(over)) return over;
  const entries = new Map<string, Entry>(base.entries);
  for (const [key, { place, value }] of over.entries) {
    const before = base.entries.get(key);
    const merged = before === undefined ? value : merge(before.value, value, [...path, key]);
    entries.set(key, { place: merged === before?.value ? before.place : place, value: merged });
  }
  return { ...over, entries };
}

/** A list of `KEY=value` as a mapping. */
export function asMapping(tree: Tree, separator: RegExp, keepsAll = false): Tree {
  if (!isList(tree)) return tree;
  const entries = new Map<string, Entry>();
  for (const item of tree.items) {
    if (!isLeaf(item)) return tree;
    const [key = "", ...rest] = String(item.value).split(separator);
    const value = rest.length === 0 ? null : String(item.value).slice(key.length + 1);
    const leaf: Tree = { kind: "leaf", value, place: item.place, tag: item.tag };
    const before = keepsAll ? entries.get(key)?.value : undefined;
    const all = before && (isList(before) ? before.items : [before]);
    entries.set(key, {
      place: item.place,
      value: all ? { kind: "list", items: [...all, leaf], place: item.place } : leaf,
    });
  }
  return { kind: "mapping", entries, place: tree.place, tag: tree.tag };
}

const asList = (tree: Tree): Tree =>
  isLeaf(tree) ? { kind: "list", items: [tree], place: tree.place } : tree;

function appended(base: List, over: List): List {
  const there = new Set(base.items.map((item) => JSON.stringify(plain(item))));
  return {
    ...over,
    items: [...base.items, ...over.items.filter((item) => !there.has(JSON.stringify(plain(item))))],
  };
}

/** What is the same thing in both is what the later one says, whichever form it has. */
function byIdentity(base: List, over: List, { keyOf, forms, merges }: (typeof identities)[string]): List {
  const [before, after] = [base, over].map(({ items }) => items.flatMap(forms)) as [Tree[], Tree[]];
  const items = new Map<string, Tree>();
  before.forEach((item, index) => {
    // What one file has twice stays: it is a mistake that is named later.
    const key = keyOf(item);
    items.set(items.has(key) ? `${key} ${index}` : key, item);
  });
  for (const item of after) {
    const key = keyOf(item);
    const earlier = items.get(key);
    items.set(
      key,
      merges && earlier && isMapping(earlier) && isMapping(item) ? mappings(earlier, item, []) : item,
    );
  }
  return { ...over, items: [...items.values()] };
}

function leafOf(tree: Tree, key: string): unknown {
  const found = get(tree, key);
  return isLeaf(found) ? found.value : undefined;
}

function otherDriver(base: Tree, over: Tree): boolean {
  const [before, after] = [leafOf(base, "driver") ?? undefined, leafOf(over, "driver") ?? undefined];
  return before !== undefined && after !== undefined && before !== after;
}
