/**
 * The deployment format, version 3 (4 when a resource uses a newer feature): resources and pending operations as JSON.
 * Specified by sdk/go/common/apitype/core.go (DeploymentV3, ResourceV3, SecretV1) and pkg/resource/stack/deployment.go.
 * Fields this engine does not know are kept as they were.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { UserError } from "../host/userError";
import { newState, type OperationType, type PendingOperation, type ResourceState } from "./resourceState";
import type { SecretsManager } from "./secrets";
import {
  Archive,
  Asset,
  assetFromJson,
  assetJson,
  flattenOutputs,
  isList,
  type Json,
  mapToPlain,
  OutputValue,
  type PropertyMap,
  ResourceReference,
  record,
  Secret,
  signatureKey,
  signatures,
  toPlain,
  Unknown,
  unknownText,
  type Value,
} from "./values";

const floatSignature = "8ad145fe-0d11-4827-bfd7-1abcbf086f5c";
/** Features of version 4 that this engine carries through unharmed, and what uses them. */
const featureUses: Readonly<Record<string, (state: ResourceState) => boolean>> = {
  hooks: ({ resourceHooks }) => Object.keys(resourceHooks).length > 0,
  refreshBeforeUpdate: (state) => state.refreshBeforeUpdate,
  replaceWith: ({ replaceWith }) => replaceWith.length > 0,
  taint: (state) => state.taint,
  views: ({ viewOf }) => viewOf !== "",
};

const properties = z.record(z.string(), z.unknown());
const urns = z.array(z.string()).nullish();
const flag = z.boolean().nullish();
const text = z.string().nullish();
const resourceJson = z.looseObject({
  urn: z.string().min(1),
  custom: z.boolean(),
  type: z.string().min(1),
  delete: flag,
  id: text,
  inputs: properties.nullish(),
  outputs: properties.nullish(),
  parent: text,
  protect: flag,
  taint: flag,
  external: flag,
  dependencies: urns,
  initErrors: z.array(z.string()).nullish(),
  provider: text,
  propertyDependencies: z.record(z.string(), urns).nullish(),
  pendingReplacement: flag,
  additionalSecretOutputs: z.array(z.string()).nullish(),
  aliases: urns,
  customTimeouts: z
    .looseObject({
      create: z.number().optional(),
      update: z.number().optional(),
      delete: z.number().optional(),
      read: z.number().optional(),
    })
    .nullish(),
  importID: text,
  retainOnDelete: flag,
  deletedWith: text,
  replaceWith: urns,
  replacementTrigger: z.unknown().optional(),
  created: text,
  modified: text,
  sourcePosition: text,
  stackTrace: z.array(z.looseObject({ sourcePosition: z.string().optional() })).nullish(),
  ignoreChanges: z.array(z.string()).nullish(),
  hideDiff: z.array(z.unknown()).nullish(),
  replaceOnChanges: z.array(z.string()).nullish(),
  refreshBeforeUpdate: flag,
  viewOf: text,
  resourceHooks: z.record(z.string(), z.array(z.string())).nullish(),
});

const deploymentJson = z.looseObject({
  manifest: z.looseObject({}).nullish(),
  secrets_providers: z.looseObject({ type: z.string(), state: z.unknown().optional() }).nullish(),
  resources: z.array(resourceJson).nullish(),
  pending_operations: z.array(z.looseObject({ resource: resourceJson, type: z.string() })).nullish(),
});

export type DeploymentJson = z.infer<typeof deploymentJson>;
type ResourceJson = z.infer<typeof resourceJson>;

/** What one stack consists of. */
export interface Snapshot {
  readonly resources: readonly ResourceState[];
  readonly pendingOperations: readonly PendingOperation[];
}

export const emptySnapshot: Snapshot = { resources: [], pendingOperations: [] };

