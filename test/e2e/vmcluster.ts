import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The checkout under test. */
export const checkout = resolve(__dirname, "../..");
const launcher = join(checkout, "vmcluster");

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/**
 * The `vmcluster` command with a home of its own, as a person would call it: the launcher, in a folder. Golden images are kept
 * in the user's cache between runs, everything else goes with the home.
 */
export class Vmcluster {
  private readonly log: string;

  constructor(
    readonly cwd: string,
    logName: string,
    /** Default: a new one. */
    readonly home = mkdtempSync(join(tmpdir(), "vmcluster-e2e-")),
  ) {
    const logs = process.env.VMCLUSTER_E2E_LOGS ?? join(homedir(), ".cache/vmcluster/e2e");
    mkdirSync(logs, { recursive: true });
    this.log = join(logs, `${logName}.log`);
    rmSync(this.log, { force: true });
  }

  get environment(): NodeJS.ProcessEnv {
    const {
      PULUMI_CONFIG_PASSPHRASE: _passphrase,
      PULUMI_CONFIG_PASSPHRASE_FILE: _file,
      ...rest
    } = process.env;
    return {
      ...rest,
      VMCLUSTER_HOME: this.home,
      VMCLUSTER_ENGINE: "embedded",
      VMCLUSTER_IMAGES: process.env.VMCLUSTER_IMAGES ?? join(homedir(), ".cache/vmcluster/images"),
      // Guests in tests reach nothing but each other and what is forwarded to them.
      VMCLUSTER_ISOLATED: "1",
      ...this.extra,
    };
  }

  /** Added to the environment of every command from now on. */
  extra: NodeJS.ProcessEnv = {};

  /** Starts the command in a process group of its own. */
  start(...args: string[]): ChildProcess {
    return this.spawned(args, [launcher, ...args]);
  }

  private spawned(args: readonly string[], [program, ...rest]: readonly [string, ...string[]]): ChildProcess {
    appendFileSync(this.log, `\n$ vmcluster ${args.join(" ")}\n`);
    return spawn(program, rest, {
      cwd: this.cwd,
      env: this.environment,
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
  }

  /** Runs the command to its end. */
  run(...args: string[]): Promise<Ran> {
    return this.finish(this.start(...args));
  }

  /** Runs the command with text on its standard input and fails unless it exits with 0. */
  async pipe(text: string, ...args: string[]): Promise<Ran> {
    const child = this.start(...args);
    child.stdin?.end(text);
    return this.checked(args, await this.finish(child));
  }

  /** Runs the command; of what it costs, how long processors worked for it and for the processes that it has ended. */
  async timed(...args: string[]): Promise<Ran & { readonly cpuSeconds: number }> {
    const script = 'TIMEFORMAT="%U %S"; time "$@"';
    const command = ["bash", "-c", script, "bash", launcher, ...args] as const;
    const ran = this.checked(args, await this.finish(this.spawned(args, command)));
    const [user, system] = ran.stderr.trim().split("\n").at(-1)?.split(" ").map(Number) ?? [];
    if (user === undefined || system === undefined) throw new Error(`no times:\n${ran.stderr}`);
    return { ...ran, cpuSeconds: user + system };
  }

  private finish(child: ChildProcess): Promise<Ran> {
    const began = Date.now();
    child.stdin?.end();
    let stdout = "";
    let stderr = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      stdout += chunk;
      appendFileSync(this.log, chunk);
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr += chunk;
      appendFileSync(this.log, chunk);
    });
    return new Promise((done) =>
      child.on("close", (code) => {
        const seconds = (Date.now() - began) / 1000;
        appendFileSync(this.log, `[exit ${code} after ${seconds.toFixed(1)} s]\n`);
        done({ code, stdout, stderr, seconds });
      }),
    );
  }

  /** Runs the command and fails with what it printed unless it exits with 0. */
  async ok(...args: string[]): Promise<Ran> {
    return this.checked(args, await this.run(...args));
  }

  private checked(args: readonly string[], ran: Ran): Ran {
    if (ran.code !== 0)
      throw new Error(`vmcluster ${args.join(" ")}: exit ${ran.code}\n${ran.stdout}\n${ran.stderr}`);
    return ran;
  }

  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse((await this.ok(...args)).stdout) as T;
  }

  /** What a command on a machine prints. */
  async on(machine: string, ...command: string[]): Promise<string> {
    return (await this.ok("machine", "ssh", machine, "--", ...command)).stdout.trim();
  }

  /**
   * Starts the command, waits until its output matches, kills it with SIGKILL and waits for its end.
   * `group` kills its children too, as a closed terminal or an out-of-memory killer may.
   */
  async killAt(pattern: RegExp, group: boolean, ...args: string[]): Promise<string> {
    const child = this.start(...args);
    let output = "";
    let killed = false;
    const kill = (): void => {
      if (killed || !pattern.test(output)) return;
      killed = true;
      process.kill(group ? -(child.pid as number) : (child.pid as number), "SIGKILL");
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        output += chunk;
        appendFileSync(this.log, chunk);
        kill();
      });
    }
    // "exit", not "close": children that outlive the killed command keep its pipes open.
    await new Promise((done) => child.once("exit", done));
    appendFileSync(this.log, `[${killed ? "killed" : "ended by itself"} at ${pattern}]\n`);
    child.stdout?.destroy();
    child.stderr?.destroy();
    if (!killed) throw new Error(`the command ended before its output matched ${pattern}:\n${output}`);
    return output;
  }

  /** Command lines of running processes that belong to this home: QEMU, SSH masters, providers. */
  processes(): string[] {
    return readdirSync("/proc")
      .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
      .map((entry) => {
        try {
          return readFileSync(`/proc/${entry}/cmdline`, "utf8").replaceAll("\0", " ").trim();
        } catch {
          return "";
        }
      })
      .filter((line) => line.includes(this.home));
  }

  /** Destroys what a failed test left and removes the home. */
  async clean(): Promise<void> {
    await this.run("destroy", "--yes", "--delete-data");
    const left = this.machineFolders();
    if (left.length > 0) await this.run("machine", "rm", "-f", ...left);
    rmSync(this.home, { recursive: true, force: true });
  }

  /** Folders of machines in the store. */
  machineFolders(): string[] {
    try {
      return readdirSync(join(this.home, "machines"), { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
        .map(({ name }) => name);
    } catch {
      return [];
    }
  }
}
