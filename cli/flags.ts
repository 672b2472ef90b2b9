import type { ConfigType, OperationOptions } from "../engine/index";
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
  /** An update that fails puts the stack's services back to what they were. Default: as the stack's setting says. */
  readonly rollbackOnFailure?: boolean;
  /** Data of services may be deleted. */
  readonly deleteData?: boolean;
  readonly shell?: boolean;
  readonly page?: number;
  readonly pageSize?: number;
  readonly fullDates?: boolean;
  readonly showUrns?: boolean;
  readonly showIds?: boolean;
  readonly showName?: boolean;
  readonly preserveConfig?: boolean;
  readonly previewOnly?: boolean;
  readonly remove?: boolean;
  readonly suppressOutputs?: boolean;
  readonly excludeProtected?: boolean;
  readonly targetReplace?: readonly string[];
  readonly config?: readonly string[];
  readonly configPath?: boolean;
  readonly configFile?: string;
  readonly eventLog?: string;
  readonly fullyQualifyStackNames?: boolean;
  readonly secretsProvider?: string;
  readonly clearPendingCreates?: boolean;
  readonly select?: boolean;
  readonly copyConfigFrom?: string;
  readonly debug?: boolean;
  readonly runProgram?: boolean;
  readonly plan?: string;
  readonly savePlan?: string;
  readonly importFile?: string;
  readonly policyPack?: readonly string[];
  readonly policyPackConfig?: readonly string[];
  readonly attachDebugger?: string | true;
  readonly importPendingCreates?: readonly string[];
  readonly showConfig?: boolean;
  readonly showReads?: boolean;
  readonly showReplacementSteps?: boolean;
  readonly showSames?: boolean;
  readonly showFullOutput?: boolean;
  readonly type?: ConfigType;
  readonly dest?: string;
}

/** Whether there is a person to ask. */
export function interactive(flags: Flags): boolean {
  return flags.nonInteractive !== true && process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** Which resources an operation is about. */
export function selected(
  flags: Flags,
  spared: readonly string[] = [],
): Pick<OperationOptions, "targets" | "targetDependents" | "excludes" | "excludeDependents" | "replace"> {
  const { target, targetReplace, exclude, replace } = flags;
  const joined = (a: readonly string[] = [], b: readonly string[] = []): readonly string[] | undefined =>
    a.length + b.length === 0 ? undefined : [...a, ...b];
  return {
    targets: joined(target, targetReplace),
    targetDependents: flags.targetDependents,
    excludes: joined(exclude, spared),
    excludeDependents: flags.excludeDependents,
    replace: joined(replace, targetReplace),
  };
}
