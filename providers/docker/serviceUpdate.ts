import type { Json, JsonObject } from "./json";

/**
 * The specification for an update: what the daemon has now, with what the inputs set put in and what they no longer set
 * taken out. What neither run set (a forced update, a label of someone else) stays.
 */
export function mergedSpec(now: JsonObject, before: JsonObject, wanted: JsonObject): JsonObject {
  const merged = merge(now, before, wanted) as JsonObject;
  return keepDigest(now, before, wanted, merged);
}

function merge(now: Json | undefined, before: Json | undefined, wanted: Json | undefined): Json | undefined {
  if (wanted === undefined) return before === undefined ? now : withoutSet(now, before);
  if (!isObject(wanted)) return wanted;
  const result: Record<string, Json | undefined> = {};
  const old = isObject(now) ? now : {};
  const was = isObject(before) ? before : {};
  for (const key of new Set([...Object.keys(old), ...Object.keys(wanted)])) {
    const value = merge(old[key], was[key], wanted[key]);
    if (value !== undefined) result[key] = value;
  }
  return result;
}

/** What is left when all that was set is taken away. */
function withoutSet(now: Json | undefined, before: Json): Json | undefined {
  if (!isObject(before) || !isObject(now)) return undefined;
  const left = Object.entries(now)
    .map(([key, value]): [string, Json | undefined] => {
      const was = before[key];
      return [key, was === undefined ? value : withoutSet(value, was)];
    })
    .filter(([, value]) => value !== undefined);
  return left.length === 0 ? undefined : Object.fromEntries(left);
}

/** An image that stays the same keeps the digest that was found for it: another one would restart all tasks. */
function keepDigest(now: JsonObject, before: JsonObject, wanted: JsonObject, merged: JsonObject): JsonObject {
  const [current, old, next] = [imageOf(now), imageOf(before), imageOf(wanted)];
  if (current === undefined || next === undefined || next !== old || !current.startsWith(`${next}@sha256:`)) {
    return merged;
  }
  const task = merged.TaskTemplate as JsonObject;
  return {
    ...merged,
    TaskTemplate: { ...task, ContainerSpec: { ...(task.ContainerSpec as JsonObject), Image: current } },
  };
}

function imageOf(spec: JsonObject): string | undefined {
  const container = (spec.TaskTemplate as JsonObject | undefined)?.ContainerSpec as JsonObject | undefined;
  return container?.Image as string | undefined;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
