/**
 * Pulumi's file backend: which files hold a stack. Specified by pkg/backend/diy (store.go, state.go, meta.go):
 *
 *   .pulumi/meta.yaml                               version: 1, stacks are kept by project
 *   .pulumi/stacks/<project>/<stack>.json           the checkpoint; .json.bak is the one before the last save
 *   .pulumi/history/<project>/<stack>/<stack>-<ns>.{history,checkpoint}.json
 *   .pulumi/locks/organization/<project>/<stack>/<uuid>.json      see lock.ts
 */
import { existsSync } from "node:fs";
import { copyFile, link, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { UserError } from "../host/userError";
import { writeAtomically } from "./atomicFile";
import {
  type DeploymentBytes,
  type DeploymentJson,
  parseDeployment,
  type WrittenDeployment,
} from "./deployment";

const checkpointFile = z.looseObject({
  version: z.number(),
  features: z.array(z.string()).nullish(),
  checkpoint: z.looseObject({ stack: z.string().optional(), latest: z.unknown().optional() }),
});

/** A checkpoint as it is on disk. */
export interface StoredCheckpoint {
  readonly version: number;
  readonly features: readonly string[];
  /** Undefined for a stack that was never updated. */
  readonly deployment: DeploymentJson | undefined;
  readonly raw: unknown;
}

/** One entry of a stack's history, as Pulumi writes it. Times are seconds since 1970. */
export interface HistoryEntry {
  readonly kind: "update" | "preview" | "refresh" | "destroy" | "import" | "resource-import";
  readonly startTime: number;
  readonly message: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly config: Readonly<
    Record<string, { readonly string: string; readonly secret: boolean; readonly object: boolean }>
  >;
  readonly version: number;
  readonly result: "succeeded" | "failed" | "in-progress";
  readonly endTime: number;
  readonly resourceChanges?: Readonly<Record<string, number>>;
}

const stackName = /^[A-Za-z0-9_.-]{1,100}$/;

/** The stacks under one folder. */
export class Backend {
  private readonly root: string;

  /** @param backendDir the folder that holds `.pulumi` */
  constructor(backendDir: string) {
    this.root = join(backendDir, ".pulumi");
  }

  /** Makes the layout when the folder is new; refuses one of another version. */
  private ensured = false;

  async ensure(): Promise<void> {
    const meta = join(this.root, "meta.yaml");
    if (existsSync(meta)) {
      const version: unknown = (parse(await readFile(meta, "utf8")) as { version?: unknown } | null)?.version;
      if (version !== 1)
        throw new UserError(`${meta}: version ${String(version)} of the file backend is not supported`);
      return;
    }
    const stacks = join(this.root, "stacks");
    const entries = existsSync(stacks) ? await readdir(stacks) : [];
    if (entries.some((name) => name.endsWith(".json")))
      throw new UserError(
        `${this.root} is in the old layout of the file backend`,
        "its stacks are not kept by project",
        "run `pulumi state upgrade` with the Pulumi CLI",
      );
    await writeAtomically(meta, "version: 1\n");
  }

  checkpointPath(project: string, stack: string): string {
    checkName(stack);
    return join(this.root, "stacks", project, `${stack}.json`);
  }

  private historyDir(project: string, stack: string): string {
    checkName(stack);
    return join(this.root, "history", project, stack);
  }

  lockDir(project: string, stack: string): string {
    checkName(stack);
    return join(this.root, "locks", "organization", project, stack);
  }

  exists(project: string, stack: string): boolean {
    return existsSync(this.checkpointPath(project, stack));
  }

  /** Stack names, sorted. */
  async list(project: string): Promise<string[]> {
    const folder = join(this.root, "stacks", project);
    if (!existsSync(folder)) return [];
    return (await readdir(folder))
      .filter((name) => name.endsWith(".json") && !name.startsWith("."))
      .map((name) => name.slice(0, -".json".length))
      .sort();
  }

  /** Throws {@link UserError} if there is no such stack or its file is damaged. */
  async read(project: string, stack: string): Promise<StoredCheckpoint> {
    const path = this.checkpointPath(project, stack);
    let content: string;
    try {
      content = await readFile(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      const compressed = [".gz", ".zst"].find((suffix) => existsSync(path + suffix));
      if (compressed !== undefined)
        throw new UserError(
          `${path}${compressed}: compressed checkpoints are not supported by the embedded engine`,
        );
      throw new UserError(
        `no stack named ${JSON.stringify(stack)} found`,
        `project ${project} has ${(await this.list(project)).join(", ") || "no stacks"}`,
        `make it: stack init ${stack}`,
      );
    }
    let json: unknown;
    try {
      json = JSON.parse(content);
    } catch {
      throw new UserError(
        `${path} is damaged: it is not JSON`,
        undefined,
        `the state before it is ${path}.bak`,
      );
    }
    const parsed = checkpointFile.safeParse(json);
    if (!parsed.success) throw new UserError(`${path} is not a checkpoint`, z.prettifyError(parsed.error));
    const { version, checkpoint } = parsed.data;
    const features = parsed.data.features ?? [];
    const latest = checkpoint.latest;
    return {
      version,
      features,
      deployment: latest == null ? undefined : parseDeployment(latest, version, features, path),
      raw: latest,
    };
  }

  /** Replaces the checkpoint; the one before is kept as `.bak`. */
  async write(
    project: string,
    stack: string,
    written: WrittenDeployment | DeploymentBytes | undefined,
  ): Promise<void> {
    if (!this.ensured) await this.ensure();
    this.ensured = true;
    const path = this.checkpointPath(project, stack);
    await this.keepBackup(path);
    const latest =
      written === undefined
        ? undefined
        : "bytes" in written
          ? written.bytes
          : [Buffer.from(JSON.stringify(written.deployment))];
    const features =
      written && written.features.length > 0 ? `"features":${JSON.stringify(written.features)},` : "";
    const name = JSON.stringify(`organization/${project}/${stack}`);
    const head = `{"version":${written?.version ?? 3},${features}"checkpoint":{"stack":${name}`;
    await writeAtomically(
      path,
      latest ? [Buffer.from(`${head},"latest":`), ...latest, Buffer.from("}}")] : `${head}}}`,
    );
  }

  /** A second name for the file, which the new one then takes the place of. */
  private async keepBackup(path: string): Promise<void> {
    if (!existsSync(path)) return;
    const temporary = `${path}.bak.tmp`;
    await rm(temporary, { force: true });
    await link(path, temporary).catch(() => copyFile(path, temporary));
    await rename(temporary, `${path}.bak`);
  }

  async remove(project: string, stack: string): Promise<void> {
    const path = this.checkpointPath(project, stack);
    await rm(this.historyDir(project, stack), { recursive: true, force: true });
    await rm(join(this.root, "backups", project, stack), { recursive: true, force: true });
    await rm(`${path}.bak`, { force: true });
    await rm(`${path}.attrs`, { force: true });
    await rm(path, { force: true });
  }

  /** Moves a stack's history and takes its old checkpoint away; the new one has been written. */
  async move(project: string, from: string, to: string): Promise<void> {
    for (const [old, moved] of [
      [this.historyDir(project, from), this.historyDir(project, to)],
      [join(this.root, "backups", project, from), join(this.root, "backups", project, to)],
    ] as const) {
      if (!existsSync(old)) continue;
      await mkdir(dirname(moved), { recursive: true });
      await rm(moved, { recursive: true, force: true });
      await rename(old, moved);
    }
    await this.remove(project, from);
  }

  async addToHistory(project: string, stack: string, entry: HistoryEntry): Promise<void> {
    const folder = this.historyDir(project, stack);
    const prefix = join(folder, `${stack}-${BigInt(Date.now()) * 1_000_000n}`);
    await writeAtomically(`${prefix}.history.json`, JSON.stringify(entry));
    await mkdir(dirname(prefix), { recursive: true });
    await copyFile(this.checkpointPath(project, stack), `${prefix}.checkpoint.json`);
  }

  /** Newest first. */
  async history(project: string, stack: string): Promise<HistoryEntry[]> {
    const folder = this.historyDir(project, stack);
    if (!existsSync(folder)) return [];
    const files = (await readdir(folder))
      .filter((name) => name.endsWith(".history.json"))
      .sort()
      .reverse();
    return Promise.all(
      files.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8")) as HistoryEntry),
    );
  }
}

function checkName(stack: string): void {
  if (!stackName.test(stack) || stack === "." || stack === "..")
    throw new UserError(
      `stack name ${JSON.stringify(stack)} is not valid`,
      "it may hold letters, digits, hyphens, underscores and periods, 100 at most",
    );
}
