/**
 * Runs the user's program, with the runner of the SDK that the program itself resolves. Specified by
 * sdk/nodejs/cmd/pulumi-language-nodejs (Run, execRuntime): flags, environment and exit codes are the same, so the
 * program cannot tell the difference. One addition: TypeScript is not type-checked on each run (docs/engine.md).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { UserError } from "../host/userError";
import { childEnvironment, killGroup, ownGroup } from "./processGroup";
import { preload } from "./programPreload";
import type { Project } from "./project";
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

/** Starts the program and waits for its end. Rejects with {@link UserError} if the SDK is not installed. */
export const runProgram: ProgramRunner = async (options) => {
  const { project, stack, preview, parallel, config, address } = options;
  const runner = findRunner(project.programDir);
  const { typescript, nodeargs, tsconfig } = project.runtimeOptions;
  const args = [
    preload,
    ...splitArguments(typeof nodeargs === "string" ? nodeargs : ""),
    runner,
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
  ];
  const child = spawn(process.execPath, args, {
    env: {
      ...childEnvironment(),
      PULUMI_CONFIG: JSON.stringify(
        Object.fromEntries([...config.values].map(([key, value]) => [key.replace(":", ":config:"), value])),
      ),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify([...config.secretKeys]),
      ...(typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
      ...(typeof tsconfig === "string" ? { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig } : {}),
      PULUMI_NODEJS_TRANSPILE_ONLY: process.env.PULUMI_NODEJS_TRANSPILE_ONLY ?? "true",
    },
    stdio: ["ignore", "pipe", "pipe"],
    ...ownGroup,
  });
  const lines = (["stdout", "stderr"] as const).map(
    (stream) =>
      new Promise<void>((done) => {
        const source = child[stream];
        if (source === null) return done();
        createInterface({ input: source })
          .on("line", (line) => options.onLine(stream, line))
          .on("close", done);
      }),
  );
  const kill = (): void => killGroup(child, "SIGKILL");
  process.on("exit", kill);
  const onAbort = (): void => stop(child);
  options.signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => done([code, signal]));
    });
    await Promise.all(lines);
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
    process.removeListener("exit", kill);
    options.signal?.removeEventListener("abort", onAbort);
  }
};

function stop(child: ChildProcess): void {
  killGroup(child, "SIGINT");
  const force = setTimeout(() => killGroup(child, "SIGKILL"), endTimeoutMs);
  force.unref();
  child.once("exit", () => clearTimeout(force));
}

function findRunner(programDir: string): string {
  try {
    return createRequire(join(programDir, "index.js")).resolve("@pulumi/pulumi/cmd/run");
  } catch {
    throw new UserError(
      `the Pulumi SDK couldn't be found from ${programDir}`,
      "the program needs the package @pulumi/pulumi",
      `run npm install in the project's folder`,
    );
  }
}

/** Words separated by blanks; quotes keep blanks. */
function splitArguments(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? "",
  );
}
