/**
 * Resource plugins: where a provider's program is found, how it is started and ended. Specified by
 * sdk/go/common/workspace/plugins.go (places) and sdk/go/common/resource/plugin/plugin.go (the program gets the engine's
 * address, prints its port on the first line and answers gRPC there on loopback). In this order:
 * PULUMI_DEBUG_PROVIDERS, `pulumi-resource-<name>` on PATH, the Pulumi CLI's plugin folder, this project's own providers.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { credentials, Metadata } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { firstSocketNumber, socketAddress, socketFile, socketFolder } from "../host/pluginSocket";
import { UserError } from "../host/userError";
import { channelOptions } from "./grpc";
import { dynamicProviderPreload } from "./pluginPreload";
import { childEnvironment, killGroup, ownGroup } from "./processGroup";
import { SocketFolder } from "./socketFolder";

/** Package of resources whose provider is a part of the program. */
export const dynamicProvider = "pulumi-nodejs";

/** How to start one plugin. */
export type PluginProgram =
  | {
      readonly kind: "program";
      readonly file: string;
      readonly args: readonly string[];
      /** Whether it listens on a socket where the engine does. Pulumi's own plugins only know ports. */
      readonly sockets: boolean;
    }
  | { readonly kind: "attach"; readonly port: number };

const startTimeoutMs = 60_000;
const endTimeoutMs = 3_000;
const cancelTimeoutMs = 5_000;

/** Finds a provider. Throws {@link UserError} naming where it was looked for. */
function findPlugin(name: string, version: string | undefined, programDir: string): PluginProgram {
  const port = debugPort(name);
  if (port !== undefined) return { kind: "attach", port };
  const file = onPath(`pulumi-resource-${name}`) ?? inPluginFolder(name, version);
  if (file !== undefined) return { kind: "program", file, args: [], sockets: false };
  const own = ownProvider(name, programDir);
  const args = name === dynamicProvider ? [dynamicProviderPreload] : [];
  if (own !== undefined)
    return { kind: "program", file: process.execPath, args: [...args, own], sockets: true };
  throw new UserError(
    `no resource plugin ${JSON.stringify(name)}${version ? ` v${version}` : ""} found`,
    `looked for pulumi-resource-${name} on PATH and in ${pluginFolder()}, and for a provider of the embedded engine`,
    `install it: pulumi plugin install resource ${name}${version ? ` v${version}` : ""}`,
  );
}

function debugPort(name: string): number | undefined {
  for (const entry of (process.env.PULUMI_DEBUG_PROVIDERS ?? "").split(",")) {
    const [provider, port] = entry.split(":");
    if (provider === name && port !== undefined) return Number(port);
  }
  return undefined;
}

function onPath(file: string): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, file);
    if (folder !== "" && isExecutable(path)) return path;
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true && (process.platform === "win32" || (stat.mode & 0o111) !== 0);
}

export function pluginFolder(): string {
  return join(process.env.PULUMI_HOME || join(homedir(), ".pulumi"), "plugins");
}

/** The exact version where one is asked for, else the newest. */
function inPluginFolder(name: string, version: string | undefined): string | undefined {
  const folder = pluginFolder();
  if (!existsSync(folder)) return undefined;
  const prefix = `resource-${name}-v`;
  const found = readdirSync(folder)
    .filter((entry) => entry.startsWith(prefix) && /^\d/.test(entry.slice(prefix.length)))
    .map((entry) => entry.slice(prefix.length))
    .filter((found) => version === undefined || found === version)
    .sort((a, b) => a.localeCompare(b, undefined, { numeric: true }))
    .map((found) => join(folder, prefix + found, `pulumi-resource-${name}`))
    .filter(isExecutable);
  return found.at(-1);
}

/** Compiled entries of providers/, also when this very file runs uncompiled; dynamic providers come with the SDK. */
function ownProvider(name: string, programDir: string): string | undefined {
  if (name === dynamicProvider) {
    try {
      return createRequire(join(programDir, "package.json")).resolve("@pulumi/pulumi/cmd/dynamic-provider");
    } catch {
      return undefined;
    }
  }
  return ["../providers", "../dist/providers"]
    .map((folder) => resolve(__dirname, folder, name, "main.js"))
    .find((path) => existsSync(path));
}

/** What a provider said it understands. */
export interface Protocol {
  readonly acceptSecrets: boolean;
  readonly acceptResources: boolean;
  readonly supportsPreview: boolean;
  readonly acceptOutputs: boolean;
}

