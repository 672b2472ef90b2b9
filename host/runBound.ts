import { type RunOptions, type RunResult, run } from "./run";

/**
 * As {@link run}, and the program ends with us: it gets SIGTERM when this process dies, however it dies. For long programs
 * that nobody would look for after a kill. Linux only (util-linux's setpriv).
 */
export function runBound(program: string, args: readonly string[], options?: RunOptions): Promise<RunResult> {
  return run("setpriv", ["--pdeathsig", "TERM", "--", program, ...args], options);
}
