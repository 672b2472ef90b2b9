/**
 * `Check` of resources and of the provider's configuration: each input is held to its description, defaults and names
 * are filled in. Specified by Check in pulumi/provider.proto; `__defaults` (which properties a default gave, so that
 * a later program may leave them out without a difference) by pulumi-terraform-bridge, pkg/tfbridge/schema.go.
 */
import { createHash, randomBytes } from "node:crypto";
import { parseDuration } from "../../host/duration";
import { nearName } from "../../host/nearName";
import { child, type Properties, type Property } from "./property";
import {
  Archive,
  Asset,
  isPropertyMap,
  OutputValue,
  type PropertyMap,
  type PropertyValue,
  Secret,
  Unknown,
} from "./values";

export interface CheckFailure {
  /** Path of the property; empty when it is about the whole resource. */
  readonly property: string;
  readonly reason: string;
}

/** How to name a resource whose program gives no name. */
export interface Autonaming {
  readonly resourceName: string;
  readonly randomSeed: Uint8Array;
  readonly mode: "random" | "propose" | "enforce" | "disable";
  readonly proposed: string;
}

export interface CheckOptions {
  /** Inputs of the last run, for names that are kept. */
  readonly olds?: PropertyMap;
  readonly autonaming?: Autonaming;
  /** Write `__defaults` lists into the inputs, as bridged providers do. */
  readonly recordDefaults?: boolean;
}

export interface Checked {
  readonly inputs: PropertyMap;
  readonly failures: readonly CheckFailure[];
}

const defaultsKey = "__defaults";

export function checkInputs(properties: Properties, news: PropertyMap, options: CheckOptions = {}): Checked {
  const failures: CheckFailure[] = [];

  function checkObject(described: Properties, given: PropertyMap, path: string): PropertyMap {
    const inputs: Record<string, PropertyValue> = {};
    const defaults: string[] = [];
    for (const [key, value] of Object.entries(given)) {
      if (value === null || key.startsWith("__")) continue;
      const property = Object.hasOwn(described, key) ? described[key] : undefined;
      if (property === undefined || property.output) {
        failures.push({ property: child(path, key), reason: unknownProperty(key, described, property) });
      } else inputs[key] = checkValue(property, value, child(path, key));
    }
    for (const [key, property] of Object.entries(described)) {
      if (inputs[key] !== undefined || (given[key] !== undefined && given[key] !== null)) continue;
      if (property.output) continue;
      if (property.autoname && path === "" && options.autonaming) {
        const name = autoname(key, options.autonaming, options.olds);
        if (name !== undefined) {
          inputs[key] = name;
          defaults.push(key);
          continue;
        }
      }
      // Terraform takes a default that is false, zero or empty for none.
      const none = options.recordDefaults && !property.default;
      if (property.default !== undefined && !none) {
        inputs[key] = property.default;
        defaults.push(key);
      } else if (property.required || property.autoname) {
        failures.push({ property: child(path, key), reason: "is required but missing" });
      }
    }
    if (options.recordDefaults) inputs[defaultsKey] = defaults.sort();
    return inputs;
  }

  /** What the schema calls a secret is marked as one also within a value that is secret as a whole, as the real plugins do. */
  function checkValue(property: Property, value: PropertyValue, path: string): PropertyValue {
    if (value instanceof OutputValue) {
      const plain = value.value ?? Unknown.value;
      return checkValue(property, value.secret ? new Secret(plain) : plain, path);
    }
    if (value instanceof Secret) return new Secret(checkPlain(property, value.value, path));
    if (property.secret && !(value instanceof Unknown)) return new Secret(checkPlain(property, value, path));
    return checkPlain(property, value, path);
  }

  function checkPlain(property: Property, value: PropertyValue, path: string): PropertyValue {
    if (value instanceof Unknown) return value;
    if (value instanceof Secret || value instanceof OutputValue) return checkValue(property, value, path);
    return checkTyped(property, options.recordDefaults ? converted(property, value) : value, path);
  }

  function checkTyped(property: Property, value: PropertyValue, path: string): PropertyValue {
    const fail = (expected: string): PropertyValue => {
      // The value itself is not repeated: it may be a secret that was not marked.
      failures.push({ property: path, reason: `must be ${expected}, is ${kindOf(value)}` });
      return value;
    };
    switch (property.type) {
      case "any":
        return value;
      case "string": {
        if (typeof value !== "string") return fail("a string");
        const reason = textProblem(property, value);
        if (reason !== undefined) failures.push({ property: path, reason });
        return value;
      }
      case "integer":
      case "number": {
        if (typeof value !== "number")
          return fail(property.type === "integer" ? "a whole number" : "a number");
        if (property.type === "integer" && !Number.isInteger(value)) return fail("a whole number");
        if (property.minimum !== undefined && value < property.minimum) {
          failures.push({ property: path, reason: `must be at least ${property.minimum}, is ${value}` });
        }
        return value;
      }
      case "boolean":
        return typeof value === "boolean" ? value : fail("true or false");
      case "asset":
        return value instanceof Asset || value instanceof Archive ? value : fail("an asset or an archive");
      case "list":
      case "set":
        if (!Array.isArray(value)) return fail("a list");
        return value.map((item: PropertyValue, index) =>
          checkValue(property.items as Property, item, child(path, index)),
        );
      case "map":
        if (!isPropertyMap(value)) return fail("a map");
        return Object.fromEntries(
          Object.entries(value)
            .filter(([key, item]) => item !== null && key !== defaultsKey)
            .map(([key, item]) => [key, checkValue(property.items as Property, item, child(path, key))]),
        );
      case "object":
        if (!isPropertyMap(value)) return fail("an object");
        return checkObject(property.properties as Properties, value, path);
    }
  }

  return { inputs: checkObject(properties, news, ""), failures };
}

