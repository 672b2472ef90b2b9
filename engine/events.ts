/**
 * What the engine tells whoever shows it (terminal, plain lines, tests): the counterpart of Pulumi's engine events
 * (sdk/go/common/apitype/events.go), reduced to what a display needs.
 */
import type { Json } from "./values";

export type StepOp =
  | "same"
  | "create"
  | "update"
  | "delete"
  | "replace"
  | "create-replacement"
  | "delete-replaced"
  | "read"
  | "read-replacement"
  | "refresh"
  | "discard"
  | "discard-replaced"
  | "import"
  | "import-replacement";

export interface StepInfo {
  readonly op: StepOp;
  readonly urn: string;
  /** Resource type token, `docker:index/service:Service`. */
  readonly type: string;
  readonly name: string;
  /** URN of the parent; undefined for the stack itself. */
  readonly parent: string | undefined;
  readonly custom: boolean;
  /** Property paths that changed, for update and replace steps. */
  readonly diff: readonly string[];
  /** What it had before this step; undefined if it was not there. */
  readonly id: string | undefined;
  /** Reference of its provider, unless that is a default one. */
  readonly provider: string | undefined;
  /** Protected from deletion, or not any more. */
  readonly protection: "kept" | "lifted" | undefined;
  /**
   * Inputs before and after, for `--diff`: secrets as `[secret]`, unknown values as `output<string>`; undefined where there are
   * none. Of what a refresh has read, the outputs.
   */
  readonly oldInputs: Readonly<Record<string, unknown>> | undefined;
  readonly oldOutputs: Readonly<Record<string, unknown>> | undefined;
  readonly newInputs: Readonly<Record<string, unknown>> | undefined;
}

export interface Made {
  readonly id: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** What the state has of a resource before and after a step, as its file has it, with secrets as `[secret]`; for `--json`. */
export interface ShownStates {
  readonly old: Json | undefined;
  readonly new: Json | undefined;
}

export type Severity = "debug" | "info" | "warning" | "error";

export type EngineEvent =
  | { readonly kind: "prelude"; readonly preview: boolean; readonly stack: string; readonly project: string }
  | {
      readonly kind: "resource-pre";
      readonly preview: boolean;
      readonly step: StepInfo;
      /** To be called at once: the states change during the step. */
      readonly states?: () => ShownStates;
    }
  /** What a long step is doing now; each one takes the place of the one before. */
  | { readonly kind: "resource-status"; readonly urn: string; readonly message: string }
  | {
      readonly kind: "resource-done";
      readonly preview: boolean;
      readonly step: StepInfo;
      readonly elapsedMs: number;
      /**
       * What there is now, shown as inputs are; undefined of what is gone. Outputs of a component come later, those of the stack
       * in the summary.
       */
      readonly made?: Made | undefined;
      /** Of a refresh: what it was and what was read. */
      readonly states?: () => ShownStates;
    }
  /** What a component's constructor has registered when it ended. */
  | {
      readonly kind: "component-outputs";
      readonly urn: string;
      readonly outputs: Readonly<Record<string, unknown>>;
    }
  | {
      readonly kind: "resource-failed";
      readonly step: StepInfo;
      readonly elapsedMs: number;
      readonly message: string;
    }
  /** Nothing was done about this resource: `cause`, a URN, is what it needs and failed. */
  | { readonly kind: "resource-skipped"; readonly urn: string; readonly cause: string }
  /** A message of the program, a provider or the engine; without a URN it is about the whole run. */
  | {
      readonly kind: "diagnostic";
      readonly severity: Severity;
      readonly urn: string | undefined;
      readonly message: string;
    }
  /** Standard output or error of the program, by line. */
  | { readonly kind: "program-output"; readonly stream: "stdout" | "stderr"; readonly line: string }
  | {
      readonly kind: "summary";
      readonly preview: boolean;
      /** How many resources each operation touched; components and providers are counted as Pulumi counts them. */
      readonly changes: Readonly<Partial<Record<StepOp, number>>>;
      readonly durationMs: number;
      readonly result: "succeeded" | "failed" | "canceled";
      /** Stack outputs, secrets as `[secret]`. */
      readonly outputs: Readonly<Record<string, unknown>>;
      /** Those of before the run; undefined if there was no stack resource. */
      readonly previousOutputs: Readonly<Record<string, unknown>> | undefined;
    };
