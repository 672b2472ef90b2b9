import { fileRefusal } from "../host/fileRefusal";
import { RunError } from "../host/run";
import { UserError } from "../host/userError";

/** As the Pulumi CLI's (sdk/go/common/util/cmdutil/exit.go). */
export const exitCodes = { error: 1, notConfirmed: 2, noSuchStack: 6, changes: 7 } as const;

/** Nobody is there to ask, and no flag says to go ahead. */
export class NotConfirmed extends UserError {}

/** The stack that is meant is not one of this project's, or none was named. */
export class StackNotFound extends UserError {}

export class NoSuchStack extends StackNotFound {
  constructor(name: string, others: readonly string[]) {
    super(
      `no stack named '${name}' found`,
      others.length > 0 ? `there are: ${others.join(", ")}` : "this project has no stack yet",
      `make it with: vmcluster stack init ${name}`,
    );
  }
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof NotConfirmed) return exitCodes.notConfirmed;
  return error instanceof StackNotFound ? exitCodes.noSuchStack : exitCodes.error;
}

/** How an error is told: what a user can mend as its message, anything else as our bug with all there is. */
export function errorText(error: unknown): string {
  if (error instanceof UserError) return `error: ${error.message}`;
  // Programs say best themselves why they failed; the place in our code adds nothing.
  if (error instanceof RunError) return `error: ${error.message}`;
  const refused = fileRefusal(error);
  if (refused !== undefined) return `error: ${refused.reason}\n  ${refused.meaning}`;
  const all = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `error: ${all}\n\nThis is a bug in vmcluster. Please report it with the lines above and the command you ran.`;
}
