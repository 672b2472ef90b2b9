/**
 * One resource as the engine holds it in memory. Specified by pkg/resource/state.go; written to disk by deployment.ts.
 */
import type { PropertyMap, Value } from "./values";

/** Seconds; 0 or absent is the provider's default. */
export interface Timeouts {
  readonly create?: number;
  readonly update?: number;
  readonly delete?: number;
  readonly read?: number;
}

/** Mutable: steps fill in id, outputs and times, and mark states for deletion. */
export interface ResourceState {
  urn: string;
  type: string;
  /** Managed by a provider; false for components. */
  custom: boolean;
  /** A replaced resource that still has to be deleted. */
  delete: boolean;
  id: string;
  inputs: PropertyMap;
  outputs: PropertyMap;
  parent: string;
  protect: boolean;
  taint: boolean;
  /** Read, not managed. */
  external: boolean;
  dependencies: readonly string[];
  initErrors: readonly string[];
  /** `<urn>::<id>` of the provider; empty for components and providers. */
  provider: string;
  propertyDependencies: Readonly<Record<string, readonly string[]>>;
  /** Already deleted, to be created again. */
  pendingReplacement: boolean;
  additionalSecretOutputs: readonly string[];
  /** URN under which it was found in the state before; never written. */
  aliases: readonly string[];
  customTimeouts: Timeouts;
  importId: string;
  retainOnDelete: boolean;
  deletedWith: string;
  replaceWith: readonly string[];
  replacementTrigger: Value;
  created: string | undefined;
  modified: string | undefined;
  sourcePosition: string;
  stackTrace: readonly { readonly sourcePosition?: string }[];
  ignoreChanges: readonly string[];
  /** Property paths, as text. */
  hideDiff: readonly string[];
  replaceOnChanges: readonly string[];
  refreshBeforeUpdate: boolean;
  viewOf: string;
  resourceHooks: Readonly<Record<string, readonly string[]>>;
  /** Fields of newer versions: kept as they were. */
  rest: Readonly<Record<string, unknown>>;
}

export function newState(
  fields: Pick<ResourceState, "urn" | "type" | "custom"> & Partial<ResourceState>,
): ResourceState {
  return {
    delete: false,
    id: "",
    inputs: {},
    outputs: {},
    parent: "",
    protect: false,
    taint: false,
    external: false,
    dependencies: [],
    initErrors: [],
    provider: "",
    propertyDependencies: {},
    pendingReplacement: false,
    additionalSecretOutputs: [],
    aliases: [],
    customTimeouts: {},
    importId: "",
    retainOnDelete: false,
    deletedWith: "",
    replaceWith: [],
    replacementTrigger: null,
    created: undefined,
    modified: undefined,
    sourcePosition: "",
    stackTrace: [],
    ignoreChanges: [],
    hideDiff: [],
    replaceOnChanges: [],
    refreshBeforeUpdate: false,
    viewOf: "",
    resourceHooks: {},
    rest: {},
    ...fields,
  };
}

export type OperationType = "creating" | "updating" | "deleting" | "reading" | "importing";

/** An operation that had begun and whose end was not recorded. */
export interface PendingOperation {
  readonly resource: ResourceState;
  readonly type: OperationType;
}
