/**
 * The files of an image build: what `.dockerignore` leaves of a folder, and the Dockerfile.
 * Specified by Docker's documentation ("Build context", ".dockerignore files").
 */
import { createHash } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import { lstat, readdir, readFile, readlink, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, relative, resolve, sep } from "node:path";
import { PassThrough, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import dockerignore, { type Ignore } from "@balena/dockerignore";
import { type Pack, pack } from "tar-stream";
import { UserError } from "../../host/userError";

export interface ContextFile {
  /** Relative to the context, with slashes. */
  readonly path: string;
  readonly stats: Stats;
}

export interface BuildContext {
  readonly folder: string;
  /** Absolute. */
  readonly dockerfile: string;
}

export function expandHome(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
}

/** Files and links in order of their path, folder by folder; empty folders are left out where `folders` is false. */
export async function* contextFiles(
  { folder, dockerfile }: BuildContext,
  options: { readonly keep?: readonly string[]; readonly folders?: boolean } = {},
): AsyncGenerator<ContextFile> {
  const ignored = await ignoreRules(folder, dockerfile, options.keep ?? []);
  async function* walk(at: string): AsyncGenerator<ContextFile> {
    const names = (await readdir(join(folder, at))).sort((a, b) => (a < b ? -1 : 1));
    for (const name of names) {
      const path = at === "" ? name : `${at}/${name}`;
      const stats = await lstat(join(folder, path));
      const out = ignored?.ignores(path) ?? false;
      if (!stats.isDirectory()) {
        if (!out) yield { path, stats };
        continue;
      }
      if (options.folders && !out) yield { path, stats };
      // A rule that starts with "!" may bring back what is in an ignored folder.
      yield* walk(path);
    }
  }
  yield* walk("");
}

async function ignoreRules(
  folder: string,
  dockerfile: string,
  keep: readonly string[],
): Promise<Ignore | undefined> {
  for (const file of [`${dockerfile}.dockerignore`, join(folder, ".dockerignore")]) {
    const rules = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
      throw new UserError(`${file} cannot be read`, error.message);
    });
    if (rules !== undefined)
      return dockerignore()
        .add(rules)
        .add(keep.map((path) => `!${path}`));
  }
  return undefined;
}

export interface PackedContext {
  readonly archive: Readable;
  /** Path of the Dockerfile in the archive. */
  readonly dockerfile: string;
}

/** What the daemon is sent: the context and its Dockerfile. */
export async function packContext(context: BuildContext): Promise<PackedContext> {
  await requireFolder(context.folder);
  const inside = relative(resolve(context.folder), resolve(context.dockerfile)).split(sep).join("/");
  const outside = inside.startsWith("../");
  const text = await readFile(context.dockerfile).catch((error: Error) => {
    throw new UserError(`the Dockerfile ${context.dockerfile} cannot be read`, error.message);
  });
  const dockerfile = outside
    ? `.dockerfile.${createHash("sha256").update(text).digest("hex").slice(0, 20)}`
    : inside;
  const more = outside ? { name: dockerfile, text } : undefined;
  const compressed = createGzip({ level: 1 });
  pipeline(packFiles(context, [inside, ".dockerignore"], more), compressed).catch((error: Error) =>
    compressed.destroy(error),
  );
  return { archive: compressed, dockerfile };
}

/**
 * A tar of the context's files; everything belongs to root in it.
 *
 * @param keep files that stay in it whatever `.dockerignore` says
 */
export function packFiles(
  context: BuildContext,
  keep: readonly string[] = [],
  more?: { readonly name: string; readonly text: Buffer },
): Readable {
  const archive = pack();
  const out = new PassThrough();
  const fill = async (): Promise<void> => {
    for await (const file of contextFiles(context, { keep, folders: true })) {
      await addFile(archive, context.folder, file);
    }
    if (more !== undefined) archive.entry({ name: more.name, mode: 0o644 }, more.text);
    archive.finalize();
  };
  fill().catch((error: Error) => archive.destroy(error));
  pipeline(archive, out).catch((error: Error) => out.destroy(error));
  return out;
}

async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) {
    throw new UserError(`the build context ${folder} is no folder`, "only local folders can be sent");
  }
}

async function addFile(archive: Pack, folder: string, { path, stats }: ContextFile): Promise<void> {
  const header = { name: path, mode: stats.mode & 0o7777, mtime: stats.mtime, uid: 0, gid: 0 };
  if (stats.isDirectory()) {
    archive.entry({ ...header, name: `${path}/`, type: "directory" });
  } else if (stats.isSymbolicLink()) {
    archive.entry({ ...header, type: "symlink", linkname: await readlink(join(folder, path)) });
  } else if (stats.isFile()) {
    const entry = archive.entry({ ...header, size: stats.size });
    await pipeline(createReadStream(join(folder, path), { end: Math.max(stats.size - 1, 0) }), entry);
  }
}