/** A provider. One that ends by itself fails every call with how it ended. */
export class PluginProcess {
  /** The configuration it has; a process gets one in its life. */
  configured: { readonly key: string; readonly protocol: Protocol } | undefined;
  /** What it was asked for with, before defaults were added. */
  requested: string | undefined;
  private connection: ResourceProviderClient | undefined;
  private child: ChildProcess | undefined;
  private readonly tail: string[] = [];
  private ended: string | undefined;
  private closing = false;

  constructor(readonly name: string) {}

  /** Not before {@link start} has ended. */
  get client(): ResourceProviderClient {
    if (this.connection === undefined) throw new Error(`the resource plugin ${this.name} is not started`);
    return this.connection;
  }

  /** Resolves when it can be called. May be closed or killed meanwhile. */
  async start(
    program: PluginProgram,
    engineAddress: string,
    options: {
      readonly cwd: string;
      readonly env: Readonly<Record<string, string>>;
      readonly onLine: (line: string) => void;
    },
  ): Promise<void> {
    if (program.kind === "attach") {
      this.connection = connect(`127.0.0.1:${program.port}`);
      return;
    }
    const child = spawn(program.file, [...program.args, engineAddress], {
      cwd: options.cwd,
      env: { ...childEnvironment(), ...options.env },
      // Standard input stays open as long as this process lives: a provider may end itself when it closes.
      stdio: ["pipe", "pipe", "pipe"],
      ...ownGroup,
    });
    this.child = child;
    child.once("exit", (code, signal) => {
      this.ended = signal === null ? `exit code ${code}` : `signal ${signal}`;
    });
    child.stdin.on("error", () => undefined);
    createInterface({ input: child.stderr }).on("line", (line) => {
      this.tail.push(line);
      if (this.tail.length > 20) this.tail.shift();
      options.onLine(line);
    });
    const number = await firstLine(this.name, child, this.tail, options.onLine);
    const folder = program.sockets ? socketFolder(engineAddress) : undefined;
    // Whoever reaches a port of these runs commands: rather no provider.
    if (number >= firstSocketNumber !== (folder !== undefined)) {
      this.kill();
      throw new Error(
        `the resource plugin ${this.name} did not start: it listens on ${number}, ${folder === undefined ? "which is no port" : "a port that every user of this host can reach"}`,
      );
    }
    this.connection = connect(
      folder === undefined ? `127.0.0.1:${number}` : socketAddress(socketFile(folder, number)),
    );
  }

  /** How it ended, if it did without being asked to. */
  crash(): string | undefined {
    if (this.ended === undefined || this.closing) return undefined;
    const last = this.tail.length === 0 ? "" : `\n${this.tail.join("\n")}`;
    return `the resource plugin ${this.name} ended unexpectedly (${this.ended})${last}`;
  }

  get usable(): boolean {
    return this.connection !== undefined && this.ended === undefined && !this.closing;
  }

  /** Ends it: politely first. */
  async close(): Promise<void> {
    if (this.closing) return;
    this.closing = true;
    this.connection?.close();
    const child = this.child;
    // One that could not be spawned has no number, and no end is told of it.
    if (child?.pid === undefined || this.ended !== undefined) return;
    await new Promise<void>((done) => {
      const force = setTimeout(() => killGroup(child, "SIGKILL"), endTimeoutMs);
      child.once("exit", () => {
        clearTimeout(force);
        done();
      });
      child.stdin?.end();
      // The whole group: a plugin may be a script that waits for the real one.
      killGroup(child, "SIGTERM");
    });
  }

  /** For the second Ctrl-C and crashes of our own: no waiting. */
  kill(): void {
    this.closing = true;
    if (this.child) killGroup(this.child, "SIGKILL");
  }
}

function connect(address: string): ResourceProviderClient {
  return new ResourceProviderClient(address, credentials.createInsecure(), channelOptions);
}

function firstLine(
  name: string,
  child: ChildProcess,
  tail: readonly string[],
  onLine: (line: string) => void,
): Promise<number> {
  return new Promise((done, reject) => {
    const fail = (reason: string): void => {
      clearTimeout(timer);
      killGroup(child, "SIGKILL");
      reject(new Error([`the resource plugin ${name} did not start: ${reason}`, ...tail].join("\n")));
    };
    const timer = setTimeout(
      () => fail(`it printed no port within ${startTimeoutMs / 1000} s`),
      startTimeoutMs,
    );
    const onError = (error: Error): void => fail(error.message);
    const onExit = (code: number | null, signal: NodeJS.Signals | null): void =>
      void setImmediate(() => fail(signal === null ? `exit code ${code}` : `signal ${signal}`));
    child.once("error", onError);
    child.once("exit", onExit);
    if (!child.stdout) return fail("it has no standard output");
    let first = true;
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (!first) return onLine(line);
      first = false;
      const port = Number(line.trim());
      if (!Number.isSafeInteger(port) || port < 1)
        return fail(`its first line is not a port: ${JSON.stringify(line)}`);
      clearTimeout(timer);
      child.removeListener("error", onError);
      child.on("error", () => undefined);
      child.removeListener("exit", onExit);
      done(port);
    });
  });
}

