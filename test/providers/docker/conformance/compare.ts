import { parseDuration } from "../../../../host/duration";
import type { JsonObject } from "../../../../providers/docker/json";
import type { Properties, Property } from "../../../../providers/rpc/property";
import {
  fromJson,
  isPropertyMap,
  type PropertyMap,
  type PropertyValue,
  reveal,
  Unknown,
} from "../../../../providers/rpc/values";
import type { Exchange } from "./dockerProxy";
import type { Run } from "./recorder";

/** What of a run is compared, flat, so that a difference has a name. */
export interface Compared {
  readonly [path: string]: unknown;
}

export function comparable(
  properties: Properties,
  { check, created, failed, read, changes, updates }: Run,
): Compared {
  const result: Record<string, unknown> = {};
  const put = (path: string, json: unknown, loose = false): void => {
    const map = reveal(fromJson(json as never)) as PropertyMap;
    for (const [key, value] of Object.entries(map)) {
      const plain = key === "__meta" ? schemaVersion(value) : form(properties[key], value, loose);
      if (plain !== undefined) result[`${path}.${key}`] = plain;
    }
  };
  if (check.refused.length === 0) put("check.inputs", check.inputs);
  // The plugin's own Image refuses with an error that names nothing.
  result["check.refused"] = "buildOnPreview" in properties ? check.refused.length > 0 : check.refused;
  result.failed = failed !== undefined;
  if (created) put("create.outputs", created.outputs);
  if (read) {
    // After a read the plugin writes what is empty as such.
    put("read.outputs", read.outputs, true);
  }
  for (const [name, { check: again, diff }] of Object.entries(changes ?? {})) {
    put(`changes.${name}.inputs`, again.inputs);
    result[`changes.${name}.changed`] = diff.changed;
    result[`changes.${name}.replaces`] = diff.replaces.length > 0;
    result[`changes.${name}.deleteBeforeReplace`] = diff.replaces.length > 0 && diff.deleteBeforeReplace;
    result[`changes.${name}.properties`] = [
      ...new Set(Object.keys(diff.detailed).map((path) => path.split(/[.[]/, 1)[0])),
    ].sort();
  }
  for (const [name, outputs] of Object.entries(updates ?? {})) put(`updates.${name}`, outputs, true);
  return result;
}

function schemaVersion(meta: PropertyValue): string | undefined {
  return (JSON.parse(String(meta)) as { schema_version?: string }).schema_version;
}

/**
 * Inputs after a read. Ours are to be as they were, as nothing has been touched; the plugin's have what the daemon made
 * of them, which is a difference for ever.
 */
export function readInputs(
  properties: Properties,
  { check, read }: Run,
): { before: unknown; after: unknown } {
  const whole = { type: "object", properties } as const;
  const inputs = (json: unknown): unknown => form(whole, reveal(fromJson(json as never)), false);
  return { before: inputs(check.inputs), after: inputs(read?.inputs ?? check.inputs) };
}

/** Sets in one order, and without what is another one each time; in blocks nothing, false, zero and empty are the same. */
function form(
  property: Property | undefined,
  value: PropertyValue | undefined,
  loose: boolean,
  inBlock = false,
): unknown {
  if (value === undefined || value === null) return undefined;
  if (inBlock && (value === false || value === 0 || value === "")) return undefined;
  if (property?.format === "duration" && typeof value === "string") return parseDuration(value);
  if (value instanceof Unknown) return "<unknown>";
  if (typeof value === "string") return anonymous(value);
  if (Array.isArray(value)) {
    const items = value.map((item: PropertyValue) => form(property?.items, item, loose));
    if ((loose || inBlock) && items.length === 0) return undefined;
    // Docker knows no order among networks, and the plugin gives them in any.
    return property?.type === "set" || property?.items?.typeName === "ContainerNetworkData"
      ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      : items;
  }
  if (!isPropertyMap(value)) return loose && value === 0 ? undefined : value;
  const entries = Object.entries(value)
    .map(([key, item]): [string, unknown] => [
      key,
      form(
        property?.type === "map" ? property.items : property?.properties?.[key],
        item,
        loose,
        property?.type !== "map",
      ),
    ])
    .filter(([key, item]) => item !== undefined && (!loose || key !== "__defaults"))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return (loose || inBlock) && entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function anonymous(text: string): string {
  return text
    .replace(/(?<!sha256:)\b[0-9a-f]{64}\b/g, "<id>")
    .replace(/^[0-9a-f]{12}$/, "<id>")
    .replace(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/, "<mac>")
    .replace(/^172\.1\d\.0\.\d+$/, "<address>")
    .replace(/^[0-9a-z]{25}$/, "<id>")
    .replace(/^one-[0-9a-f]{7}$/, "one-<random>");
}

const flags: Readonly<Record<string, string>> = { true: "1", false: "0" };

/** Requests that change something. */
export function asked(exchanges: readonly Exchange[]): Exchange[] {
  return (
    exchanges
      .filter(({ method, path }) => method !== "GET" && method !== "HEAD" && !/\/(wait|json)\b/.test(path))
      // A registry says with it that it wants to know who asks.
      .filter(({ status }) => status !== 401)
      .map(({ method, path, body, status }) => ({
        method,
        path: path
          .replace(/[0-9a-f]{64}|\b[0-9a-z]{25}\b/g, "<id>")
          .replace(/(?<=^\/services\/.*)version=\d+/, ""),
        body,
        status,
      }))
  );
}

/** By what they ask; how often, for what is asked several times. */
export function requests(exchanges: readonly Exchange[]): Compared {
  const all: Record<string, unknown> = {};
  for (const exchange of asked(exchanges)) {
    const { method, path, query, body } = summary(exchange);
    for (let times = 1; ; times++) {
      const key = `asked.${method} ${path}${times === 1 ? "" : ` (${times})`}`;
      if (key in all) continue;
      all[key] = { query, body };
      break;
    }
  }
  return all;
}

/** In one notation: without what is empty, lists of texts sorted, the query by name. */
function summary({ method, path, body }: Exchange) {
  const url = new URL(path, "http://docker");
  const query = [...url.searchParams].map(([key, value]) => `${key}=${flags[value] ?? value}`).sort();
  return { method, path: decodeURIComponent(url.pathname), query, body: filled(body as never) };
}

function filled(value: JsonObject[string]): unknown {
  if (value === undefined || value === null || value === "" || value === 0 || value === false)
    return undefined;
  if (Array.isArray(value)) {
    const items = value.map((item) => filled(item)).filter((item) => item !== undefined);
    if (items.length === 0) return undefined;
    return items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value === "string") return anonymous(value);
  if (typeof value !== "object") return value;
  const entries = Object.entries(value as JsonObject)
    .map(([key, item]): [string, unknown] => [key, filled(item)])
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
