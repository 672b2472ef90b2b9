import type { EngineEvent, StepOp } from "./events";
import type { ImportRequest } from "./importResource";
import type { PluginHost } from "./plugins";
import type { ProgramRunner } from "./program";

/** One stack: which project, where its state is, and what opens its secrets. */
export interface StackOptions {
  /** Folder that holds Pulumi.yaml. */
  readonly projectDir: string;
  readonly stack: string;
  /** Root of the file backend; see host/home.ts. */
  readonly backendDir: string;
  /** Passphrase of the secrets provider. */
  readonly passphrase: string;
  /** File to read and write the configuration in, instead of Pulumi.<stack>.yaml. */
  readonly configFile?: string;
}

/** One operation on one stack, and who watches. */
export interface OperationOptions extends StackOptions {
  /** How many steps run at once. Default 16, as Pulumi's. */
  readonly parallel?: number;
  /** URNs to limit the operation to. */
  readonly targets?: readonly string[];
  /** What depends on the targets is a target too. A destroy needs it where there is such. */
  readonly targetDependents?: boolean;
  /** URNs of what the operation leaves alone; not together with `targets`. */
  readonly excludes?: readonly string[];
  /** And what depends on those. */
  readonly excludeDependents?: boolean;
  /** URNs of resources to replace, changed or not. */
  readonly replace?: readonly string[];
  /** `importExisting`: what to take over. */
  readonly import?: readonly ImportRequest[];
  /** `up`, `preview`, `destroy`: read what there really is before. Default: as `options.refresh` of Pulumi.yaml says. */
  readonly refresh?: boolean;
  /** What an interrupted run was creating is forgotten. */
  readonly clearPendingCreates?: boolean;
  /** Aborting cancels: running steps finish, no new one starts. A second abort is not seen: kill the process. */
  readonly signal?: AbortSignal;
  /** `up`: after a failure nothing is deleted that the program no longer names or that was replaced; the next `up` does it. */
  readonly keepLeftovers?: boolean;
  /** `up`, `destroy`: what to record in the history. */
  readonly message?: string;
  /**
   * Keeps provider processes from one operation to the next of the same command, as from a preview to the update after
   * it; the caller closes it. Default: a new one, closed at the end of the operation.
   */
  readonly plugins?: PluginHost;
  /** How the program is run. Default: by the SDK's own runner, in a process of its own. */
  readonly runProgram?: ProgramRunner;
  readonly onEvent: (event: EngineEvent) => void;
}

export interface OperationResult {
  readonly result: "succeeded" | "failed" | "canceled";
  readonly changes: Readonly<Partial<Record<StepOp, number>>>;
  /** Outputs of the stack in plain JSON, secrets included as `[secret]`. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /**
   * Whether the state is another one than before, were it only in an output or an option of a resource. After a preview:
   * whether it would be. If not, carrying it out is needless.
   */
  readonly stateChanged: boolean;
}

/** Changes nothing. Resolves also when the program or a check failed: `result` tells. */
export type Operation = (options: OperationOptions) => Promise<OperationResult>;
