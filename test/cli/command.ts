import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const checkout = resolve(__dirname, "../..");

const entry = join(checkout, "dist/cli/main.js");

/** What the tester's own environment must not decide. */
const unwanted = [
  "PULUMI_CONFIG_PASSPHRASE",
  "PULUMI_CONFIG_PASSPHRASE_FILE",
  "PULUMI_BACKEND_URL",
  "PULUMI_STACK",
  "VMCLUSTER_LAUNCHER",
  "NO_COLOR",
];

/** Compiles what is not compiled yet. The launcher does it, so that suites that need it at the same time take turns. */
export function compile(): void {
  const ran = spawnSync(join(checkout, "vmcluster"), ["--version"], { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`compiling failed:\n${ran.stderr}`);
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The compiled command with a home and a project of its own, outside the checkout. */
export class CommandUnderTest {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "vmcluster-cli-")));
  readonly home = join(this.folder, "home");
  readonly project = join(this.folder, "project");
  private readonly running = new Set<ChildProcess>();

  constructor() {
    mkdirSync(this.project);
  }

  /** A program in JavaScript that finds the checkout's packages. */
  write(program: string, name = "lab"): void {
    writeFileSync(
      join(this.project, "Pulumi.yaml"),
      `name: ${name}\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n`,
    );
    writeFileSync(join(this.project, "package.json"), JSON.stringify({ name, main: "index.js" }));
    writeFileSync(join(this.project, "index.js"), program);
    rmSync(join(this.project, "node_modules"), { force: true });
    symlinkSync(join(checkout, "node_modules"), join(this.project, "node_modules"));
  }

  start(args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): ChildProcess {
    return this.startProgram(process.execPath, [entry, ...args], options.env, options.cwd);
  }

  /** Starts another program with the command's environment, and the command itself as `$NODE $CLI`. */
  startProgram(
    program: string,
    args: readonly string[],
    more: NodeJS.ProcessEnv = {},
    cwd = this.project,
  ): ChildProcess {
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      VMCLUSTER_HOME: this.home,
      // A Pulumi CLI of the tester's would be used.
      VMCLUSTER_ENGINE: "embedded",
      NODE: process.execPath,
      CLI: entry,
    };
    for (const name of unwanted) delete env[name];
    const child = spawn(program, args, { cwd, env: { ...env, ...more }, stdio: ["pipe", "pipe", "pipe"] });
    this.running.add(child);
    child.on("close", () => this.running.delete(child));
    return child;
  }

  async run(
    args: readonly string[],
    options: { cwd?: string; env?: NodeJS.ProcessEnv; input?: string } = {},
  ): Promise<Ran> {
    const child = this.start(args, options);
    child.stdin?.end(options.input ?? "");
    return finished(child);
  }

  /** Runs and fails with what was printed unless it exits with 0. */
  async ok(...args: string[]): Promise<Ran> {
    const ran = await this.run(args);
    if (ran.code !== 0)
      throw new Error(`vmcluster ${args.join(" ")}: exit ${ran.code}\n${ran.stdout}\n${ran.stderr}`);
    return ran;
  }

  clean(): void {
    for (const child of this.running) child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function finished(child: ChildProcess): Promise<Ran> {
  const chunks = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk: Buffer) => {
    chunks.stdout += chunk;
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    chunks.stderr += chunk;
  });
  return new Promise((done) => child.on("close", (code) => done({ code, ...chunks })));
}

/** Gives each test of a file a new command, with this program in its project. */
export function eachTestOn(program: string, begin: (vmcluster: CommandUnderTest) => void): void {
  let made: CommandUnderTest;
  beforeAll(compile);
  beforeEach(() => {
    made = new CommandUnderTest();
    made.write(program);
    begin(made);
  });
  afterEach(() => made.clean());
}
