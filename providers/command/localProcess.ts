import { spawn } from "node:child_process";
import { UserError } from "../../host/userError";
import type { Operation } from "../rpc/resource";
import { type CommandOutput, captures, commandFailed, type Logging } from "./output";

/** A cancelled command has this long to clean up after SIGTERM. */
const killAfterMs = 10_000;

/** Inputs of `local.Command` and `local.run` that say how the command's process is made. */
export interface LocalProcess {
  readonly stdin?: string;
  readonly logging?: Logging;
  readonly interpreter?: readonly string[];
  readonly dir?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly addPreviousOutputInEnv?: boolean;
}

/** What the next command finds in its environment of the one before; empty texts are left out. */
export function previousOutput(
  wanted: boolean | undefined,
  previous: Partial<CommandOutput>,
): Record<string, string> {
  if (wanted === false) return {};
  return {
    ...(previous.stdout ? { PULUMI_COMMAND_STDOUT: previous.stdout } : {}),
    ...(previous.stderr ? { PULUMI_COMMAND_STDERR: previous.stderr } : {}),
  };
}

/**
 * Runs a command on this machine to its end. It is a process group of its own, so that cancelling ends what it started too.
 * `host/run.ts` does not fit: this one has both streams followed, a group to end, and may be cancelled gently.
 */
export function runLocally(
  command: string,
  options: LocalProcess,
  previous: Partial<CommandOutput>,
  operation: Operation,
): Promise<CommandOutput> {
  const interpreter: readonly string[] =
    options.interpreter && options.interpreter.length > 0
      ? options.interpreter
      : process.platform === "win32"
        ? ["cmd", "/C"]
        : ["/bin/sh", "-c"];
  const [program = "", ...args] = [...interpreter, command];
  const { redact } = operation;
  operation.signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.dir,
      env: {
        ...process.env,
        ...options.environment,
        ...previousOutput(options.addPreviousOutputInEnv, previous),
      },
      stdio: [options.stdin ? "pipe" : "ignore", "pipe", "pipe"],
      detached: process.platform !== "win32",
    });
    const { stdout, stderr } = captures(options.logging, operation.status);
    child.stdout?.on("data", (chunk: Buffer) => stdout.add(chunk));
    child.stderr?.on("data", (chunk: Buffer) => stderr.add(chunk));
    // A command that ends without reading its input closes the pipe: its exit code says more than EPIPE.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.stdin);

    let force: NodeJS.Timeout | undefined;
    const signalGroup = (signal: NodeJS.Signals): void => {
      try {
        if (child.pid !== undefined)
          process.kill(process.platform === "win32" ? child.pid : -child.pid, signal);
      } catch {
        // It has ended already.
      }
    };
    const cancel = (): void => {
      signalGroup("SIGTERM");
      force = setTimeout(() => signalGroup("SIGKILL"), killAfterMs);
    };
    operation.signal.addEventListener("abort", cancel, { once: true });
    const done = (): void => {
      clearTimeout(force);
      operation.signal.removeEventListener("abort", cancel);
    };
    child.on("error", (error: NodeJS.ErrnoException) => {
      done();
      reject(
        error.code === "ENOENT"
          ? new UserError(
              `${program} cannot be started`,
              options.dir === undefined
                ? "it is not installed (not found on PATH)"
                : `it is not on PATH, or there is no folder ${options.dir}`,
            )
          : new UserError(`${program} cannot be started`, error.message),
      );
    });
    child.on("exit", () => {
      // What a cancelled command left running elsewhere may hold its streams open for ever.
      if (!operation.signal.aborted) return;
      child.stdout?.destroy();
      child.stderr?.destroy();
    });
    child.on("close", (code, signal) => {
      done();
      const output = { stdout: stdout.end(), stderr: stderr.end() };
      if (operation.signal.aborted) reject(commandFailed(command, endedBy(operation.signal), output, redact));
      else if (code === 0) resolve(output);
      else
        reject(
          commandFailed(
            command,
            signal === null ? `exit status ${code}` : `killed by ${signal}`,
            output,
            redact,
          ),
        );
    });
  });
}

/** Why an operation was stopped, for errors. */
export function endedBy(signal: AbortSignal): string {
  const { name } = signal.reason as { readonly name?: string };
  return name === "TimeoutError" ? "stopped: its time limit (customTimeouts) is over" : "cancelled";
}
