/**
 * Property values as they travel in Pulumi's protocols: a protobuf Struct in which secrets, unknowns, outputs, assets,
 * archives and references to resources are objects with a signature.
 * Specified in pulumi/pulumi: sdk/go/common/resource/plugin/rpc.go and sdk/go/common/resource/properties.go.
 */
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { signatureKey, signatures, unknownText, unknownTexts } from "../../host/propertySignatures";

export type PropertyValue =
  | null
  | boolean
  | number
  | string
  | readonly PropertyValue[]
  | PropertyMap
  | Secret
  | Unknown
  | OutputValue
  | Asset
  | Archive
  | ResourceReference;

export interface PropertyMap {
  readonly [key: string]: PropertyValue;
}

/** A value that must not be shown or kept in plain text. */
export class Secret {
  constructor(readonly value: PropertyValue) {}
}

/** A value that only the real operation gives. */
export class Unknown {
  private readonly kind = "unknown";
  static readonly value = new Unknown();
  toString(): string {
    return `<${this.kind}>`;
  }
}

/** A value with what it depends on; `value` is undefined while unknown. */
export class OutputValue {
  constructor(
    readonly value: PropertyValue | undefined,
    readonly secret: boolean,
    readonly dependencies: readonly string[],
  ) {}
}

/** One file: text, a local path, or a URI. */
export class Asset {
  constructor(
    readonly content: { readonly text?: string; readonly path?: string; readonly uri?: string },
    readonly hash?: string,
  ) {}
}

/** Several files: a local folder or archive, a URI, or a map of assets and archives. */
export class Archive {
  constructor(
    readonly content: { readonly assets?: PropertyMap; readonly path?: string; readonly uri?: string },
    readonly hash?: string,
  ) {}
}

export class ResourceReference {
  constructor(
    readonly urn: string,
    /** Undefined for components; `Unknown` in previews. */
    readonly id: string | Unknown | undefined,
    readonly packageVersion?: string,
  ) {}
}

type Json = JavaScriptValue;
type JsonObject = { readonly [key: string]: Json };

export function isPropertyMap(value: PropertyValue | undefined): value is PropertyMap {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(
      value instanceof Secret ||
      value instanceof Unknown ||
      value instanceof OutputValue ||
      value instanceof Asset ||
      value instanceof Archive ||
      value instanceof ResourceReference
    )
  );
}

/** Reads a message's Struct; absent is empty. */
export function fromStruct(struct: Struct | undefined): PropertyMap {
  return struct ? fromJsonObject(struct.toJavaScript() as JsonObject) : {};
}

function fromJsonObject(object: JsonObject): PropertyMap {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, fromJson(value)]));
}

/** The same from plain JSON: the form in which state files keep values. */
export function fromJson(json: Json): PropertyValue {
  if (json === null || typeof json === "boolean" || typeof json === "number") return json;
  if (typeof json === "string") return unknownTexts.has(json) ? Unknown.value : json;
  if (Array.isArray(json)) return json.map((item) => fromJson(item as Json));
  const object = json as JsonObject;
  const signature = object[signatureKey];
  switch (signature) {
    case undefined:
      return fromJsonObject(object);
    case signatures.secret:
      return new Secret(fromJson(object.value ?? null));
    case signatures.output:
      return new OutputValue(
        object.value === undefined ? undefined : fromJson(object.value),
        object.secret === true,
        Array.isArray(object.dependencies) ? object.dependencies.map(String) : [],
      );
    case signatures.asset: {
      const [path, uri] = [text(object.path), text(object.uri)];
      // One without any source is of empty text, which the engine leaves out.
      const content = text(object.text) ?? (path === undefined && uri === undefined ? "" : undefined);
      return new Asset({ text: content, path, uri }, text(object.hash));
    }
    case signatures.archive: {
      const { assets } = object;
      return new Archive(
        {
          assets:
            typeof assets === "object" && assets !== null ? fromJsonObject(assets as JsonObject) : undefined,
          path: text(object.path),
          uri: text(object.uri),
        },
        text(object.hash),
      );
    }
    case signatures.resource:
      return new ResourceReference(
        String(object.urn),
        object.id === undefined
          ? undefined
          : unknownTexts.has(String(object.id))
            ? Unknown.value
            : String(object.id),
        text(object.packageVersion),
      );
    default:
      throw new Error(`a property value has an unknown signature (${String(signature)})`);
  }
}