/** Checks the form only; secrets stay encrypted. `what` names the file in errors. */
export function parseDeployment(
  json: unknown,
  version: number,
  features: readonly string[],
  what: string,
): DeploymentJson {
  if (version < 1) throw new UserError(`${what} has deployment version ${version}, the oldest there is is 1`);
  const unsupported = features.filter((feature) => !Object.hasOwn(featureUses, feature));
  if (version > 4 || unsupported.length > 0)
    throw new UserError(
      `${what} needs a newer engine`,
      unsupported.length > 0 ? `it uses: ${unsupported.join(", ")}` : `its deployment version is ${version}`,
    );
  const parsed = deploymentJson.safeParse(json);
  if (!parsed.success)
    throw new UserError(`${what} is not a valid deployment`, z.prettifyError(parsed.error));
  return version < 3 ? withPropertyDependencies(parsed.data) : parsed.data;
}

/** Versions 1 and 2 have no dependencies of single properties: each may depend on all that the resource depends on. */
function withPropertyDependencies(deployment: DeploymentJson): DeploymentJson {
  const upgraded = (resource: ResourceJson): ResourceJson => ({
    ...resource,
    propertyDependencies: record(
      Object.keys(resource.inputs ?? {}).map((key) => [key, resource.dependencies ?? []] as const),
    ),
  });
  return {
    ...deployment,
    resources: deployment.resources?.map(upgraded),
    pending_operations: deployment.pending_operations?.map(({ resource, ...operation }) => ({
      ...operation,
      resource: upgraded(resource),
    })),
  };
}

/** The salt that the state's secrets were encrypted with. */
export function saltOf(deployment: DeploymentJson, what: string): string | undefined {
  const provider = deployment.secrets_providers;
  if (!provider || provider.type === "") return undefined;
  const salt = (provider.state as { salt?: unknown } | undefined)?.salt;
  if (provider.type !== "passphrase" || typeof salt !== "string")
    throw new UserError(
      `${what}: secrets provider ${JSON.stringify(provider.type)} is not supported by the embedded engine`,
      "it supports passphrase only",
    );
  return salt;
}

type Crypter = Pick<SecretsManager, "salt" | "encrypt" | "decrypt">;
/** Without a salt, what it reads is encrypted anew when it is written. */
export type Decrypter = Pick<SecretsManager, "decrypt"> & { readonly salt?: string };

/** Within a secret that is encrypted as a whole, secrets keep their mark and form, but are not encrypted a second time. */
const within: Crypter = { salt: "", encrypt: (text) => text, decrypt: (text) => text };

/** Ciphertexts of secrets that were read or written already: an unchanged secret keeps its ciphertext. */
const ciphertexts = new WeakMap<Secret, { readonly salt: string; readonly text: string }>();

export function readSnapshot(deployment: DeploymentJson, secrets: Decrypter | undefined): Snapshot {
  return {
    resources: (deployment.resources ?? []).map((resource) => readResource(resource, secrets)),
    pendingOperations: (deployment.pending_operations ?? []).map((operation) => ({
      resource: readResource(operation.resource, secrets),
      type: operation.type as OperationType,
    })),
  };
}

function readResource(json: ResourceJson, secrets: Decrypter | undefined): ResourceState {
  const { urn, type, custom, importID, customTimeouts, propertyDependencies, replacementTrigger, ...others } =
    json;
  const known = new Set(Object.keys(resourceJson.shape));
  const given = record(Object.entries(others).filter(([key, value]) => known.has(key) && value != null));
  return newState({
    ...(given as Partial<ResourceState>),
    urn,
    type,
    custom,
    importId: importID ?? "",
    customTimeouts: customTimeouts ?? {},
    propertyDependencies: record(
      Object.entries(propertyDependencies ?? {}).map(([key, list]) => [key, list ?? []] as const),
    ),
    // Written as lists of keys by versions of this engine before the first release.
    hideDiff: (json.hideDiff ?? []).filter((path) => typeof path === "string"),
    replacementTrigger: readValue((replacementTrigger ?? null) as Json, secrets),
    inputs: readMap(json.inputs, secrets),
    outputs: readMap(json.outputs, secrets),
    rest: record(Object.entries(others).filter(([key]) => !known.has(key))),
  });
}

