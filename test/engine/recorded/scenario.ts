/**
 * What is run through both engines: each scenario is a stack of its own on which operations follow each other. Programs are
 * lists for programs/things.js, steered by the inputs that fixtures/provider.js knows, or JavaScript.
 */
import type { ThingSpec } from "../testProject";

export type { ThingSpec };

export interface Run {
  readonly do: "up" | "preview" | "refresh" | "destroy";
  /** What the program makes from now on. */
  readonly things?: readonly ThingSpec[];
  /** `refresh` before, in the same operation. */
  readonly refreshed?: true;
  /** The program from now on, in JavaScript, with `pulumi` and the classes of fixtures/testing.js. */
  readonly program?: string;
  /** The stack's configuration from now on; `{ $secret: text }` is a secret. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Files of the project, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Changes behind the engine's back, before the operation: new inputs by name, or null to remove the thing. */
  readonly drift?: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;
  /** Things that exist from now on without the engine having made them: inputs by id, as `a-1-1`. */
  readonly exists?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Names of things, or URNs, to limit the operation to. */
  readonly targets?: readonly string[];
  readonly targetDependents?: true;
  /** Names of things, or URNs, that the operation leaves alone. */
  readonly excludes?: readonly string[];
  readonly excludeDependents?: true;
  /** Names of things, or URNs, to replace whether they changed or not. */
  readonly replace?: readonly string[];
  /** What is not compared, because the embedded engine does it otherwise on purpose. */
  readonly except?: readonly ("calls" | "steps" | "changes")[];
}

export interface Scenario {
  readonly name: string;
  /** The steps depend on each other, so that their order is compared too. */
  readonly ordered?: true;
  /**
   * What the embedded engine follows here is newer than what was recorded: what is `deletedWith` something replaced is
   * replaced with it, without a delete of its own (Pulumi after 3.259). Only results are compared until that is recorded.
   */
  readonly newer?: true;
  /** Texts that the program marks secret, and its own provider gives back within something else, in the open. */
  readonly reveals?: readonly string[];
  readonly runs: readonly Run[];
}

export type Inputs = Readonly<Record<string, unknown>>;
export type Options = Readonly<Record<string, unknown>>;

export const thing = (name: string, inputs: Inputs = {}, options: Options = {}): ThingSpec => ({
  name,
  inputs,
  options,
});

export const group = (name: string, options: Options = {}): ThingSpec => ({ name, kind: "group", options });

export const provider = (name: string, inputs: Inputs = {}, options: Options = {}): ThingSpec => ({
  name,
  kind: "provider",
  inputs,
  options,
});

/** An output of another thing. */
export const ref = (name: string, key = "made"): Inputs => ({ $ref: `${name}.${key}` });

export const secret = (value: unknown): Inputs => ({ $secret: value });

/** Option: the old one is deleted before the new one is made. */
export const first = { deleteBeforeReplace: true };

/** `up` of these things; of the same as before when there are none. */
export const up = (...things: ThingSpec[]): Run => ({ do: "up", ...(things.length > 0 ? { things } : {}) });

export const preview = (...things: ThingSpec[]): Run => ({ ...up(...things), do: "preview" });

export const refresh: Run = { do: "refresh" };

export const destroy: Run = { do: "destroy" };

/** `up` of a program in JavaScript. */
export const run = (program: string): Run => ({ do: "up", program });

export const scenario = (name: string, ...runs: readonly Run[]): Scenario => ({ name, runs });

/** With the order of its steps. */
export const ordered = (name: string, ...runs: readonly Run[]): Scenario => ({ name, ordered: true, runs });
