/**
 * Processes in a group of their own: a Ctrl-C in the terminal reaches the engine alone, which lets running steps finish.
 * Specified by sdk/go/common/util/cmdutil/child.go, which Pulumi starts its plugins and language hosts with.
 */
import type { ChildProcess } from "node:child_process";

/** For `spawn`. On Windows a detached process would open a window. */
export const ownGroup = { detached: process.platform !== "win32" };

/** Ends a process and what it has started. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    if (ownGroup.detached) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
