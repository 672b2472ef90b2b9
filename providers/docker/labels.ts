import { object, type Property, set, string } from "../rpc/property";
import { isPropertyMap, type PropertyValue } from "../rpc/values";
import type { Json } from "./json";

/** Labels as the plugin has them: a set of pairs. */
export function labels(typeName: string, extra: Partial<Property> = {}): Property {
  return set(
    object(typeName, { label: string({ required: true }), value: string({ required: true }) }),
    extra,
  );
}

export function expandLabels(pairs: PropertyValue | undefined): Record<string, string> | undefined {
  if (!Array.isArray(pairs)) return undefined;
  return Object.fromEntries(
    pairs.filter(isPropertyMap).map(({ label, value }): [string, string] => [String(label), String(value)]),
  );
}

export function flattenLabels(map: Json | undefined): PropertyValue | undefined {
  if (typeof map !== "object" || map === null || Object.keys(map).length === 0) return undefined;
  return Object.entries(map)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => ({ label, value: String(value) }));
}
