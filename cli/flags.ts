import type { ColorChoice } from "./display/choices";

/** What commander has read from the command line, all commands' options together. */
export interface Flags {
  readonly cwd?: string;
  readonly stack?: string;
  readonly yes?: boolean;
  readonly nonInteractive?: boolean;
  readonly color?: ColorChoice;
  readonly parallel?: number;
  readonly target?: readonly string[];
  readonly targetDependents?: boolean;
  readonly exclude?: readonly string[];
  readonly excludeDependents?: boolean;
  readonly replace?: readonly string[];
  readonly refresh?: boolean;
  readonly engine?: "embedded" | "pulumi";
  readonly message?: string;
  readonly diff?: boolean;
  readonly expectNoChanges?: boolean;
  readonly skipPreview?: boolean;
  readonly json?: boolean;
  readonly showSecrets?: boolean;
  readonly create?: boolean;
  readonly force?: boolean;
  readonly all?: boolean;
  readonly file?: string;
  readonly secret?: boolean;
  readonly plaintext?: boolean;
  readonly path?: boolean;
  readonly protect?: boolean;
  readonly parent?: string;
  readonly provider?: string;
  readonly properties?: readonly string[];
  readonly out?: string;
  readonly generateCode?: boolean;
  /** An update that fails puts the stack's services back to what they were. */
  readonly rollbackOnFailure?: boolean;
  /** Data of services may be deleted. */
  readonly deleteData?: boolean;
}

/** Whether there is a person to ask. */
export function interactive(flags: Flags): boolean {
  return flags.nonInteractive !== true && process.stdin.isTTY === true && process.stdout.isTTY === true;
}
