/**
 * What changed between the inputs of the last run and those of this one, by meaning: order in sets, the notation of
 * durations and defaults that are written out are no difference. Specified by DiffResponse in pulumi/provider.proto.
 */
import { parseDuration } from "../../host/duration";
import { child, type Properties, type Property } from "./property";
import {
  Archive,
  Asset,
  containsUnknown,
  isPropertyMap,
  type PropertyMap,
  type PropertyValue,
  reveal,
  Unknown,
} from "./values";

export interface Change {
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
  readonly replaces: boolean;
}

export function diffInputs(properties: Properties, olds: PropertyMap, news: PropertyMap): Change[] {
  return diffObject(properties, reveal(olds) as PropertyMap, reveal(news) as PropertyMap, "", false);
}

/**
 * Takes out additions that the outputs of the last run have already: after a refresh by Pulumi's own plugin the inputs lack
 * what it does not read back (`convergeConfig`, `mode.replicated`), and the plugin itself compares with the outputs.
 */
export function withoutKnown(
  changes: readonly Change[],
  properties: Properties,
  outputs: PropertyMap,
  news: PropertyMap,
): Change[] {
  if (!changes.some(({ kind }) => kind === "add")) return [...changes];
  const different = diffInputs(properties, outputs, news);
  return changes.filter(
    ({ kind, path }) =>
      kind !== "add" || different.some((other) => isWithin(other.path, path) || isWithin(path, other.path)),
  );
}

function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);
}

function diffObject(
  properties: Properties,
  olds: PropertyMap,
  news: PropertyMap,
  path: string,
  replaces: boolean,
): Change[] {
  return Object.entries(properties)
    .filter(([, property]) => !property.output)
    .flatMap(([key, property]) =>
      diffValue(property, olds[key], news[key], child(path, key), replaces, true),
    );
}

function diffValue(
  property: Property,
  old: PropertyValue | undefined,
  now: PropertyValue | undefined,
  path: string,
  inherited: boolean,
  member: boolean,
): Change[] {
  const replaces = inherited || property.replaces === true;
  if (now instanceof Unknown) return [{ path, kind: old === undefined ? "add" : "update", replaces }];
  if (same(property, old, now, member ? canonicalMember : canonical)) return [];
  if (property.computed && (now === undefined || now === null)) return [];
  if (old === undefined || old === null) return [{ path, kind: "add", replaces }];
  if (now === undefined || now === null) return [{ path, kind: "delete", replaces }];
  if (property.type === "object" && isPropertyMap(old) && isPropertyMap(now)) {
    return diffObject(property.properties as Properties, old, now, path, replaces);
  }
  if (property.type === "map" && isPropertyMap(old) && isPropertyMap(now)) {
    return keys(old, now).flatMap((key) =>
      diffValue(property.items as Property, old[key], now[key], child(path, key), replaces, false),
    );
  }
  if (property.type === "list" && Array.isArray(old) && Array.isArray(now)) {
    const length = Math.max(old.length, now.length);
    return Array.from({ length }, (_, index) =>
      diffValue(property.items as Property, old[index], now[index], child(path, index), replaces, false),
    ).flat();
  }
  return [{ path, kind: "update", replaces: replaces || setReplaces(property, old, now) }];
}

/** A set is compared as a whole; it replaces if an element property that changed somewhere does. */
function setReplaces(property: Property, old: PropertyValue, now: PropertyValue): boolean {
  const described = property.items?.properties;
  if (property.type !== "set" || !described || !Array.isArray(old) || !Array.isArray(now)) return false;
  return Object.entries(described).some(([key, item]) => {
    if (!item.replaces) return false;
    const column = (rows: readonly PropertyValue[]): string[] =>
      rows
        .map((row) => JSON.stringify(canonicalMember(item, isPropertyMap(row) ? row[key] : undefined)))
        .sort();
    return JSON.stringify(column(old)) !== JSON.stringify(column(now));
  });
}

function keys(old: PropertyMap, now: PropertyMap): string[] {
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((key) => !key.startsWith("__"));
}

/** Whether two values of a property mean the same; never for unknowns. */
export function sameValue(
  property: Property,
  a: PropertyValue | undefined,
  b: PropertyValue | undefined,
): boolean {
  return same(property, a, b, canonicalMember);
}

/** Whether all that is known of a resource means the same. */
export function isSame(properties: Properties, a: PropertyMap, b: PropertyMap): boolean {
  const [first, second] = [reveal(a) as PropertyMap, reveal(b) as PropertyMap];
  return (
    first.__meta === second.__meta &&
    Object.entries(properties).every(([key, property]) => sameValue(property, first[key], second[key]))
  );
}

type Canonical = (property: Property, value: PropertyValue | undefined) => unknown;

function same(
  property: Property,
  a: PropertyValue | undefined,
  b: PropertyValue | undefined,
  form: Canonical,
): boolean {
  if ((a !== undefined && containsUnknown(a)) || (b !== undefined && containsUnknown(b))) return false;
  return JSON.stringify(form(property, a)) === JSON.stringify(form(property, b));
}

/** Of an object's property: where nothing else is the default, empty, zero and false mean the same as absent. */
function canonicalMember(property: Property, value: PropertyValue | undefined): unknown {
  const form = canonical(property, value);
  if (property.default !== undefined || property.implied !== undefined || property.type === "any")
    return form;
  if (property.format === "duration") return form;
  if (form === "" || form === 0 || form === false) return undefined;
  if (typeof form === "object" && form !== null && Object.keys(form).length === 0) return undefined;
  return form;
}

/** One form for all values that mean the same. */
function canonical(property: Property, value: PropertyValue | undefined): unknown {
  const present = value === undefined || value === null ? (property.default ?? property.implied) : value;
  if (present === undefined) return undefined;
  if (property.format === "duration") return parseDuration(String(present)) ?? present;
  if (property.format === "ratio") return Number(present);
  if (Array.isArray(present)) {
    const items = present.map((item: PropertyValue) => canonical(property.items ?? { type: "any" }, item));
    return property.type === "set" ? sorted(items) : items;
  }
  // What an asset holds is told by its hash, and not by where it lies.
  if (present instanceof Asset || present instanceof Archive) {
    return present.hash ? { hash: present.hash } : { content: present.content };
  }
  if (isPropertyMap(present as PropertyValue)) return canonicalObject(property, present as PropertyMap);
  return present;
}

function canonicalObject(property: Property, object: PropertyMap): unknown {
  const described = property.type === "object" ? property.properties : undefined;
  const names = [...new Set([...Object.keys(object), ...Object.keys(described ?? {})])]
    .filter((key) => !key.startsWith("__") && !described?.[key]?.output)
    .sort();
  return Object.fromEntries(
    names
      .map((key): [string, unknown] => {
        const member = described?.[key];
        return [
          key,
          member
            ? canonicalMember(member, object[key])
            : canonical(property.items ?? { type: "any" }, object[key]),
        ];
      })
      .filter(([, item]) => item !== undefined),
  );
}

function sorted(items: readonly unknown[]): unknown[] {
  const texts = [...new Set(items.map((item) => JSON.stringify(item)))].sort();
  return texts.map((text) => JSON.parse(text) as unknown);
}
