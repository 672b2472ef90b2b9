/**
 * Property values: what resource inputs and outputs are made of, and how they travel in a google.protobuf.Struct.
 * Specified by Pulumi's gRPC property marshalling (sdk/go/common/resource/plugin/rpc.go; "Property values" in
 * developer-docs): values without a JSON form are objects with the signature key, an unknown is one fixed string.
 */
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { signatureKey, signatures, unknownText, unknownTexts } from "../host/propertySignatures";

export { signatureKey, signatures, unknownText };

/** A value that will be known only when its resource has been created or updated. */
export class Unknown {
  static readonly value = new Unknown();
  private readonly isUnknown = true;
  toString(): string {
    return this.isUnknown ? "output" : "";
  }
}

/** A value that is encrypted in state and never shown. */
export class Secret {
  constructor(readonly element: Value) {}
}

/** A value with its dependencies, as components in other processes pass them. */
export class OutputValue {
  constructor(
    /** `undefined`: unknown. */
    readonly element: Value | undefined,
    readonly secret: boolean,
    readonly dependencies: readonly string[],
  ) {}
}

/** Another resource, passed as a value. */
export class ResourceReference {
  constructor(
    readonly urn: string,
    /** Custom resources have one; the empty string is an unknown one. */
    readonly id: string | undefined,
    readonly packageVersion: string,
  ) {}
}

/** One file's content: text, a path or a URI; `hash` is the SHA-256 of the content in hexadecimal. */
export class Asset {
  constructor(
    readonly source: { readonly text?: string; readonly path?: string; readonly uri?: string },
    readonly hash: string | undefined,
  ) {}
}

/** Several files: by name, a path or a URI. */
export class Archive {
  constructor(
    readonly source: {
      readonly assets?: Readonly<Record<string, Asset | Archive>>;
      readonly path?: string;
      readonly uri?: string;
    },
    readonly hash: string | undefined,
  ) {}
}

export type Value =
  | null
  | boolean
  | number
  | string
  | Unknown
  | Secret
  | OutputValue
  | ResourceReference
  | Asset
  | Archive
  | readonly Value[]
  | PropertyMap;

export interface PropertyMap {
  readonly [key: string]: Value;
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Which special values the receiver understands; the others are replaced by the nearest plain value. */
export interface WireOptions {
  readonly keepUnknowns: boolean;
  readonly keepSecrets: boolean;
  readonly keepResources: boolean;
  readonly keepOutputValues?: boolean;
}

export function isMap(value: Value | undefined): value is PropertyMap {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Unknown) &&
    !(value instanceof Secret) &&
    !(value instanceof OutputValue) &&
    !(value instanceof ResourceReference) &&
    !(value instanceof Asset) &&
    !(value instanceof Archive)
  );
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** Builds an object whose keys may be anything, `__proto__` included. */
export function record<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  return Object.fromEntries(entries);
}

/** Plain JSON with signatures, or `undefined` where the receiver gets nothing at all (an unknown it does not take). */
export function toWire(value: Value, options: WireOptions): Json | undefined {
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Unknown) return options.keepUnknowns ? unknownText : undefined;
  if (value instanceof Secret) {
    const element = toWire(value.element, options);
    if (!options.keepSecrets || element === undefined) return element;
    return { [signatureKey]: signatures.secret, value: element };
  }
  if (value instanceof OutputValue) {
    if (!options.keepOutputValues) return toWire(withoutOutput(value), options);
    return {
      [signatureKey]: signatures.output,
      ...(value.element === undefined ? {} : { value: toWire(value.element, options) ?? null }),
      ...(value.secret ? { secret: true } : {}),
      ...(value.dependencies.length > 0 ? { dependencies: [...value.dependencies] } : {}),
    };
  }
  if (value instanceof ResourceReference) {
    if (!options.keepResources) {
      if (value.id === undefined) return value.urn;
      return value.id === "" ? toWire(Unknown.value, options) : value.id;
    }
    return {
      [signatureKey]: signatures.resource,
      urn: value.urn,
      ...(value.id === undefined ? {} : { id: value.id === "" ? unknownText : value.id }),
      packageVersion: value.packageVersion,
    };
  }
  if (value instanceof Asset || value instanceof Archive) return assetJson(value);
  if (isList(value)) return value.map((element) => toWire(element, options) ?? null);
  return mapToWire(value, options);
}

