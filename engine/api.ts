import type { EngineEvent, StepOp } from "./events";

/** One operation on one stack: which program, where its state is, and who watches. */
export interface OperationOptions {
  /** Folder that holds Pulumi.yaml. */
  readonly projectDir: string;
  readonly stack: string;
  /** Root of the file backend; see host/home.ts. */
  readonly backendDir: string;
  /** Passphrase of the secrets provider. */
  readonly passphrase: string;
  /** How many steps run at once. Default 16, as Pulumi's. */
  readonly parallel?: number;
  /** URNs to limit the operation to. */
  readonly targets?: readonly string[];
  /** Aborting cancels: running steps finish, no new one starts. A second abort is not seen: kill the process. */
  readonly signal?: AbortSignal;
  /** `up`, `destroy`: what to record in the history. */
  readonly message?: string;
  readonly onEvent: (event: EngineEvent) => void;
}

export interface OperationResult {
  readonly result: "succeeded" | "failed" | "canceled";
  readonly changes: Readonly<Partial<Record<StepOp, number>>>;
  /** Outputs of the stack in plain JSON, secrets included as `[secret]`. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Changes nothing. Resolves also when the program or a check failed: `result` tells. */
export type Operation = (options: OperationOptions) => Promise<OperationResult>;
