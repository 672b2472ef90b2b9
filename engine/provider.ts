/**
 * What the engine asks of a provider, in its own values. Specified by pulumi/provider.proto and
 * pkg/resource/deploy/providers; implemented over gRPC by providerClient.ts, for provider resources themselves by
 * providerRegistry.ts and for `pulumi:pulumi:*` by builtins.ts.
 */
import type { CallRequest, ConstructRequest } from "@pulumi/pulumi/proto/provider_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import type { PropertyMap } from "./values";

export interface CheckResult {
  readonly inputs: PropertyMap;
  readonly failures: readonly { readonly property: string; readonly reason: string }[];
}

/** What a difference at one path does. */
export type DiffKind = "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";

export interface DiffResult {
  /** `unknown`: the provider cannot tell, the engine compares inputs. */
  readonly changes: "none" | "some" | "unknown";
  readonly replaceKeys: readonly string[];
  readonly changedKeys: readonly string[];
  readonly stableKeys: readonly string[];
  /** By property path; absent where the provider gives none. */
  readonly detailed?: ReadonlyMap<string, DiffKind>;
  readonly deleteBeforeReplace: boolean;
}

export const noDiff: DiffResult = {
  changes: "none",
  replaceKeys: [],
  changedKeys: [],
  stableKeys: [],
  deleteBeforeReplace: false,
};

export function replaces(diff: DiffResult): boolean {
  return (
    diff.replaceKeys.length > 0 ||
    [...(diff.detailed?.values() ?? [])].some((kind) => kind.endsWith("-replace"))
  );
}

/** Made or changed, but not working: the resource is kept with these errors and tried again. */
export class InitError extends Error {
  constructor(
    readonly id: string,
    readonly outputs: PropertyMap,
    readonly inputs: PropertyMap | undefined,
    readonly reasons: readonly string[],
    readonly refreshBeforeUpdate: boolean,
  ) {
    super(reasons.length === 0 ? "the resource failed to initialize" : reasons.join("\n"));
    this.name = "InitError";
  }
}

export interface CheckRequest {
  readonly urn: string;
  readonly olds: PropertyMap;
  readonly news: PropertyMap;
  readonly randomSeed: Buffer;
}

export interface DiffRequest {
  readonly urn: string;
  readonly id: string;
  readonly oldInputs: PropertyMap;
  readonly oldOutputs: PropertyMap;
  readonly newInputs: PropertyMap;
  readonly ignoreChanges: readonly string[];
}

export interface CreateRequest {
  readonly urn: string;
  readonly inputs: PropertyMap;
  /** Seconds; 0 is the provider's default. */
  readonly timeout: number;
  readonly preview: boolean;
}

export interface UpdateRequest extends DiffRequest {
  readonly timeout: number;
  readonly preview: boolean;
}

export interface DeleteRequest {
  readonly urn: string;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
  readonly timeout: number;
}

export interface ReadRequest {
  readonly urn: string;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
  readonly timeout: number;
}

export interface Made {
  /** Empty in previews. */
  readonly id: string;
  readonly outputs: PropertyMap;
  readonly refreshBeforeUpdate: boolean;
}

export interface ReadResult {
  /** Empty: there is no such resource. */
  readonly id: string;
  readonly inputs: PropertyMap | undefined;
  readonly outputs: PropertyMap;
}

export interface ConstructResult {
  readonly urn: string;
  readonly outputs: PropertyMap;
  /** URNs by output. */
  readonly dependencies: Readonly<Record<string, readonly string[]>>;
}

export interface CallResult {
  readonly returned: PropertyMap;
  /** URNs by property of what is returned. */
  readonly dependencies: Readonly<Record<string, readonly string[]>>;
  readonly failures: CheckResult["failures"];
}

/** Calls reject with {@link InitError} or an error whose message is the provider's. */
export interface Provider {
  check(request: CheckRequest): Promise<CheckResult>;
  diff(request: DiffRequest): Promise<DiffResult>;
  create(request: CreateRequest): Promise<Made>;
  update(request: UpdateRequest): Promise<Omit<Made, "id">>;
  delete(request: DeleteRequest): Promise<void>;
  read(request: ReadRequest): Promise<ReadResult>;
  invoke(token: string, args: PropertyMap, preview: boolean): Promise<CheckResult>;
  /** Makes a component with all its children; `request` has everything but the inputs. */
  construct(request: ConstructRequest, inputs: PropertyMap): Promise<ConstructResult>;
  /** A method of a component; `request` has everything but the arguments. */
  call(
    request: CallRequest,
    args: Struct | undefined,
    dependencies: Readonly<Record<string, readonly string[]>>,
  ): Promise<CallResult>;
}