function mapToWire(map: PropertyMap, options: WireOptions): { [key: string]: Json } {
  const entries: [string, Json][] = [];
  for (const [key, value] of Object.entries(map)) {
    const wire = toWire(value, options);
    if (wire !== undefined) entries.push([key, wire]);
  }
  return record(entries);
}

/** The same form is used on the wire and in state. */
export function assetJson(value: Asset | Archive): { [key: string]: Json } {
  const json: { [key: string]: Json } = {
    [signatureKey]: value instanceof Asset ? signatures.asset : signatures.archive,
  };
  if (value.hash !== undefined) json.hash = value.hash;
  for (const [key, source] of Object.entries(value.source)) {
    // Empty text is left out, as in Pulumi: an asset without any source is one of empty text.
    if (source === "") continue;
    json[key] =
      typeof source === "string"
        ? source
        : record(Object.entries(source).map(([name, member]) => [name, assetJson(member)] as const));
  }
  return json;
}

export function toStruct(map: PropertyMap, options: WireOptions): Struct {
  return Struct.fromJavaScript(mapToWire(map, options));
}

/** Reads what {@link toWire} writes. Throws on a signature it does not know. */
export function fromWire(wire: Json): Value {
  if (typeof wire === "string") return unknownTexts.has(wire) ? Unknown.value : wire;
  if (wire === null || typeof wire !== "object") return wire;
  if (Array.isArray(wire)) return wire.map(fromWire);
  const signature = wire[signatureKey];
  if (signature === undefined) return mapFromWire(wire);
  switch (signature) {
    case signatures.secret:
      return new Secret(fromWire(wire.value ?? null));
    case signatures.output: {
      const element = wire.value === undefined ? undefined : fromWire(wire.value);
      return new OutputValue(
        element instanceof Unknown ? undefined : element,
        wire.secret === true,
        Array.isArray(wire.dependencies) ? wire.dependencies.map(String) : [],
      );
    }
    case signatures.resource:
      return new ResourceReference(
        String(wire.urn),
        wire.id === undefined ? undefined : unknownTexts.has(String(wire.id)) ? "" : String(wire.id),
        typeof wire.packageVersion === "string" ? wire.packageVersion : "",
      );
    case signatures.asset:
    case signatures.archive:
      return assetFromJson(wire);
    default:
      throw new Error(`unknown signature ${JSON.stringify(signature)} in a property value`);
  }
}

export function assetFromJson(json: { [key: string]: Json }): Asset | Archive {
  const text = (key: string): string | undefined => {
    const value = json[key];
    return typeof value === "string" ? value : undefined;
  };
  // An absent source is written as an empty string by some SDKs; text may be empty and real.
  const path = text("path") || undefined;
  const uri = text("uri") || undefined;
  const hash = text("hash") || undefined;
  if (json[signatureKey] === signatures.asset) {
    if (path !== undefined) return new Asset({ path }, hash);
    if (uri !== undefined) return new Asset({ uri }, hash);
    return new Asset({ text: text("text") ?? "" }, hash);
  }
  if (path !== undefined) return new Archive({ path }, hash);
  if (uri !== undefined) return new Archive({ uri }, hash);
  const assets = json.assets;
  const members = typeof assets === "object" && assets !== null && !Array.isArray(assets) ? assets : {};
  return new Archive(
    {
      assets: record(
        Object.entries(members).map(([name, member]) => {
          if (typeof member !== "object" || member === null || Array.isArray(member))
            throw new Error(`member ${name} of an archive is neither an asset nor an archive`);
          return [name, assetFromJson(member)] as const;
        }),
      ),
    },
    hash,
  );
}

function mapFromWire(wire: { [key: string]: Json }): PropertyMap {
  return record(Object.entries(wire).map(([key, value]) => [key, fromWire(value)] as const));
}

export function fromStruct(struct: Struct | undefined): PropertyMap {
  return struct === undefined ? {} : mapFromWire(struct.toJavaScript() as { [key: string]: Json });
}

/** An output value as a plain, unknown or secret one; its dependencies are lost. */
function withoutOutput(value: OutputValue): Value {
  const element = value.element === undefined ? Unknown.value : flattenOutputs(value.element);
  return value.secret ? new Secret(element) : element;
}

/** Replaces every output value by what it holds. */
export function flattenOutputs(value: Value): Value {
  if (value instanceof OutputValue) return withoutOutput(value);
  if (value instanceof Secret) return new Secret(flattenOutputs(value.element));
  if (isList(value)) return value.map(flattenOutputs);
  if (isMap(value)) return mapValues(value, flattenOutputs);
  return value;
}

