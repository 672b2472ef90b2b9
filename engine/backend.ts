/**
 * Pulumi's file backend: which files hold a stack. Specified by pkg/backend/diy (store.go, state.go, meta.go):
 *
 *   .pulumi/meta.yaml                               version: 1, stacks are kept by project
 *   .pulumi/stacks/<project>/<stack>.json           the checkpoint; .json.bak is the one before the last save;
 *                                                   .json.gz and .json.zst are compressed (compression.ts)
 *   .pulumi/history/<project>/<stack>/<stack>-<ns>.{history,checkpoint}.json
 *   .pulumi/locks/organization/<project>/<stack>/<uuid>.json      see lock.ts
 */
import { existsSync, statSync } from "node:fs";
import { copyFile, link, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { UserError } from "../host/userError";
import { writeAtomically } from "./atomicFile";
import { type Compression, chosenCompression, compressed, compressions, decompressed } from "./compression";
import {
  type DeploymentBytes,
  type DeploymentJson,
  parseDeployment,
  type WrittenDeployment,
} from "./deployment";
import { checkName, isName, organization, placeOf } from "./names";

const versioned = z.looseObject({
  version: z.number(),
  features: z.array(z.string()).nullish(),
  checkpoint: z.looseObject({ stack: z.string().optional(), latest: z.unknown().optional() }),
});

/** The oldest files have no version: the whole file is a checkpoint of version 1. */
const checkpointFile = z.preprocess(
  (json) =>
    typeof json === "object" &&
    json !== null &&
    "latest" in json &&
    !("version" in json || "checkpoint" in json)
      ? { version: 1, checkpoint: json }
      : json,
  versioned,
);

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
  /** Text, objects and lists, secrets encrypted; `{ string, secret, object }` in what earlier versions of this engine wrote. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly version: number;
  readonly result: "succeeded" | "failed" | "in-progress";
  readonly endTime: number;
  readonly resourceChanges?: Readonly<Record<string, number>>;
}

/** What a checkpoint's file is called after the stack's name. */
const checkpointName = /^(.+)\.json(?:\.gz|\.zst)?$/;

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
    if (entries.some((name) => checkpointName.test(name)))
      throw new UserError(
        `${this.root} is in the old layout of the file backend`,
        "its stacks are not kept by project",
        "run `pulumi state upgrade` with the Pulumi CLI",
      );
    await writeAtomically(meta, "version: 1\n");
  }

  /** Each name is checked on its way into a path, so that nothing is read, written or removed outside of `.pulumi`. */
  private place(kind: string, project: string, stack: string, suffix?: string): string {
    return placeOf(join(this.root, kind), project, stack, suffix);
  }

  private checkpointPath(project: string, stack: string, how: Compression): string {
    return this.place("stacks", project, stack, `.json${how}`);
  }

  /** The newest, where there are several; undefined if there is none. */
  private checkpointOnDisk(project: string, stack: string): string | undefined {
    let newest: { readonly path: string; readonly time: number } | undefined;
    for (const how of compressions) {
      const path = this.checkpointPath(project, stack, how);
      const time = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
      if (time !== undefined && (newest === undefined || time > newest.time)) newest = { path, time };
    }
    return newest?.path;
  }

  private historyDir(project: string, stack: string): string {
    return this.place("history", project, stack);
  }

  lockDir(project: string, stack: string): string {
    return this.place(join("locks", organization), project, stack);
  }

  exists(project: string, stack: string): boolean {
    return this.checkpointOnDisk(project, stack) !== undefined;
  }

  /** Stack names, sorted. */
  async list(project: string): Promise<string[]> {
    return this.named(project, checkpointName);
  }

  private async named(project: string, pattern: RegExp): Promise<string[]> {
    checkName("project", project);
    const folder = join(this.root, "stacks", project);
    if (!existsSync(folder)) return [];
    const names = (await readdir(folder))
      .filter((file) => !file.startsWith("."))
      .map((file) => pattern.exec(file)?.[1] ?? "")
      .filter(isName);
    return [...new Set(names)].sort();
  }

  /**
   * Stacks whose state is gone while the one before it is there, with resources: somebody removed the file. (The Pulumi CLI
   * keeps the copy of a stack that it removes, too.)
   */
  async lost(project: string): Promise<{ readonly stack: string; readonly backup: string }[]> {
    const found: { stack: string; backup: string }[] = [];
    for (const stack of await this.named(project, /^(.+)\.json(?:\.gz|\.zst)?\.bak$/)) {
      if (this.exists(project, stack)) continue;
      for (const how of compressions) {
        const backup = `${this.checkpointPath(project, stack, how)}.bak`;
        if (await holdsResources(backup)) found.push({ stack, backup });
      }
    }
    return found;
  }

  /** Throws {@link UserError} if there is no such stack or its file is damaged. */
  async read(project: string, stack: string): Promise<StoredCheckpoint> {
    const path = this.checkpointOnDisk(project, stack);
    if (path === undefined)
      throw new UserError(
        `no stack named ${JSON.stringify(stack)} found`,
        `project ${project} has ${(await this.list(project)).join(", ") || "no stacks"}`,
        `make it: stack init ${stack}`,
      );
    const content = decompressed(await readFile(path), path);
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

  /** Replaces the checkpoint; the one before is kept as `.bak`, also where it was compressed otherwise. */
  async write(
    project: string,
    stack: string,
    written: WrittenDeployment | DeploymentBytes | undefined,
  ): Promise<void> {
    if (!this.ensured) await this.ensure();
    this.ensured = true;
    const how = chosenCompression();
    const path = this.checkpointPath(project, stack, how);
    const before = this.checkpointOnDisk(project, stack);
    await this.keepBackup(path);
    const latest =
      written === undefined
        ? undefined
        : "bytes" in written
          ? written.bytes
          : [Buffer.from(JSON.stringify(written.deployment))];
    const features =
      written && written.features.length > 0 ? `"features":${JSON.stringify(written.features)},` : "";
    const name = JSON.stringify(`${organization}/${project}/${stack}`);
    const head = `{"version":${written?.version ?? 3},${features}"checkpoint":{"stack":${name}`;
    const whole = latest
      ? [Buffer.from(`${head},"latest":`), ...latest, Buffer.from("}}")]
      : [Buffer.from(`${head}}}`)];
    await writeAtomically(path, compressed(whole, how));
    if (before !== undefined && before !== path) await rename(before, `${before}.bak`);
  }

  /** A second name for the file, which the new one then takes the place of. */
  private async keepBackup(path: string): Promise<void> {
    if (!existsSync(path)) return;
    const temporary = `${path}.bak.tmp`;
    await rm(temporary, { force: true });
    await link(path, temporary).catch(() => copyFile(path, temporary));
    await rename(temporary, `${path}.bak`);
  }

  private tagsPath(project: string, stack: string): string {
    return this.place("stacks", project, stack, ".pulumi-tags");
  }

  /** Undefined where there are none. */
  async readTags(
    project: string,
    stack: string,
  ): Promise<{ readonly path: string; readonly text: string } | undefined> {
    const path = this.tagsPath(project, stack);
    return existsSync(path) ? { path, text: await readFile(path, "utf8") } : undefined;
  }

  async writeTags(project: string, stack: string, text: string): Promise<void> {
    await writeAtomically(this.tagsPath(project, stack), text);
  }

  async remove(project: string, stack: string): Promise<void> {
    for (const suffix of [".attrs", ""]) await rm(this.tagsPath(project, stack) + suffix, { force: true });
    await rm(this.historyDir(project, stack), { recursive: true, force: true });
    await rm(this.place("backups", project, stack), { recursive: true, force: true });
    for (const how of compressions) {
      const path = this.checkpointPath(project, stack, how);
      for (const suffix of [".bak", ".attrs", ""]) await rm(path + suffix, { force: true });
    }
  }

  /** Moves a stack's history and takes its old checkpoint away; the new one has been written. */
  async move(project: string, from: string, to: string): Promise<void> {
    for (const [old, moved] of [
      [this.historyDir(project, from), this.historyDir(project, to)],
      [this.place("backups", project, from), this.place("backups", project, to)],
      [this.tagsPath(project, from), this.tagsPath(project, to)],
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
    const how = chosenCompression();
    const text = Buffer.from(JSON.stringify(entry));
    await writeAtomically(`${prefix}.history.json${how}`, compressed([text], how));
    const checkpoint = this.checkpointOnDisk(project, stack);
    if (checkpoint !== undefined) await copyFile(checkpoint, `${prefix}.checkpoint.json${how}`);
  }

  /** Newest first. */
  async history(project: string, stack: string): Promise<HistoryEntry[]> {
    const folder = this.historyDir(project, stack);
    if (!existsSync(folder)) return [];
    const files = (await readdir(folder))
      .filter((name) => /\.history\.json(\.gz|\.zst)?$/.test(name))
      .sort()
      .reverse();
    return Promise.all(
      files.map(async (name) => {
        const path = join(folder, name);
        return JSON.parse(decompressed(await readFile(path), path)) as HistoryEntry;
      }),
    );
  }
}

/** False also for what cannot be read: it is no reason to refuse anything. */
async function holdsResources(path: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  try {
    const parsed = checkpointFile.safeParse(JSON.parse(decompressed(await readFile(path), path)));
    const latest = parsed.data?.checkpoint.latest as { readonly resources?: unknown } | null | undefined;
    return Array.isArray(latest?.resources) && latest.resources.length > 0;
  } catch {
    return false;
  }
}
