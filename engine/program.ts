/**
 * Runs the user's program, with the runner of the SDK that the program itself resolves. Specified by
 * sdk/nodejs/cmd/pulumi-language-nodejs (Run, execRuntime): flags, environment and exit codes are the same, so the
 * program cannot tell the difference. One addition: TypeScript is not type-checked on each run (docs/engine.md).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Writable } from "node:stream";
import { childEnvironment, killGroup, ownGroup } from "./processGroup";
import { preload, type Told } from "./programPreload";
import type { Project } from "./project";
import { findSdk, sdkWarning } from "./sdk";
import { splitWords } from "./shellWords";
import type { ResolvedConfig } from "./stackConfig";

/** Exit code of a program that has told its user what is wrong. */
const toldTheUser = 32;
const endTimeoutMs = 5_000;

export interface ProgramOptions {
  readonly project: Project;
  readonly stack: string;
  readonly preview: boolean;
  readonly parallel: number;
  readonly config: ResolvedConfig;
  /** Of the monitor and the engine service: one server has both. */
  readonly address: string;
  readonly onLine: (stream: "stdout" | "stderr", line: string) => void;
  readonly signal: AbortSignal | undefined;
}

export interface ProgramResult {
  readonly ok: boolean;
  /** Why it failed, unless it has said so itself. */
  readonly message: string | undefined;
}

export type ProgramRunner = (options: ProgramOptions) => Promise<ProgramResult>;

/**
 * The process of a program. It starts at once, and is told later which stack it is for: what it needs for that takes the
 * engine as long as loading the SDK takes the process.
 */
export class ProgramProcess {
  /** What the user has to know of the program's SDK. */
  readonly warning: string | undefined;
  private readonly child: ChildProcess;
  private readonly lines: Lines;
  private readonly ended: Promise<readonly [number | null, NodeJS.Signals | null]>;
  private readonly kill = (): void => killGroup(this.child, "SIGKILL");

  /** Throws {@link UserError} if the SDK is not installed. */
  constructor({ programDir, runtimeOptions }: Project) {
    const { typescript, nodeargs, tsconfig } = runtimeOptions;
    const sdk = findSdk(programDir);
    this.warning = sdkWarning(sdk.version);
    const args = [
      preload,
      // Thousands of promises wait for each other: with room for them they are not copied again and again.
      "--max-semi-space-size=64",
      ...splitWords(nodeargs ?? ""),
      sdk.runner,
    ];
    this.child = spawn(process.execPath, args, {
      env: {
        ...childEnvironment(),
        ...(typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
        ...(tsconfig ? { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig } : {}),
        PULUMI_NODEJS_TRANSPILE_ONLY: process.env.PULUMI_NODEJS_TRANSPILE_ONLY ?? "true",
      },
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      ...ownGroup,
    });
    process.on("exit", this.kill);
    this.lines = new Lines(this.child);
    this.ended = new Promise((done, reject) => {
      this.child.once("error", reject);
      this.child.once("exit", (code, signal) => done([code, signal]));
    });
    this.ended.catch(() => undefined);
  }

  /** Ends it, if it was never run. */
  discard(): void {
    process.removeListener("exit", this.kill);
    this.kill();
  }

  /** Runs the program to its end. */
  async run(options: ProgramOptions): Promise<ProgramResult> {
    const { child } = this;
    this.lines.listen(options.onLine);
    const onAbort = (): void => stop(child);
    options.signal?.addEventListener("abort", onAbort, { once: true });
    const teller = child.stdio[3] as Writable;
    // One that has ended is not told anything; how it ended says why.
    teller.on("error", () => undefined);
    teller.end(JSON.stringify(told(options)));
    try {
      const [code, signal] = await this.ended;
      await this.lines.closed;
      if (code === 0) return { ok: true, message: undefined };
      if (code === toldTheUser) return { ok: false, message: undefined };
      return {
        ok: false,
        message:
          signal === null
            ? `Program exited with non-zero exit code: ${code}`
            : `Program was ended by signal ${signal}`,
      };
    } finally {
      process.removeListener("exit", this.kill);
      options.signal?.removeEventListener("abort", onAbort);
    }
  }
}

/** What a process prints, from its first line: it may have ended before somebody listens. */
class Lines {
  /** Resolves when it can print no more. */
  readonly closed: Promise<unknown>;
  private listener: ProgramOptions["onLine"] | undefined;
  private readonly before: (readonly [stream: "stdout" | "stderr", line: string])[] = [];

  constructor(child: ChildProcess) {
    this.closed = Promise.all(
      (["stdout", "stderr"] as const).map(
        (stream) =>
          new Promise<void>((done) => {
            const source = child[stream];
            if (source === null) return done();
            createInterface({ input: source })
              .on("line", (line) => {
                if (this.listener) this.listener(stream, line);
                else this.before.push([stream, line]);
              })
              .on("close", done);
          }),
      ),
    );
  }

  listen(listener: ProgramOptions["onLine"]): void {
    this.listener = listener;
    for (const line of this.before.splice(0)) listener(...line);
  }
}

function told({ project, stack, preview, parallel, config, address }: ProgramOptions): Told {
  return {
    args: [
      ...["--monitor", address],
      ...["--engine", address],
      ...["--organization", "organization"],
      ...["--project", project.name],
      ...["--root-directory", project.root],
      ...["--stack", stack],
      ...["--pwd", project.programDir],
      ...(preview ? ["--dry-run"] : []),
      ...["--parallel", String(parallel)],
      project.entryPoint,
    ],
    env: {
      PULUMI_CONFIG: JSON.stringify(
        Object.fromEntries([...config.values].map(([key, value]) => [key.replace(":", ":config:"), value])),
      ),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify([...config.secretKeys]),
    },
  };
}

function stop(child: ChildProcess): void {
  killGroup(child, "SIGINT");
  const force = setTimeout(() => killGroup(child, "SIGKILL"), endTimeoutMs);
  force.unref();
  child.once("exit", () => clearTimeout(force));
}
