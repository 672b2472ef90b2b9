import type { Flags } from "../flags";

/** What the verbs on a swarm read besides the flags of all. */
export interface SwarmFlags extends Flags {
  readonly cluster?: string;
  /** A machine of the store, in the place of a stack's. */
  readonly machine?: string;
  readonly format?: "table" | "json";
  /** Seconds. */
  readonly timeout?: number;
  readonly node?: string;
  readonly follow?: boolean;
  readonly since?: string;
  readonly tail?: string;
  readonly timestamps?: boolean;
  /** Undefined: as it suits. */
  readonly browser?: boolean;
  readonly dryRun?: boolean;
  /** Seconds between two looks; true without a number. */
  readonly watch?: number | true;
}
