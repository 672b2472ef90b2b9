import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { abandon, onceEnded } from "./ended";

/** How to run another program. There is no shell: arguments are passed as they are. */
export interface RunOptions {
  /** Written to standard input, which is then closed. Secrets go here, never into arguments. */
  readonly stdin?: string | Buffer | Readable;
  /** Milliseconds after which the program is killed. Default: none. */
  readonly timeoutMs?: number;
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Called with each line of standard error as it comes: the progress of long programs. */
  readonly onStderrLine?: (line: string) => void;
  /** The same of standard output. */
  readonly onStdoutLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that could not be started, was killed, or ended with another code than 0. */
export class RunError extends Error {
  constructor(
    readonly program: string,
    readonly args: readonly string[],
    /** Exit code; undefined if it did not start or was killed. */
    readonly code: number | undefined,
    readonly stdout: string,
    readonly stderr: string,
    readonly reason: string,
  ) {
    const tail = (stderr.trim() || stdout.trim()).split("\n").slice(-8).join("\n");
    super(`${[program, ...args].join(" ")}: ${reason}${tail === "" ? "" : `\n${tail}`}`);
    this.name = "RunError";
  }
}

/** A killed program that has not ended by then, as one that waits for a disk, is left alone. */
const killedMs = 500;

/**
 * Runs a program to its end and returns what it printed. Rejects with {@link RunError} unless it exits with 0. Takes no longer than its
 * time-out and half a second, whatever the program or what it left behind does: see {@link onceEnded}.
 */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { timeoutMs, signal: stop, stdin } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
      killSignal: "SIGKILL",
      signal: stop,
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    if (options.onStderrLine) createInterface({ input: child.stderr }).on("line", options.onStderrLine);
    if (options.onStdoutLine) createInterface({ input: child.stdout }).on("line", options.onStdoutLine);
    let clock: NodeJS.Timeout | undefined;
    const settle = (): void => {
      clearTimeout(clock);
      abandon(child);
    };
    const fail = (code: number | undefined, reason: string): void => {
      settle();
      reject(
        new RunError(
          program,
          args,
          code,
          Buffer.concat(stdout).toString(),
          Buffer.concat(stderr).toString(),
          reason,
        ),
      );
    };
    const late = (signal: NodeJS.Signals): string =>
      `killed by ${signal}${timeoutMs === undefined ? "" : ` (time-out ${timeoutMs} ms)`}`;
    if (timeoutMs !== undefined)
      clock = setTimeout(() => {
        child.kill("SIGKILL");
        clock = setTimeout(() => fail(undefined, late("SIGKILL")), killedMs);
      }, timeoutMs);
    child.on("error", (error: NodeJS.ErrnoException) =>
      fail(undefined, error.code === "ENOENT" ? "not installed (not found on PATH)" : error.message),
    );
    onceEnded(child, (code, signal) => {
      if (signal !== null) return fail(undefined, late(signal));
      if (code !== 0) return fail(code ?? undefined, `exit code ${code}`);
      settle();
      resolve({ stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
    // A program that ends without reading its input closes the pipe: its exit code says more than EPIPE.
    child.stdin.on("error", () => undefined);
    if (!(stdin instanceof Readable)) return void child.stdin.end(stdin ?? "");
    stdin.on("error", (error) => {
      child.kill("SIGTERM");
      fail(undefined, `its input: ${error.message}`);
    });
    stdin.pipe(child.stdin);
  });
}
