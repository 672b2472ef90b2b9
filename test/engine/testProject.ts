/** A Pulumi project in a folder of its own, with the test provider on PATH and the SDK of this checkout. */
import { type ChildProcess, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { stringify } from "yaml";
import {
  type EngineEvent,
  initStack,
  type Operation,
  type OperationOptions,
  type OperationResult,
  PluginHost,
} from "../../engine";
import { SecretsManager } from "../../engine/secrets";

/** Programs run with the SDK of this checkout, or with the one that is installed in the folder `TEST_SDK`. */
const sdkFolder = process.env.TEST_SDK || join(__dirname, "../..");

export interface ThingSpec {
  readonly name: string;
  readonly kind?: "thing" | "other" | "group" | "provider";
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface RunRecord extends OperationResult {
  readonly events: readonly EngineEvent[];
}

export const passphrase = "correct horse";
const salt = "v1:BnqFuKenNvc=:v1:PS6PUPowQPSJYVGY:FAojV3usDAM3V0rh7c0ZQeMUPY8VLg==";

export class TestProject {
  readonly dir = mkdtempSync(join(tmpdir(), "engine-test-"));
  readonly backendDir = join(this.dir, "home");
  readonly providerDir: string;
  readonly stack = "dev";
  /** Providers are kept between operations, as the command line keeps them from a preview to its update. */
  private readonly plugins: PluginHost;

  /** @param shared provider processes of a suite; otherwise the project has its own */
  constructor(
    program = "things.js",
    private readonly shared?: SharedProvider,
  ) {
    mkdirSync(this.backendDir);
    this.plugins = shared?.plugins ?? new PluginHost();
    this.providerDir = shared?.empty() ?? join(this.dir, "provider");
    mkdirSync(this.providerDir, { recursive: true });
    writeFileSync(join(this.dir, "Pulumi.yaml"), "name: sample\nruntime: nodejs\nmain: index.js\n");
    writeFileSync(join(this.dir, "package.json"), JSON.stringify({ name: "sample", dependencies: {} }));
    cpSync(join(__dirname, "programs", program), join(this.dir, "index.js"));
    cpSync(join(__dirname, "fixtures/testing.js"), join(this.dir, "testing.js"));
    symlinkSync(join(sdkFolder, "node_modules"), join(this.dir, "node_modules"));
    process.env.TEST_PROVIDER_DIR = this.providerDir;
    process.env.TEST_NODE = process.execPath;
    const bin = join(__dirname, "fixtures/bin");
    if (!process.env.PATH?.includes(bin)) process.env.PATH = `${bin}${delimiter}${process.env.PATH}`;
  }

  get options(): Omit<OperationOptions, "onEvent"> {
    return { projectDir: this.dir, stack: this.stack, backendDir: this.backendDir, passphrase };
  }

  /** With a salt made before, so that its key is derived once for all tests of a file. */
  init(): Promise<void> {
    writeFileSync(join(this.dir, "Pulumi.dev.yaml"), `encryptionsalt: ${salt}\n`);
    return initStack(this.options);
  }

  things(list: readonly ThingSpec[]): void {
    writeFileSync(join(this.dir, "things.json"), JSON.stringify(list));
  }

  program(source: string): void {
    writeFileSync(join(this.dir, "index.js"), source);
  }

  /** The stack's whole configuration; `{ $secret: text }` is a secret. */
  async config(values: Readonly<Record<string, unknown>>): Promise<void> {
    const secrets = await SecretsManager.open(passphrase, salt);
    const encrypted = (value: unknown): unknown => {
      if (typeof value !== "object" || value === null) return value;
      if (Array.isArray(value)) return value.map(encrypted);
      if ("$secret" in value) return { secure: secrets.encrypt(String(value.$secret)) };
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, encrypted(inner)]));
    };
    const file = { encryptionsalt: salt, config: encrypted(values) };
    writeFileSync(join(this.dir, "Pulumi.dev.yaml"), stringify(file));
  }

  async run(operation: Operation, more: Partial<OperationOptions> = {}): Promise<RunRecord> {
    const events: EngineEvent[] = [];
    const result = await operation({
      ...this.options,
      plugins: this.plugins,
      ...more,
      onEvent: (event) => {
        events.push(event);
        more.onEvent?.(event);
      },
    });
    return { ...result, events };
  }

  /** What the provider was asked to do, as `create a`, in order. */
  calls(...names: readonly string[]): string[] {
    const file = join(this.providerDir, "calls.log");
    if (!existsSync(file)) return [];
    return readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(" "))
      .filter(([, call]) => names.includes(call ?? ""))
      .map(([, call, name]) => `${call} ${name}`);
  }

  forgetCalls(): void {
    rmSync(join(this.providerDir, "calls.log"), { force: true });
  }

  /** Names of the resources that really exist. */
  existing(): string[] {
    return readdirSync(this.providerDir)
      .filter((name) => name.endsWith(".resource"))
      .map((name) => name.split("-")[0] ?? "")
      .sort();
  }

  /** The state file as it is on disk. */
  state(): {
    resources: StateResource[];
    pending: { type: string; resource: StateResource }[];
    text: string;
  } {
    const text = readFileSync(join(this.backendDir, ".pulumi/stacks/sample", `${this.stack}.json`), "utf8");
    const latest = (
      JSON.parse(text) as {
        checkpoint: { latest?: { resources?: StateResource[]; pending_operations?: never[] } };
      }
    ).checkpoint.latest;
    return { resources: latest?.resources ?? [], pending: latest?.pending_operations ?? [], text };
  }

  resource(name: string): StateResource {
    const found = this.state().resources.find(
      (resource) => resource.urn.endsWith(`::${name}`) && !resource.delete,
    );
    if (found === undefined) throw new Error(`${name} is not in the state`);
    return found;
  }

  /** `up` in a process of its own, to be killed. */
  upElsewhere(env: NodeJS.ProcessEnv = {}): ChildProcess {
    return spawn(
      process.execPath,
      [join(__dirname, "fixtures/runOperation.js"), "up", this.dir, this.backendDir, this.stack, passphrase],
      { stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, ...env } },
    );
  }

  async remove(): Promise<void> {
    if (this.shared === undefined) await this.plugins.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Provider processes that a suite of projects, one after the other, uses: most of the time of a small one is their start. */
export class SharedProvider {
  readonly plugins = new PluginHost();
  private readonly dir = mkdtempSync(join(tmpdir(), "engine-provider-"));

  /** The folder in which the provider keeps what it makes, emptied for the next project. */
  empty(): string {
    rmSync(this.dir, { recursive: true, force: true });
    mkdirSync(this.dir);
    return this.dir;
  }

  async close(): Promise<void> {
    await this.plugins.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  delete?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  [field: string]: unknown;
}

export async function until(condition: () => boolean, what: string, limitMs: number): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > limitMs) throw new Error(`waited in vain for ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** Steps as `create a`, in the order they were finished; without the stack and unchanged ones. */
export function steps(record: RunRecord): string[] {
  return record.events
    .flatMap((event) => (event.kind === "resource-done" ? [event.step] : []))
    .filter((step) => step.op !== "same" && step.type !== "pulumi:pulumi:Stack")
    .map((step) => `${step.op} ${step.name}`);
}

/** Messages of errors, also of failed steps. */
export function errors(record: RunRecord): string[] {
  return record.events.flatMap((event) => {
    if (event.kind === "diagnostic" && event.severity === "error") return [event.message];
    return event.kind === "resource-failed" ? [`${event.step.op} ${event.step.name}: ${event.message}`] : [];
  });
}
