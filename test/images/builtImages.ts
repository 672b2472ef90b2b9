/** The service images, built if they are not cached, and their programs run from them as a container would. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../../host/run";
import { findProgram } from "../../host/tools";
import { buildServiceImages, type ServiceImage } from "../../images/build";
import type { ServiceImageName } from "../../images/definitions";
import { freePort } from "../freePort";

interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  readonly config: {
    readonly Env: readonly string[];
    readonly Entrypoint: readonly string[];
    readonly ExposedPorts: Readonly<Record<string, object>>;
    readonly Volumes?: Readonly<Record<string, object>>;
    readonly StopSignal: string;
    readonly Healthcheck?: { readonly Test: readonly string[] };
  };
  readonly rootfs: { readonly type: string; readonly diff_ids: readonly string[] };
  readonly history: readonly object[];
}

interface Manifest {
  readonly Config: string;
  readonly RepoTags: readonly string[];
  readonly Layers: readonly string[];
}

export interface UnpackedArchive {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
}

/** The images in `folder`, built there if they are not. */
export function buildIn(folder: string): Promise<readonly ServiceImage[]> {
  const before = process.env.VMCLUSTER_IMAGES;
  process.env.VMCLUSTER_IMAGES = folder;
  try {
    // It reads the folder before the first thing that takes time, so that two may be built at once.
    return buildServiceImages();
  } finally {
    if (before === undefined) delete process.env.VMCLUSTER_IMAGES;
    else process.env.VMCLUSTER_IMAGES = before;
  }
}

/** The images in the cache that end-to-end tests use too. */
const cachedImages = (): Promise<readonly ServiceImage[]> =>
  buildIn(process.env.VMCLUSTER_IMAGES ?? join(homedir(), ".cache/vmcluster/images"));

export async function unpackArchive(archive: string, folder: string): Promise<UnpackedArchive> {
  mkdirSync(folder, { recursive: true });
  await run("tar", ["--force-local", "-xf", archive, "-C", folder]);
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), "utf8"));
  const manifests = read("manifest.json") as Manifest[];
  expect(manifests).toHaveLength(1);
  const manifest = manifests[0] as Manifest;
  return { folder, manifest, config: read(manifest.Config) as ImageConfig };
}

/** Calls `action` until it neither throws nor gives undefined. */
export async function eventually<T>(
  what: string,
  action: () => Promise<T | undefined>,
  milliseconds = 20_000,
): Promise<T> {
  const end = Date.now() + milliseconds;
  for (;;) {
    let reason: unknown = "nothing";
    try {
      const result = await action();
      if (result !== undefined) return result;
    } catch (error) {
      reason = error;
    }
    if (Date.now() > end) throw new Error(`${what}: still not after ${milliseconds / 1000} s (${reason})`);
    await sleep(50);
  }
}

/** A service image's files in a folder of the test's own, and what was started from them. */
export class Unpacked {
  private readonly started: RunningProgram[] = [];
  private constructor(
    private readonly folder: string,
    readonly image: UnpackedArchive,
  ) {}

  static async of(name: ServiceImageName): Promise<Unpacked> {
    const images = await cachedImages();
    const { archive } = images.find((image) => image.name === name) as ServiceImage;
    // Short: sockets in it have names of at most 107 characters.
    const folder = mkdtempSync(join(tmpdir(), "vmc-image-"));
    const unpacked = new Unpacked(folder, await unpackArchive(archive, join(folder, "archive")));
    mkdirSync(unpacked.root);
    for (const layer of unpacked.image.manifest.Layers)
      await run("tar", ["-xf", join(folder, "archive", layer), "-C", unpacked.root]);
    return unpacked;
  }

  get root(): string {
    return join(this.folder, "root");
  }

  /** Program and arguments that run `command` with the image's files as its only ones: by chroot, else in a user namespace. */
  private inside(command: readonly string[]): readonly [string, readonly string[]] {
    const [tool, ...args] =
      process.getuid?.() === 0
        ? ["chroot", this.root]
        : ["unshare", "--map-root-user", `--root=${this.root}`, "--wd=/"];
    const path = findProgram(tool as string);
    if (path === undefined) throw new Error(`${tool} is missing: apt-get install coreutils util-linux`);
    return [path, [...args, ...command]];
  }

  private environment(more: Readonly<Record<string, string>>): Record<string, string> {
    const own = this.image.config.config.Env.map((pair) => [
      pair.slice(0, pair.indexOf("=")),
      pair.slice(pair.indexOf("=") + 1),
    ]);
    return { ...Object.fromEntries(own), ...more };
  }

  /** Makes a file among the image's, as a mount does. */
  write(path: string, content: string): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  /** What a command in the image prints. */
  async output(...command: string[]): Promise<string> {
    const [program, args] = this.inside(command);
    return (await run(program, args, { timeoutMs: 60_000 })).stdout;
  }

  start(command: readonly string[], environment: Readonly<Record<string, string>> = {}): RunningProgram {
    const [program, args] = this.inside(command);
    const running = new RunningProgram(
      spawn(program, args, { env: this.environment(environment), stdio: ["ignore", "pipe", "pipe"] }),
    );
    this.started.push(running);
    return running;
  }

  /** Starts the image's server on a free port of this host; its last argument is the port. */
  async serve(
    environment: Readonly<Record<string, string>> = {},
  ): Promise<RunningProgram & { port: number }> {
    const port = await freePort();
    const command = [...this.image.config.config.Entrypoint.slice(0, -1), String(port)];
    const running = Object.assign(this.start(command, environment), { port });
    await eventually("/health answers", async () => {
      if (running.ended !== undefined)
        return Promise.reject(new Error(`ended with ${running.ended}: ${running.log}`));
      return (await fetch(`http://127.0.0.1:${port}/health`)).ok || undefined;
    });
    return running;
  }

  async remove(): Promise<void> {
    for (const running of this.started) await running.stop("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class RunningProgram {
  /** What it printed. */
  log = "";
  /** Exit code, or the signal that ended it. */
  ended: number | string | undefined;

  constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => {
        this.log += chunk;
      });
    child.on("exit", (code, signal) => {
      this.ended = code ?? signal ?? "?";
    });
    child.on("error", (error) => {
      this.ended = error.message;
    });
  }

  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<number | string> {
    if (this.ended === undefined) {
      const exited = new Promise((done) => this.child.once("exit", done));
      this.child.kill(signal);
      await exited;
    }
    return this.ended as number | string;
  }
}
