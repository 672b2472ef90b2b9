/**
 * Property paths, `root.nested["a key"][0]`, and what ignoreChanges and replaceOnChanges do with them.
 * Specified by sdk/go/common/resource/property_path.go (ParsePropertyPath, Contains, Reset).
 */
import { isList, isMap, type PropertyMap, Secret, type Value } from "./values";

export type PropertyPath = readonly (string | number)[];

/** `*` stands for every key or index. Throws on a malformed path. */
export function parsePath(text: string): PropertyPath {
  const path: (string | number)[] = [];
  let rest = text;
  let first = true;
  while (rest !== "") {
    const quoted = /^\["((?:[^"\\]|\\.)*)"\]/.exec(rest);
    const index = /^\[(\d+|\*)\]/.exec(rest);
    const name = (first ? /^[^.["\]]+/ : /^\.([^.["\]]+)/).exec(rest);
    if (quoted) path.push((quoted[1] ?? "").replace(/\\(.)/g, "$1"));
    else if (index) path.push(index[1] === "*" ? "*" : Number(index[1]));
    else if (name) path.push(name[1] ?? name[0]);
    else throw new Error(`not a property path: ${JSON.stringify(text)}`);
    rest = rest.slice((quoted ?? index ?? name)?.[0].length ?? rest.length);
    first = false;
  }
  return path;
}

export function formatPath(path: PropertyPath): string {
  return path
    .map((part, position) => {
      if (typeof part === "number") return `[${part}]`;
      if (!/^[A-Za-z_$][\w$-]*$/.test(part)) return `["${part.replace(/["\\]/g, "\\$&")}"]`;
      return position === 0 ? part : `.${part}`;
    })
    .join("");
}

/** Does `outer`, which may hold `*`, cover `inner`: the same place or one inside it? */
export function covers(outer: PropertyPath, inner: PropertyPath): boolean {
  return (
    outer.length <= inner.length &&
    outer.every((part, position) => part === "*" || String(part) === String(inner[position]))
  );
}

/**
 * The new inputs with what is at `path` as it was in the old ones. A property that was not there before is removed,
 * one that is gone comes back. Undefined if the path cannot be followed, as in a list that changed its length.
 */
export function resetToOld(path: PropertyPath, old: PropertyMap, now: PropertyMap): PropertyMap | undefined {
  const result = reset(path, old, now);
  return result !== undefined && isMap(result) ? result : undefined;
}

function reset(path: PropertyPath, old: Value | undefined, now: Value): Value | undefined {
  if (now instanceof Secret) {
    const inner = reset(path, old instanceof Secret ? old.element : old, now.element);
    return inner === undefined ? undefined : new Secret(inner);
  }
  const before = old instanceof Secret ? old.element : old;
  const [part, ...rest] = path;
  if (part === undefined) return old;
  if (isList(now)) {
    if (!isList(before)) return undefined;
    if (part === "*") {
      if (rest.length === 0) return before;
      if (before.length !== now.length) return undefined;
      return each(now, (element, index) => reset(rest, before[index], element));
    }
    const index = Number(part);
    const element = now[index];
    if (!Number.isInteger(index) || element === undefined || before[index] === undefined) return undefined;
    const changed = rest.length === 0 ? before[index] : reset(rest, before[index], element);
    return changed === undefined
      ? undefined
      : now.map((value, position) => (position === index ? changed : value));
  }
  if (!isMap(now)) return undefined;
  if (before !== undefined && !isMap(before)) return undefined;
  const keys =
    part === "*" ? [...new Set([...Object.keys(now), ...Object.keys(before ?? {})])] : [String(part)];
  const result: Record<string, Value> = { ...now };
  for (const key of keys) {
    const had = before !== undefined && Object.hasOwn(before, key);
    const has = Object.hasOwn(now, key);
    if (rest.length === 0) {
      if (had) result[key] = before[key] as Value;
      else delete result[key];
    } else if (has) {
      const changed = reset(rest, had ? before[key] : undefined, now[key] as Value);
      if (changed === undefined) {
        if (had) return undefined;
      } else result[key] = changed;
    } else if (had) return undefined;
  }
  return result;
}

function each(
  list: readonly Value[],
  change: (element: Value, index: number) => Value | undefined,
): Value[] | undefined {
  const result: Value[] = [];
  for (const [index, element] of list.entries()) {
    const changed = change(element, index);
    if (changed === undefined) return undefined;
    result.push(changed);
  }
  return result;
}
