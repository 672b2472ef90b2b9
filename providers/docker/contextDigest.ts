/**
 * The hash by which `docker:index/image:Image` sees that a build context has changed. Its form is the plugin's, so that
 * a stack can be used with either. Specified by pulumi/pulumi-docker: provider/provider.go (`contextDigest`).
 */
import { createHash } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import { lstat, readlink, stat } from "node:fs/promises";
import { isAbsolute, join, normalize } from "node:path";
import { UserError } from "../../host/userError";
import { type BuildContext, contextFiles } from "./buildContext";

/** For each file its name, mode and hash; the Dockerfile comes first, under one name wherever it is. */
export async function contextDigest(context: BuildContext): Promise<string> {
  const all = createHash("sha256");
  const add = (name: string, mode: string, content: Buffer): void => {
    all.update(name).update(mode).update(content).update(Buffer.of(0));
  };
  add("Dockerfile", "----------", await contentHash(context.dockerfile, await stat(context.dockerfile)));
  for await (const { path, stats } of contextFiles(context)) {
    add(path, modeText(stats), await contentHash(join(context.folder, path), stats));
  }
  return all.digest("hex");
}

/** The hash of a context that is there. @throws UserError if it, or its Dockerfile, is not */
export async function checkedContextDigest(context: string, dockerfile: string): Promise<string> {
  const isThere = (path: string): Promise<boolean> =>
    stat(path).then(
      () => true,
      () => false,
    );
  if (!(await isThere(context))) throw new UserError(`there is no build context ${context}`);
  if (!(await isThere(dockerfile))) {
    const inContext = join(context, dockerfile);
    const hint = (await isThere(inContext)) ? `did you mean ${inContext}?` : undefined;
    throw new UserError(
      `there is no Dockerfile ${dockerfile}`,
      "its path is relative to the project's folder",
      hint,
    );
  }
  return contextDigest({ folder: context, dockerfile });
}

async function contentHash(path: string, stats: Stats): Promise<Buffer> {
  const hash = createHash("sha256");
  if (stats.isSymbolicLink()) hash.update(await resolved(path));
  else if (stats.isFile()) for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest();
}

/** Where links lead; a relative path stays one. */
async function resolved(path: string): Promise<string> {
  const parts = path.split("/");
  let done = path.startsWith("/") ? "/" : "";
  for (let links = 0; parts.length > 0; ) {
    const part = parts.shift() as string;
    const next = done === "" ? part : join(done, part);
    const found = part === "" || part === "." || part === ".." ? undefined : await lstat(next);
    if (!found?.isSymbolicLink()) {
      done = part === "" ? done : next;
      continue;
    }
    if (++links > 255) throw new Error(`${path}: too many links`);
    const target = await readlink(next);
    if (isAbsolute(target)) done = "/";
    parts.unshift(...target.split("/"));
  }
  return normalize(done);
}

/** As Go writes a file's mode: `-rw-r--r--`, `Lrwxrwxrwx`. */
function modeText(stats: Stats): string {
  const kinds: [boolean, string][] = [
    [stats.isSymbolicLink(), "L"],
    [stats.isBlockDevice(), "D"],
    [stats.isFIFO(), "p"],
    [stats.isSocket(), "S"],
    [(stats.mode & 0o4000) !== 0, "u"],
    [(stats.mode & 0o2000) !== 0, "g"],
    [stats.isCharacterDevice(), "Dc"],
    [(stats.mode & 0o1000) !== 0, "t"],
  ];
  const kind = kinds
    .filter(([is]) => is)
    .map(([, letter]) => letter)
    .join("");
  const bits = [...(stats.mode & 0o777).toString(2).padStart(9, "0")];
  const permissions = bits.map((bit, index) => (bit === "1" ? "rwxrwxrwx"[index] : "-")).join("");
  return `${kind === "" ? "-" : kind}${permissions}`;
}