export function readMap(
  map: Record<string, unknown> | null | undefined,
  secrets: Decrypter | undefined,
): PropertyMap {
  return record(
    Object.entries(map ?? {}).map(([key, value]) => [key, readValue(value as Json, secrets)] as const),
  );
}

function readValue(json: Json, secrets: Decrypter | undefined): Value {
  if (typeof json === "string") return json === unknownText ? Unknown.value : json;
  if (json === null || typeof json !== "object") return json;
  if (Array.isArray(json)) return json.map((element) => readValue(element, secrets));
  switch (json[signatureKey]) {
    case undefined:
      return readMap(json, secrets);
    case signatures.secret:
      return readSecret(json, secrets);
    case signatures.asset:
    case signatures.archive:
      return assetFromJson(json);
    case signatures.resource:
      return new ResourceReference(
        String(json.urn),
        typeof json.id === "string" ? json.id : undefined,
        typeof json.packageVersion === "string" ? json.packageVersion : "",
      );
    case floatSignature:
      return Buffer.from(String(json.value), "hex").readDoubleBE();
    default:
      throw new UserError(
        "the state holds a kind of value that this engine does not know",
        `signature ${JSON.stringify(json[signatureKey])}`,
      );
  }
}

function readSecret(json: { [key: string]: Json }, secrets: Decrypter | undefined): Secret {
  if (typeof json.plaintext === "string")
    return new Secret(readValue(JSON.parse(json.plaintext) as Json, secrets));
  if (typeof json.ciphertext !== "string")
    throw new Error("a secret in the state has neither ciphertext nor plaintext");
  if (secrets === undefined) throw new Error("the state has secrets but no secrets provider");
  const secret = new Secret(readValue(JSON.parse(secrets.decrypt(json.ciphertext)) as Json, within));
  if (secrets.salt !== undefined) ciphertexts.set(secret, { salt: secrets.salt, text: json.ciphertext });
  return secret;
}

export interface WriteOptions {
  readonly secrets: Crypter;
  /** Secrets as plain text: for `stack export --show-secrets` only. */
  readonly showSecrets?: boolean;
  /** Version of the engine whose protocol is followed, as `v3.248.0`. */
  readonly engineVersion: string;
}

export interface WrittenDeployment {
  readonly version: number;
  readonly features: readonly string[];
  readonly deployment: Json;
}

/** The same, as the bytes of a file. */
export interface DeploymentBytes {
  readonly version: number;
  readonly features: readonly string[];
  /** Good until the next one is written. */
  readonly bytes: readonly Buffer[];
}

export function writeDeployment(snapshot: Snapshot, options: WriteOptions): WrittenDeployment {
  const { resources, pendingOperations } = snapshot;
  return {
    ...form(resources),
    deployment: {
      ...heading(options),
      ...(resources.length === 0
        ? {}
        : { resources: resources.map((state) => writeResource(state, options)) }),
      ...(pendingOperations.length === 0
        ? {}
        : { pending_operations: pendingOperations.map((operation) => writeOperation(operation, options)) }),
      metadata: {},
    },
  };
}

/** A resource as it was when it was written. Its values never change in place. */
interface Written {
  readonly was: ResourceState;
  readonly bytes: Buffer;
}

/**
 * For the many snapshots of one run: a resource that did not change since the last one is not written anew, and what stands
 * before the first change is not even copied. Most snapshots differ from the one before at their end alone.
 */
export class DeploymentWriter {
  private readonly written = new WeakMap<ResourceState, Written>();
  /** The resources of the snapshot before, and where each of them ends in `list`. */
  private last: readonly Written[] = [];
  private ends: number[] = [];
  private list = Buffer.allocUnsafe(1 << 16);