/** URNs that the output values inside depend on. */
export function outputDependencies(value: Value, into: Set<string>): void {
  if (value instanceof OutputValue) {
    for (const urn of value.dependencies) into.add(urn);
    if (value.element !== undefined) outputDependencies(value.element, into);
  } else if (value instanceof Secret) outputDependencies(value.element, into);
  else if (isList(value)) for (const element of value) outputDependencies(element, into);
  else if (isMap(value)) for (const element of Object.values(value)) outputDependencies(element, into);
}

export function mapValues(map: PropertyMap, change: (value: Value) => Value): PropertyMap {
  return record(Object.entries(map).map(([key, value]) => [key, change(value)] as const));
}

export function hasUnknowns(value: Value): boolean {
  if (value instanceof Unknown) return true;
  if (value instanceof Secret) return hasUnknowns(value.element);
  if (value instanceof OutputValue) return value.element === undefined || hasUnknowns(value.element);
  if (value instanceof ResourceReference) return value.id === "";
  if (isList(value)) return value.some(hasUnknowns);
  if (isMap(value)) return Object.values(value).some(hasUnknowns);
  return false;
}

export function hasSecrets(value: Value): boolean {
  if (value instanceof Secret) return true;
  if (value instanceof OutputValue)
    return value.secret || (value.element !== undefined && hasSecrets(value.element));
  if (isList(value)) return value.some(hasSecrets);
  if (isMap(value)) return Object.values(value).some(hasSecrets);
  return false;
}

/** The value without its secret marks. */
export function unwrapSecrets(value: Value): Value {
  if (value instanceof Secret) return unwrapSecrets(value.element);
  if (value instanceof OutputValue) return unwrapSecrets(withoutOutput(value));
  if (isList(value)) return value.map(unwrapSecrets);
  if (isMap(value)) return mapValues(value, unwrapSecrets);
  return value;
}

/** Same content; a secret equals only a secret. An unknown equals an unknown. */
export function sameValue(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  if (typeof a === "number" && typeof b === "number") return Object.is(a, b);
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
  if (a instanceof Secret) return b instanceof Secret && sameValue(a.element, b.element);
  if (a instanceof ResourceReference)
    // The version of the package that made the reference says nothing about the resource.
    return b instanceof ResourceReference && a.urn === b.urn && a.id === b.id;
  if (a instanceof Asset || a instanceof Archive) {
    if (a.constructor !== b.constructor) return false;
    const other = b as Asset | Archive;
    if (a.hash !== undefined && other.hash !== undefined) return a.hash === other.hash;
    return JSON.stringify(assetJson(a)) === JSON.stringify(assetJson(other));
  }
  if (a instanceof OutputValue)
    return b instanceof OutputValue && a.secret === b.secret && sameValue(a.element, b.element);
  if (isList(a))
    return isList(b) && a.length === b.length && a.every((element, index) => sameValue(element, b[index]));
  if (!isMap(a) || !isMap(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]))
  );
}

/** How values are written for people and programs. */
export interface PlainOptions {
  /** Otherwise a secret is `[secret]`. */
  readonly showSecrets?: boolean;
  /** Written for a value that is not known yet; otherwise it is left out of objects and `null` elsewhere. */
  readonly unknown?: string;
}

/** Plain JSON. */
export function toPlain(value: Value, options: PlainOptions): Json | undefined {
  if (value instanceof Unknown) return options.unknown;
  if (value instanceof Secret) return options.showSecrets ? toPlain(value.element, options) : "[secret]";
  if (value instanceof OutputValue) return toPlain(withoutOutput(value), options);
  if (value instanceof ResourceReference)
    return value.id === undefined || value.id === "" ? value.urn : value.id;
  if (value instanceof Asset || value instanceof Archive) return assetJson(value);
  if (isList(value)) return value.map((element) => toPlain(element, options) ?? null);
  if (isMap(value)) return mapToPlain(value, options);
  return value as null | boolean | number | string;
}

export function mapToPlain(map: PropertyMap, options: PlainOptions): { [key: string]: Json } {
  const entries: [string, Json][] = [];
  for (const [key, value] of Object.entries(map)) {
    const plain = toPlain(value, options);
    if (plain !== undefined) entries.push([key, plain]);
  }
  return record(entries);
}
