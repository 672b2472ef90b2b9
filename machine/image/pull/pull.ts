/** Gets an image from elsewhere: nothing is known under its name before all of it is here, checked, and readable as a disk. */
import { createHash } from "node:crypto";
import { constants, copyFileSync, linkSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { imagesDir } from "../../../host/home";
import { withLock } from "../../../host/lock";
import { makeFolders } from "../../../host/makeFolders";
import { requireTools } from "../../../host/tools";
import { UserError } from "../../../host/userError";
import type { Progress } from "../../progress";
import { type CloudDescription, cloudFolder, type PulledImage, pulledImages } from "../cloudImages";
import { withUses } from "../uses";
import { type Checksum, checksumText, hashFile } from "./checksum";
import { makeDisk } from "./disk";
import { type DownloadOptions, download } from "./download";
import { type Part, partIn } from "./part";
import { fileNameOf, imageNameOf, type Source, shownSource } from "./source";

export interface PullOptions extends Pick<DownloadOptions, "idleMs" | "pauses"> {
  readonly source: Source;
  /** Default: the file's name without its ending. */
  readonly name?: string;
  /** Undefined: take it unchecked. */
  readonly checksum: Checksum | undefined;
  readonly progress: Progress;
}

/** Names are words of a command line and of Pulumi programs. */
const namePattern = /^[a-z0-9]([a-z0-9._-]{0,58}[a-z0-9])?$/;

/** @throws UserError if it cannot be an image's name */
export function checkedName(name: string | undefined, source: Source): string {
  const wanted = name ?? imageNameOf(fileNameOf(source));
  if (namePattern.test(wanted)) return wanted;
  throw new UserError(
    `name: ${JSON.stringify(wanted)}`,
    "must be 1 to 60 lower-case letters, digits, dots, underscores and hyphens, and begin and end with a letter or digit",
    name === undefined ? "give it one: --name NAME" : undefined,
  );
}

const hash16 = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

const workPrefix = ".pull-";

/** Folder of an unfinished pull. One of the same source goes on in it. */
const workFolder = (source: Source): string =>
  join(imagesDir(), `${workPrefix}${hash16(source.kind === "url" ? source.url.href : source.path)}`);

export const isUnfinishedPull = (entry: string): boolean =>
  entry.startsWith(workPrefix) && !entry.endsWith(".lock");

export const pullLock = (folder: string): string => `${folder}.lock`;

async function fill(part: Part, options: PullOptions): Promise<void> {
  const { source, checksum } = options;
  if (source.kind === "url") {
    return download(source.url, part, shownSource(source), { ...options, checked: checksum !== undefined });
  }
  options.progress("copying");
  copyFileSync(source.path, part.file, constants.COPYFILE_FICLONE);
}

/** @returns the SHA-256 of the file, whatever it was checked by */
async function verify(part: Part, { checksum, source, progress }: PullOptions): Promise<string> {
  progress(checksum === undefined ? "hashing" : "verifying the checksum");
  const algorithms = ["sha256", ...(checksum ? [checksum.algorithm] : [])] as const;
  const found = await hashFile(part.file, [...new Set(algorithms)]);
  if (checksum !== undefined && found[checksum.algorithm] !== checksum.hex) {
    part.remove();
    throw new UserError(
      `${shownSource(source)}: the checksum is wrong; what was downloaded has been removed`,
      `expected ${checksumText(checksum)}\n  found    ${checksum.algorithm}:${found[checksum.algorithm]}`,
      "take the checksum of this very file from those who publish it, then try again",
    );
  }
  return found.sha256;
}

async function sync(file: string): Promise<void> {
  const handle = await open(file);
  await handle.sync();
  await handle.close();
}

/** Makes the finished folder known, in one step. Call it under the lock of the images' uses. */
async function publish(dir: string, image: CloudDescription): Promise<PulledImage> {
  const id = hash16(`${image.name}\n${image.sha256}`);
  writeFileSync(join(dir, "image.json"), `${JSON.stringify(image, undefined, 2)}\n`);
  await sync(join(dir, "disk.qcow2"));
  // It is there already if it was taken unchecked before: then it only becomes the newest of its name.
  if (pulledImages().some((one) => one.id === id)) {
    renameSync(join(dir, "image.json"), join(cloudFolder(id), "image.json"));
  } else renameSync(dir, cloudFolder(id));
  const published = pulledImages().find((one) => one.id === id);
  if (published === undefined) throw new Error(`image ${id} vanished while it was published`);
  return published;
}

/** The image that is here with this checksum, and with this name if there is one. */
function here(name: string, checksum: Checksum | undefined): PulledImage | undefined {
  if (checksum === undefined) return undefined;
  const text = checksumText(checksum);
  const same = pulledImages().filter((image) => [image.checksum, `sha256:${image.sha256}`].includes(text));
  return same.find((image) => image.name === name) ?? same[0];
}

type Described = Omit<CloudDescription, "sha256" | "virtualSize">;

/** The image if all of it is here, under this name or another one. Call it under the lock of the images' uses. */
async function reuse(
  dir: string,
  described: Described,
  { checksum, progress }: PullOptions,
): Promise<PulledImage | undefined> {
  const same = here(described.name, checksum);
  if (same?.name === described.name && !same.superseded) {
    progress("it is here already");
    return same;
  }
  if (same === undefined) return undefined;
  progress(`it is here already as ${same.name}`);
  linkSync(same.disk, join(dir, "disk.qcow2"));
  return publish(dir, { ...described, sha256: same.sha256, virtualSize: same.virtualSize });
}

/** Makes the image of what is here already, or of what `fill` brings. */
async function prepare(work: string, dir: string, name: string, options: PullOptions): Promise<PulledImage> {
  const { source, checksum, progress } = options;
  const described: Described = {
    name,
    source: shownSource(source),
    ...(checksum && { checksum: checksumText(checksum) }),
    pulled: new Date().toISOString(),
  };
  const part = partIn(work);
  const reused = await withUses(() => reuse(dir, described, options));
  if (reused !== undefined) {
    part.remove();
    return reused;
  }
  await fill(part, options);
  const sha256 = await verify(part, options);
  try {
    const virtualSize = await makeDisk(part.file, dir, shownSource(source), progress);
    return await withUses(() => publish(dir, { ...described, sha256, virtualSize }));
  } finally {
    // Whole and right, or right and no disk: there is nothing to go on with.
    part.remove();
  }
}

async function pullInto(work: string, name: string, options: PullOptions): Promise<PulledImage> {
  const dir = join(work, "image");
  rmSync(dir, { recursive: true, force: true });
  makeFolders(dir);
  try {
    return await prepare(work, dir, name, options);
  } finally {
    rmSync(dir, { recursive: true, force: true });
    if (readdirSync(work).length === 0) rmSync(work, { recursive: true });
  }
}

/**
 * Pulls an image and gives it its name; machines that are clones of another one that had the name keep that. Nothing to do if
 * it is here. What was downloaded before an interruption is gone on with.
 *
 * @throws UserError if it cannot be had, is not what the checksum says, or is no disk
 */
export async function pullImage(options: PullOptions): Promise<PulledImage> {
  const name = checkedName(options.name, options.source);
  const progress: Progress = (line) => options.progress(`${name}: ${line}`);
  requireTools("pulling images", ["qemu-img", "flock"]);
  const work = workFolder(options.source);
  return withLock(
    pullLock(work),
    () => progress("waiting for another process that pulls it"),
    () => pullInto(work, name, { ...options, progress }),
  );
}
