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

/**
 * Environment of programs and plugins. Their gRPC library would send even loopback connections to a proxy that
 * `http_proxy` names, unless `no_grpc_proxy` (instead of `no_proxy`) lists the address.
 */
export function childEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const direct = [env.no_grpc_proxy ?? env.no_proxy, "127.0.0.1", "localhost"];
  return { ...env, no_grpc_proxy: direct.filter((list) => list).join(",") };
}