/** Terraform takes `"64"` for a number, `"true"` for true, and numbers for texts; so do the providers bridged from it. */
function converted({ type }: Property, value: PropertyValue): PropertyValue {
  if (type === "string" && (typeof value === "number" || typeof value === "boolean")) return String(value);
  if (typeof value !== "string") return value;
  if (type === "boolean" && (value === "true" || value === "false")) return value === "true";
  if ((type === "integer" || type === "number") && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  return value;
}

function kindOf(value: PropertyValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (value instanceof Asset) return "an asset";
  if (value instanceof Archive) return "an archive";
  switch (typeof value) {
    case "object":
      return "an object";
    case "number":
      return `the number ${value}`;
    case "boolean":
      return String(value);
    default:
      return `a ${typeof value}`;
  }
}

function textProblem(property: Property, value: string): string | undefined {
  if (property.oneOf && !property.oneOf.includes(value)) {
    return `must be one of ${property.oneOf.map((one) => JSON.stringify(one)).join(", ")}, is ${JSON.stringify(value)}`;
  }
  if (property.pattern && !property.pattern.test(value)) {
    return `must match ${property.pattern.source}, is ${JSON.stringify(value)}`;
  }
  switch (property.format) {
    case "absolutePath":
      return /^([a-zA-Z]:[\\/]|\/)/.test(value)
        ? undefined
        : `must be an absolute path, is ${JSON.stringify(value)}`;
    case "duration":
      return (parseDuration(value) ?? -1) < 0
        ? `must be a duration such as "10s" or "1m30s", is ${JSON.stringify(value)}`
        : undefined;
    case "ratio":
      return /^(0(\.\d+)?|1(\.0+)?)$/.test(value)
        ? undefined
        : `must be a number from 0 to 1, is ${JSON.stringify(value)}`;
    case "base64":
      return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value)
        ? undefined
        : "must be base64-encoded";
    default:
      return undefined;
  }
}

function unknownProperty(key: string, described: Properties, property: Property | undefined): string {
  if (property?.output) return "is computed and cannot be set";
  const names = Object.keys(described).filter((name) => !described[name]?.output);
  const near = nearName(key, names);
  return `is no property here${near === undefined ? ` (there are ${names.join(", ")})` : `; did you mean ${near}?`}`;
}

/** `<resource name>-<7 hexadecimal digits>`; the name of the last run is kept if it was made this way. */
function autoname(key: string, naming: Autonaming, olds: PropertyMap | undefined): string | undefined {
  const old = olds?.[key];
  const oldDefaults = olds?.[defaultsKey];
  if (typeof old === "string" && Array.isArray(oldDefaults) && oldDefaults.includes(key)) return old;
  if (naming.mode === "disable") return undefined;
  if (naming.mode !== "random") return naming.proposed;
  const digits =
    naming.randomSeed.length > 0
      ? createHash("sha256").update(naming.randomSeed).update(naming.resourceName).digest("hex")
      : randomBytes(8).toString("hex");
  return `${naming.resourceName}-${digits.slice(0, 7)}`;
}
