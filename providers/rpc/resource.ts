import type { CheckFailure } from "./check";
import type { Change } from "./diff";
import type { Properties } from "./property";
import type { PropertyMap } from "./values";

export type LogLevel = "debug" | "info" | "warning" | "error";

/** What a running operation on one resource knows of its surroundings. */
export interface Operation {
  readonly urn: string;
  /** Name that the program gave the resource. */
  readonly name: string;
  /** Aborted by Cancel, and when the resource's own time limit (`customTimeouts`) is over. */
  readonly signal: AbortSignal;
  /** A lasting message about the resource. Secrets among the inputs are taken out. */
  log(level: LogLevel, message: string): void;
  /** What the step is doing now; takes the place of the status before. */
  status(message: string): void;
  /** Without the secrets among the inputs. Errors that show a part of a text take the part of what this gives. */
  redact(text: string): string;
}

interface Created {
  readonly id: string;
  readonly outputs: PropertyMap;
}

/** What a resource is now, as Read tells it. */
interface ReadState extends Created {
  readonly inputs: PropertyMap;
}

/**
 * One type of resource. Inputs have passed Check; maps keep their secrets marked (`reveal` opens them), so that outputs
 * that repeat inputs keep them secret.
 */
export interface ResourceType {
  readonly properties: Properties;
  /** Of a provider bridged from Terraform, but none of Terraform's: without `__defaults` lists. */
  readonly native?: boolean;
  /** Fills in what is found out, and not given, in inputs that have passed; may add failures. */
  complete?(
    inputs: PropertyMap,
    operation: Operation,
  ): Promise<{ inputs: PropertyMap; failures: CheckFailure[] }>;
  /** Rules over several properties. Inputs may hold unknowns. */
  checkTogether?(inputs: PropertyMap): CheckFailure[];
  /** Says more about changes than the properties' descriptions can. */
  refineChanges?(
    changes: readonly Change[],
    olds: PropertyMap,
    news: PropertyMap,
    outputs: PropertyMap,
  ): readonly Change[];
  /** Whether a replacement must wait until the old one is gone; default: no. */
  deleteBeforeReplace?(olds: PropertyMap, news: PropertyMap): boolean;
  /** What create (no olds) or update will give, with `Unknown` where only the real operation can tell. */
  preview(
    inputs: PropertyMap,
    olds: PropertyMap | undefined,
    operation: Operation,
  ): PropertyMap | Promise<PropertyMap>;
  create(inputs: PropertyMap, operation: Operation): Promise<Created>;
  /** Absent: every change replaces. Resolves to the new outputs. @throws NotReady if there is another state now all the same */
  update?(change: ResourceUpdate, operation: Operation): Promise<PropertyMap>;
  /** Resolves to undefined when the resource is gone. For an import, `inputs` and `outputs` are empty. */
  read(current: ReadState, operation: Operation): Promise<ReadState | undefined>;
  /** Succeeds when there is nothing to delete any more. */
  delete(current: Created, operation: Operation): Promise<void>;
  /** Outputs that secret inputs may be in, besides those of the inputs' own names. `olds`: outputs of the last run. */
  secretOutputs?(inputs: PropertyMap, olds: PropertyMap): readonly string[];
  /** Maps whose secrets must not show up in errors and logs; default: the inputs themselves. */
  secrets?(inputs: PropertyMap): PropertyMap;
}

/** Thrown by an update that was carried out, but after which the resource is not as it should be: the state then has it as it is. */
export class NotReady extends Error {
  constructor(
    readonly failure: unknown,
    readonly outputs: PropertyMap,
  ) {
    super((failure as Error).message);
    this.name = "NotReady";
  }
}

interface ResourceUpdate {
  readonly id: string;
  readonly oldInputs: PropertyMap;
  readonly oldOutputs: PropertyMap;
  readonly inputs: PropertyMap;
}

/** A function that programs call (`invoke`). */
export interface FunctionType {
  readonly inputs: Properties;
  readonly outputs: Properties;
  secretOutputs?(inputs: PropertyMap): readonly string[];
  invoke(inputs: PropertyMap, operation: Operation): Promise<PropertyMap>;
}

/** A provider: what `serve` offers over gRPC. */
export interface Provider {
  readonly name: string;
  /** Version of the plugin that this one stands in for. */
  readonly version: string;
  readonly config: Properties;
  readonly resources: { readonly [token: string]: ResourceType };
  readonly functions: { readonly [token: string]: FunctionType };
  /** Tokens that the plugin this one stands in for has and this one has not. */
  readonly unsupported: readonly string[];
  /** Write `__defaults` and so on, as providers bridged from Terraform do. */
  readonly bridged?: boolean;
  /** Of pulumi-go-provider, with which the plugin is made: it adds it to the inputs of its own providers. */
  readonly frameworkVersion?: string;
  /** Configuration that makes another provider: resources under it are replaced when it changes. */
  configure?(config: PropertyMap, operation: Operation): Promise<void>;
  /** Turns what the program gave as configuration into typed values; the SDK sends lists and booleans as JSON texts. */
  parseConfig?(config: PropertyMap): PropertyMap;
  /** Ends what the provider keeps open. */
  close(): Promise<void>;
}
