/** What a program asks for: one registration. Specified by RegisterResourceRequest (pulumi/resource.proto) and pkg/resource/goal.go. */
import type { ResourceState, Timeouts } from "./resourceState";
import type { PropertyMap, Value } from "./values";

/** Another name that a resource may have in the state: a URN, or what differs from its present name. */
export type Alias =
  | { readonly urn: string }
  | {
      readonly name: string;
      readonly type: string;
      readonly stack: string;
      readonly project: string;
      readonly parent: string;
      readonly noParent: boolean;
    };

export interface Goal {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly inputs: PropertyMap;
  readonly parent: string;
  readonly protect: boolean | undefined;
  readonly dependencies: readonly string[];
  /** `<urn>::<id>`; empty for components and providers. */
  readonly provider: string;
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  /** Undefined: the provider decides. */
  readonly deleteBeforeReplace: boolean | undefined;
  readonly ignoreChanges: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  readonly aliases: readonly Alias[];
  /** Id of a resource to take over. */
  readonly importId: string;
  /** Whatever its inputs are: nothing asks for others. Only `properties` of them, where some are named. */
  readonly imported?: { readonly properties: readonly string[] };
  readonly customTimeouts: Timeouts;
  readonly replaceOnChanges: readonly string[];
  readonly replacementTrigger: Value;
  readonly retainOnDelete: boolean | undefined;
  readonly deletedWith: string;
  readonly replaceWith: readonly string[];
  readonly hideDiff: readonly string[];
  /** Names of hooks by when they run. */
  readonly resourceHooks: Readonly<Record<string, readonly string[]>>;
  readonly sourcePosition: string;
  readonly stackTrace: readonly { readonly sourcePosition?: string }[];
}

/** Nothing asked for. */
export const emptyGoal: Goal = {
  type: "",
  name: "",
  custom: false,
  inputs: {},
  parent: "",
  protect: undefined,
  dependencies: [],
  provider: "",
  propertyDependencies: {},
  deleteBeforeReplace: undefined,
  ignoreChanges: [],
  additionalSecretOutputs: [],
  aliases: [],
  importId: "",
  customTimeouts: {},
  replaceOnChanges: [],
  replacementTrigger: null,
  retainOnDelete: undefined,
  deletedWith: "",
  replaceWith: [],
  hideDiff: [],
  resourceHooks: {},
  sourcePosition: "",
  stackTrace: [],
};

/** A resource that is looked up, not managed (`Resource.get`). */
export interface ReadGoal {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly parent: string;
  readonly inputs: PropertyMap;
  readonly dependencies: readonly string[];
  readonly provider: string;
  readonly additionalSecretOutputs: readonly string[];
  readonly sourcePosition: string;
  readonly stackTrace: readonly { readonly sourcePosition?: string }[];
}

export interface RegisterResult {
  readonly urn: string;
  /** Undefined for a resource that failed or was skipped before it had a state. */
  readonly state: ResourceState | undefined;
  /** `skipped`: something it depends on failed. */
  readonly result: "success" | "failed" | "skipped";
}