  constructor(private readonly options: WriteOptions) {}

  write({ resources, pendingOperations }: Snapshot): DeploymentBytes {
    const head = Object.entries(heading(this.options)).map(
      ([key, value]) => `"${key}":${JSON.stringify(value)}`,
    );
    const operations = pendingOperations.map(
      ({ resource, type }) =>
        `{"resource":${this.resource(resource).bytes.toString()},"type":${JSON.stringify(type)}}`,
    );
    const tail = [
      ...(operations.length > 0 ? [`"pending_operations":[${operations.join(",")}]`] : []),
      '"metadata":{}',
    ].join(",");
    const bytes =
      resources.length === 0
        ? [Buffer.from(`{${head.join(",")},${tail}}`)]
        : [
            Buffer.from(`{${head.join(",")},"resources":[`),
            this.resources(resources),
            Buffer.from(`],${tail}}`),
          ];
    return { ...form(resources), bytes };
  }

  private resources(states: readonly ResourceState[]): Buffer {
    const now = states.map((state) => this.resource(state));
    let same = 0;
    while (same < now.length && now[same] === this.last[same]) same++;
    this.ends.length = same;
    let end = this.ends[same - 1] ?? 0;
    for (const { bytes } of now.slice(same)) {
      const start = end === 0 ? 0 : end + 1;
      this.reserve(start + bytes.length);
      if (start > 0) this.list.write(",", end, "latin1");
      bytes.copy(this.list, start);
      end = start + bytes.length;
      this.ends.push(end);
    }
    this.last = now;
    return this.list.subarray(0, end);
  }

  private reserve(length: number): void {
    if (length <= this.list.length) return;
    const larger = Buffer.allocUnsafe(2 * length);
    this.list.copy(larger);
    this.list = larger;
  }

  private resource(state: ResourceState): Written {
    const known = this.written.get(state);
    if (known && sameFields(known.was, state)) return known;
    const bytes = Buffer.from(JSON.stringify(writeResource(state, this.options)));
    const written = { was: { ...state }, bytes };
    this.written.set(state, written);
    return written;
  }
}

function sameFields(a: ResourceState, b: ResourceState): boolean {
  for (const key in b) if (a[key as keyof ResourceState] !== b[key as keyof ResourceState]) return false;
  return true;
}

function form(resources: readonly ResourceState[]): { version: number; features: string[] } {
  const features = Object.entries(featureUses)
    .filter(([, uses]) => resources.some(uses))
    .map(([feature]) => feature);
  return { version: features.length > 0 ? 4 : 3, features };
}

function heading(options: WriteOptions): { [key: string]: Json } {
  return {
    manifest: {
      time: new Date().toISOString(),
      magic: createHash("sha256").update(options.engineVersion).digest("hex"),
      version: options.engineVersion,
    },
    secrets_providers: { type: "passphrase", state: { salt: options.secrets.salt } },
  };
}

function writeOperation({ resource, type }: PendingOperation, options: WriteOptions): Json {
  return { resource: writeResource(resource, options), type };
}

/** A resource as the file has it, with secrets as `[secret]`: for people and programs to look at. */
export function showResource(state: ResourceState): Json {
  return stateJson(state, {
    map: (map) => mapToPlain(map, { unknown: unknownText }),
    value: (value) => toPlain(value, { unknown: unknownText }) ?? null,
  });
}

function writeResource(state: ResourceState, options: WriteOptions): Json {
  return stateJson(state, {
    map: (map) => writeMap(map, options),
    value: (value) => writeValue(value, options),
  });
}

interface ValueWriter {
  readonly map: (map: PropertyMap) => { [key: string]: Json };
  readonly value: (value: Value) => Json;
}