/** A process that nobody uses now, or that is starting. */
interface Idle {
  readonly key: string;
  readonly process: Promise<PluginProcess>;
}

/** What a provider is started with. */
export interface PluginStart {
  /** Address of the Engine service: the provider's one argument. */
  readonly address: string;
  readonly programDir: string;
  readonly project: string;
  /** What it prints besides its port. */
  readonly onLine: (line: string) => void;
}

/**
 * The provider processes of one command. Each provider resource has a process of its own, as its configuration is the
 * process's; kept from a preview to the update that follows it, a process with the same configuration is used again.
 */
export class PluginHost {
  private sockets: SocketFolder | undefined;
  private readonly all = new Set<PluginProcess>();
  private idle: Idle[] = [];
  private closed = false;
  private readonly killAll = (): void => {
    for (const plugin of this.all) plugin.kill();
  };

  constructor() {
    globalThis.process.on("exit", this.killAll);
  }

  /** Providers are told it once, when they start: each operation of the command listens there. */
  engineAddress(): string {
    this.sockets ??= new SocketFolder();
    return socketAddress(join(this.sockets.path, "engine.sock"));
  }

  /**
   * @param configuration what it will be configured with: a process that has this already is preferred,
   *   one with another configuration is not used
   */
  async take(
    name: string,
    version: string | undefined,
    configuration: string,
    start: PluginStart,
  ): Promise<PluginProcess> {
    const key = `${name}@${version ?? ""}`;
    const candidates: { readonly entry: Idle; readonly process: PluginProcess }[] = [];
    for (const entry of this.idle.filter((entry) => entry.key === key)) {
      this.idle = this.idle.filter((other) => other !== entry);
      const process = await entry.process.catch(() => undefined);
      if (process?.usable) candidates.push({ entry, process });
    }
    const chosen =
      candidates.find(({ process }) => process.configured && process.requested === configuration) ??
      candidates.find(({ process }) => process.configured?.key === configuration) ??
      candidates.find(({ process }) => process.configured === undefined);
    this.idle.push(...candidates.filter((candidate) => candidate !== chosen).map(({ entry }) => entry));
    const taken = chosen?.process ?? (await this.launch(name, version, start));
    taken.requested = configuration;
    return taken;
  }

  /** Starts a process that will be taken later. Failures are reported when it is. */
  prelaunch(name: string, version: string | undefined, start: PluginStart): void {
    const process = this.launch(name, version, start);
    process.catch(() => undefined);
    this.idle.push({ key: `${name}@${version ?? ""}`, process });
  }

  /** How many processes of this plugin wait to be taken. */
  idleCount(name: string, version: string | undefined): number {
    return this.idle.filter((entry) => entry.key === `${name}@${version ?? ""}`).length;
  }

  /** Gives a process back: a later operation of the same command may take it. */
  release(process: PluginProcess, version: string | undefined): void {
    if (process.usable)
      this.idle.push({ key: `${process.name}@${version ?? ""}`, process: Promise.resolve(process) });
  }

  private async launch(
    name: string,
    version: string | undefined,
    start: PluginStart,
  ): Promise<PluginProcess> {
    const program = findPlugin(name, version, start.programDir);
    if (this.closed)
      throw new Error(`the resource plugin ${name} is not started: the engine is shutting down`);
    // Known from its first moment on: it may have to be ended before it has started.
    const launched = new PluginProcess(name);
    this.all.add(launched);
    await launched.start(program, start.address, {
      cwd: start.programDir,
      env: {
        PULUMI_PROJECT: start.project,
        ...(name === dynamicProvider ? { PULUMI_NODEJS_PROJECT: start.project } : {}),
      },
      onLine: start.onLine,
    });
    return launched;
  }

  /** Tells every provider that the user wants to stop. */
  async cancel(): Promise<void> {
    await Promise.all(
      [...this.all]
        .filter((process) => process.usable)
        .map(
          (process) =>
            new Promise<void>((done) => {
              process.client.cancel(
                new Empty(),
                new Metadata(),
                { deadline: Date.now() + cancelTimeoutMs },
                () => done(),
              );
            }),
        ),
    );
  }

  /** Ends every process, also those that are just starting; none is started any more. */
  async close(): Promise<void> {
    this.closed = true;
    this.idle = [];
    await Promise.all([...this.all].map((process) => process.close()));
    this.all.clear();
    this.sockets?.remove();
    this.sockets = undefined;
    process.removeListener("exit", this.killAll);
  }
}
