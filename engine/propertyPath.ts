/**
 * Property paths, `root.nested["a key"][0]`, and what ignoreChanges and replaceOnChanges do with them.
 * Specified by sdk/go/common/resource/properties_path.go (ParsePropertyPath, Contains, Reset).
 */
import { isList, isMap, mapValues, type PropertyMap, Secret, type Value } from "./values";

export type PropertyPath = readonly (string | number)[];

/**
 * `*` stands for every key or index. As loose as Pulumi's parser: a name is all up to the next `.` or `[`, and a `.` before a `[`,
 * which old providers write, is passed over. Throws on a malformed path.
 */
export function parsePath(text: string): PropertyPath {
  const malformed = (): Error => new Error(`not a property path: ${JSON.stringify(text)}`);
  if (text.startsWith(".") || text.endsWith(".")) throw malformed();
  const path: (string | number)[] = [];
  let rest = text;
  while (rest !== "") {
    const dot = /^\./.exec(rest);
    const quoted = /^\["((?:\\"|[^"])*)"\]/.exec(rest);
    const index = /^\[(\d+|\*)\]/.exec(rest);
    const name = /^[^.[]+/.exec(rest);
    if (quoted) path.push((quoted[1] ?? "").replaceAll('\\"', '"'));
    else if (index) path.push(index[1] === "*" ? "*" : Number(index[1]));
    else if (name) path.push(name[0]);
    else if (!dot) throw malformed();
    rest = rest.slice((quoted ?? index ?? name ?? dot)?.[0].length);
  }
  return path;
}

/** Only quotes are escaped, as in Pulumi: a key that ends with a backslash may be read back as another one. */
export function formatPath(path: PropertyPath): string {
  return path
    .map((part, position) => {
      if (typeof part === "number") return `[${part}]`;
      if (!/^\w+$/.test(part)) return `["${part.replaceAll('"', '\\"')}"]`;
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

/** Inputs with something set back, and whether all of the path could be followed. */
export interface ResetResult {
  readonly inputs: PropertyMap;
  readonly complete: boolean;
}

/**
 * The new inputs with what is at `path` as it was in the old ones. A property that was not there before is removed, one
 * that is gone comes back. Lists keep their length: where it changed, the path is not followed to its end.
 */
export function resetToOld(path: PropertyPath, old: PropertyMap, now: PropertyMap): ResetResult {
  const inputs = copied(now);
  const complete = reset(path, old, inputs, false, false);
  return { inputs: inputs as PropertyMap, complete };
}

/** With lists and maps that may be changed. */
function copied(value: Value): Value {
  if (value instanceof Secret) return new Secret(copied(value.element));
  if (isList(value)) return value.map(copied);
  if (isMap(value)) return mapValues(value, copied);
  return value;
}

type Mutable = Record<string | number, Value>;

function reset(
  path: PropertyPath,
  before: Value | undefined,
  after: Value | undefined,
  wasSecret: boolean,
  isSecret: boolean,
): boolean {
  const old = before instanceof Secret ? before.element : before;
  const now = after instanceof Secret ? after.element : after;
  const secret = { was: wasSecret || before instanceof Secret, is: isSecret || after instanceof Secret };
  const [part, ...rest] = path;
  if (part === undefined) return false;
  // What was within a secret stays one.
  const kept = (value: Value): Value => (secret.was && !secret.is ? new Secret(value) : value);
  const deeper = (a: Value | undefined, b: Value | undefined): boolean =>
    reset(rest, a, b, secret.was, secret.is);
  if (typeof part === "number") {
    if (!isList(old) || !isList(now)) return !isList(old) && !isList(now);
    if (part >= old.length && part >= now.length) return rest.length === 0;
    if (part >= old.length || part >= now.length) return false;
    if (rest.length > 0) return deeper(old[part], now[part]);
    (now as unknown as Mutable)[part] = kept(old[part] as Value);
    return true;
  }
  if (part === "*") return resetAll(rest, old, now, kept, deeper);
  if (rest.length === 0) {
    const has = isMap(old) && Object.hasOwn(old, part);
    if (!isMap(now)) return !has;
    if (has) (now as Mutable)[part] = kept((old as PropertyMap)[part] as Value);
    else delete (now as Mutable)[part];
    return true;
  }
  if (!isMap(old) || !isMap(now)) return !isMap(old) && !isMap(now);
  const had = Object.hasOwn(old, part);
  const has = Object.hasOwn(now, part);
  if (!had && !has) return true;
  if (had && !has) return false;
  return deeper(old[part], now[part]);
}

function resetAll(
  rest: PropertyPath,
  old: Value | undefined,
  now: Value | undefined,
  kept: (value: Value) => Value,
  deeper: (old: Value | undefined, now: Value | undefined) => boolean,
): boolean {
  const leaf = rest.length === 0;
  if (isMap(now)) {
    if (!isMap(old)) return leaf;
    if (!leaf) return Object.keys(old).every((key) => Object.hasOwn(now, key) && deeper(old[key], now[key]));
    for (const key of Object.keys(now)) if (!Object.hasOwn(old, key)) delete (now as Mutable)[key];
    for (const [key, value] of Object.entries(old)) (now as Mutable)[key] = kept(value);
    return true;
  }
  if (!isList(now)) return false;
  if (!isList(old)) return leaf;
  for (let index = 0; index < Math.min(old.length, now.length); index++) {
    if (leaf) (now as unknown as Mutable)[index] = kept(old[index] as Value);
    else if (!deeper(old[index], now[index])) return false;
  }
  return old.length === now.length;
}