/** Empty fields are left out, in the order of ResourceV3. */
function stateJson(state: ResourceState, write: ValueWriter): Json {
  const json: Record<string, unknown> = {
    urn: state.urn,
    custom: state.custom,
    delete: state.delete || undefined,
    id: state.id || undefined,
    type: state.type,
    inputs: unlessEmpty(write.map(state.inputs)),
    outputs: unlessEmpty(write.map(state.outputs)),
    parent: state.parent || undefined,
    protect: state.protect || undefined,
    taint: state.taint || undefined,
    external: state.external || undefined,
    dependencies: unlessEmpty(state.dependencies),
    initErrors: unlessEmpty(state.initErrors),
    provider: state.provider || undefined,
    propertyDependencies: unlessEmpty(state.propertyDependencies),
    pendingReplacement: state.pendingReplacement || undefined,
    additionalSecretOutputs: unlessEmpty(state.additionalSecretOutputs),
    customTimeouts: unlessEmpty(
      record(Object.entries(state.customTimeouts).filter(([, seconds]) => seconds)),
    ),
    importID: state.importId || undefined,
    retainOnDelete: state.retainOnDelete || undefined,
    deletedWith: state.deletedWith || undefined,
    replaceWith: unlessEmpty(state.replaceWith),
    created: state.created,
    modified: state.modified,
    sourcePosition: state.sourcePosition || undefined,
    stackTrace: unlessEmpty(state.stackTrace),
    ignoreChanges: unlessEmpty(state.ignoreChanges),
    hideDiff: unlessEmpty(state.hideDiff),
    replaceOnChanges: unlessEmpty(state.replaceOnChanges),
    replacementTrigger: state.replacementTrigger === null ? undefined : write.value(state.replacementTrigger),
    refreshBeforeUpdate: state.refreshBeforeUpdate || undefined,
    viewOf: state.viewOf || undefined,
    resourceHooks: unlessEmpty(state.resourceHooks),
    ...state.rest,
  };
  return record(Object.entries(json).filter(([, value]) => value !== undefined)) as Json;
}

function unlessEmpty<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}

function writeMap(map: PropertyMap, options: WriteOptions): { [key: string]: Json } {
  return record(Object.entries(map).map(([key, value]) => [key, writeValue(value, options)] as const));
}

/** A number that JSON has not, or loses: `-0`. NaN has the bits that the SDK sends, which the Pulumi CLI keeps. */
export function writeNonFinite(value: number): { [key: string]: Json } {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return {
    [signatureKey]: floatSignature,
    value: Number.isNaN(value) ? "7fffffffffffffff" : bytes.toString("hex"),
  };
}

function writeValue(value: Value, options: WriteOptions): Json {
  if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0)))
    return writeNonFinite(value);
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Unknown) return unknownText;
  if (value instanceof OutputValue) return writeValue(flattenOutputs(value), options);
  if (value instanceof Secret) return writeSecret(value, options);
  if (value instanceof ResourceReference)
    return {
      [signatureKey]: signatures.resource,
      urn: value.urn,
      packageVersion: value.packageVersion,
      ...(value.id === undefined ? {} : { id: value.id }),
    };
  if (value instanceof Asset || value instanceof Archive) return assetJson(value);
  if (isList(value)) return value.map((element) => writeValue(element, options));
  return writeMap(value as PropertyMap, options);
}

function writeSecret(secret: Secret, options: WriteOptions): Json {
  if (options.showSecrets)
    return {
      [signatureKey]: signatures.secret,
      plaintext: JSON.stringify(writeValue(secret.element, options)),
    };
  const known = ciphertexts.get(secret);
  if (known?.salt === options.secrets.salt)
    return { [signatureKey]: signatures.secret, ciphertext: known.text };
  const plain = JSON.stringify(writeValue(secret.element, { ...options, secrets: within }));
  const ciphertext = options.secrets.encrypt(plain);
  ciphertexts.set(secret, { salt: options.secrets.salt, text: ciphertext });
  return { [signatureKey]: signatures.secret, ciphertext };
}