/** Empty is absent: Pulumi's own encoders write "" for the kinds of content that an asset does not have. */
function text(value: Json | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** What the receiver understands; what it does not is reduced. All true by default. */
export interface Accepts {
  /** Else secrets go as their plain values. */
  readonly secrets?: boolean;
  /** Else references go as ids (or URNs for components). */
  readonly resources?: boolean;
  /** Else outputs go as secrets, unknowns or plain values. */
  readonly outputs?: boolean;
}

export function toStruct(map: PropertyMap, accepts: Accepts = {}): Struct {
  return Struct.fromJavaScript(toJson(map, accepts) as { [key: string]: Json });
}

export function toJson(value: PropertyValue, accepts: Accepts = {}): Json {
  const signed = (signature: string, rest: { [key: string]: Json | undefined }): Json =>
    Object.fromEntries(
      Object.entries({ [signatureKey]: signature, ...rest }).filter(([, item]) => item !== undefined),
    ) as Json;
  const secret = (inner: PropertyValue): Json =>
    accepts.secrets === false
      ? toJson(inner, accepts)
      : signed(signatures.secret, { value: toJson(inner, accepts) });

  if (value === null || typeof value !== "object") return value;
  if (value instanceof Unknown) return unknownText;
  if (value instanceof Secret) return secret(value.value);
  if (value instanceof OutputValue) {
    if (accepts.outputs === false) {
      const plain = value.value ?? Unknown.value;
      return value.secret ? secret(plain) : toJson(plain, accepts);
    }
    return signed(signatures.output, {
      value: value.value === undefined ? undefined : toJson(value.value, accepts),
      secret: value.secret || undefined,
      dependencies: value.dependencies.length > 0 ? [...value.dependencies] : undefined,
    });
  }
  if (value instanceof Asset) {
    return signed(signatures.asset, { ...value.content, hash: value.hash });
  }
  if (value instanceof Archive) {
    const { assets, path, uri } = value.content;
    return signed(signatures.archive, {
      assets: assets === undefined ? undefined : toJson(assets, accepts),
      path,
      uri,
      hash: value.hash,
    });
  }
  if (value instanceof ResourceReference) {
    const id = value.id instanceof Unknown ? unknownText : value.id;
    if (accepts.resources === false) return id ?? value.urn;
    return signed(signatures.resource, { urn: value.urn, id, packageVersion: value.packageVersion });
  }
  if (Array.isArray(value)) return value.map((item: PropertyValue) => toJson(item, accepts));
  return Object.fromEntries(
    Object.entries(value as PropertyMap).map(([key, item]) => [key, toJson(item, accepts)]),
  );
}

/** The value under its marks: secrets and known outputs opened, unknown outputs as `Unknown`. */
export function reveal(value: PropertyValue): PropertyValue {
  if (value instanceof Secret) return reveal(value.value);
  if (value instanceof OutputValue) return value.value === undefined ? Unknown.value : reveal(value.value);
  if (Array.isArray(value)) return value.map((item: PropertyValue) => reveal(item));
  if (isPropertyMap(value)) return revealMap(value);
  return value;
}

function revealMap(map: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(map).map(([key, item]) => [key, reveal(item)]));
}

export function containsUnknown(value: PropertyValue): boolean {
  if (value instanceof Unknown) return true;
  if (value instanceof Secret) return containsUnknown(value.value);
  if (value instanceof OutputValue) return value.value === undefined || containsUnknown(value.value);
  if (value instanceof Archive)
    return value.content.assets !== undefined && containsUnknown(value.content.assets);
  if (Array.isArray(value)) return value.some(containsUnknown);
  return isPropertyMap(value) && Object.values(value).some(containsUnknown);
}

export function containsSecret(value: PropertyValue): boolean {
  if (value instanceof Secret) return true;
  if (value instanceof OutputValue) {
    return value.secret || (value.value !== undefined && containsSecret(value.value));
  }
  if (value instanceof Archive)
    return value.content.assets !== undefined && containsSecret(value.content.assets);
  if (Array.isArray(value)) return value.some(containsSecret);
  return isPropertyMap(value) && Object.values(value).some(containsSecret);
}
