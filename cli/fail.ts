import { RunError } from "../host/run";
import { UserError } from "../host/userError";

/** How an error is told: what a user can mend as its message, anything else as our bug with all there is. */
export function errorText(error: unknown): string {
  if (error instanceof UserError) return `error: ${error.message}`;
  // Programs say best themselves why they failed; the place in our code adds nothing.
  if (error instanceof RunError) return `error: ${error.message}`;
  const all = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `error: ${all}\n\nThis is a bug in vmcluster. Please report it with the lines above and the command you ran.`;
}
