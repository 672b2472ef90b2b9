/** Removes images that no machine is a clone of. */
import { randomUUID } from "node:crypto";
import { existsSync, lstatSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { imagesDir } from "../../host/home";
import { withLock } from "../../host/lock";
import { UserError } from "../../host/userError";
import { serviceImageRefs } from "../../images/refs";
import type { Progress } from "../progress";
import { suites } from "../spec";
import { buildLock, isBuildFolder, listImages, listSystems, removeBuildFolder, removeTree } from "./cache";
import { cloudFolder, cloudImageNamed, pulledImages } from "./cloudImages";
import { nodeImageId } from "./ensure";
import { entries } from "./folders";
import { isUnfinishedPull, pullLock } from "./pull/pull";
import { systemId } from "./recipe";
import { usersOf, userText, withUses } from "./uses";

export interface PruneOptions {
  /** Also what this version would use again: the present node image, pulled images that no machine uses, interrupted downloads. */
  readonly all: boolean;
  readonly dryRun: boolean;
  readonly progress: Progress;
}

export interface Removed {
  readonly what: string;
  /** Bytes that it takes on this host. */
  readonly size: number;
  readonly paths: readonly string[];
}

/** Bytes that are free after it is gone: files that have another name too stay. */
function sizeOf(path: string): number {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.nlink > 1 ? 0 : found.blocks * 512;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

const removed = (what: string, ...paths: string[]): Removed => ({
  what,
  paths,
  size: paths.reduce((sum, path) => sum + sizeOf(path), 0),
});

const unused = ({ id }: { readonly id: string }): boolean => usersOf(id).length === 0;

function builtImages(all: boolean): Removed[] {
  const present = all ? [] : suites.flatMap((suite) => [nodeImageId(suite), systemId(suite)]);
  const folder = (kind: string, id: string): string => join(imagesDir(), `${kind}-${id}`);
  return [
    ...listImages()
      .filter((image) => !present.includes(image.id) && unused(image))
      .map(({ id }) => removed(`node image ${id}`, folder("node", id))),
    ...listSystems()
      .filter(({ id }) => !present.includes(id))
      .map(({ id }) => removed(`system ${id}`, folder("system", id))),
  ];
}

/** One that has its name stays while an older one of that name is used, which would get the name back. */
function pulled(all: boolean): Removed[] {
  const images = pulledImages();
  const nameUsed = (name: string): boolean => images.some((image) => image.name === name && !unused(image));
  return images
    .filter((image) => (image.superseded ? unused(image) : all && !nameUsed(image.name)))
    .map((image) =>
      removed(
        `image ${image.name} ${image.id}${image.superseded ? " (superseded)" : ""}`,
        cloudFolder(image.id),
      ),
    );
}

const servicesFolder = (): string => join(imagesDir(), "services");

function serviceImages(all: boolean): Removed[] {
  if (!existsSync(servicesFolder())) return [];
  // `vmcluster.internal/web:<hash>` is in web-<hash>.tar.
  const present = all
    ? []
    : Object.values(serviceImageRefs()).map((ref) => `${basename(ref).replace(":", "-")}.tar`);
  return readdirSync(servicesFolder())
    .filter((name) => name.endsWith(".tar") && !present.includes(name))
    .map((name) => {
      const archive = join(servicesFolder(), name);
      return removed(`service image ${name.slice(0, -4)}`, archive, archive.replace(/\.tar$/, ".json"));
    });
}

/** What killed processes left. Call it with the build lock held. */
function leftovers(): Removed[] {
  return entries()
    .filter((name) => isBuildFolder(name) || name.startsWith(trash))
    .map((name) => removed("what a killed build left", join(imagesDir(), name)));
}

const trash = ".removed-";

/** An image is gone in one step, whatever becomes of us. */
async function remove({ paths }: Removed): Promise<void> {
  for (const path of paths.filter((one) => existsSync(one))) {
    const name = basename(path);
    if (isBuildFolder(name)) await removeBuildFolder(name);
    else if (name.startsWith(trash)) await removeTree(path);
    else {
      const away = join(imagesDir(), `${trash}${randomUUID()}`);
      renameSync(path, away);
      await removeTree(away);
    }
  }
}

/** While nothing is built, and no machine begins to use an image. */
const alone = <T>(progress: Progress, action: () => Promise<T>): Promise<T> =>
  withLock(
    buildLock(),
    () => progress("waiting for another process that builds images"),
    () =>
      withLock(
        join(servicesFolder(), "build.lock"),
        () => progress("waiting for another process that builds service images"),
        () => withUses(action),
      ),
  );

class Busy extends Error {}

async function removeInterruptedPulls(dryRun: boolean): Promise<Removed[]> {
  const done: Removed[] = [];
  for (const path of entries()
    .filter(isUnfinishedPull)
    .map((name) => join(imagesDir(), name))) {
    const busy = (): never => {
      throw new Busy();
    };
    await withLock(pullLock(path), busy, async () => {
      done.push(removed("interrupted download", path));
      if (!dryRun) rmSync(path, { recursive: true, force: true });
    }).catch((error: unknown) => {
      if (!(error instanceof Busy)) throw error;
    });
  }
  return done;
}

/**
 * Removes the images that no machine of any home uses and this version would not use; with `all`, also those it would.
 *
 * @returns what was removed, or would be
 */
export async function pruneImages({ all, dryRun, progress }: PruneOptions): Promise<readonly Removed[]> {
  if (entries().length === 0) return [];
  const interrupted = all ? await removeInterruptedPulls(dryRun) : [];
  const images = await alone(progress, async () => {
    const found = [...builtImages(all), ...pulled(all), ...serviceImages(all), ...leftovers()];
    if (!dryRun) for (const one of found) await remove(one);
    return found;
  });
  return [...images, ...interrupted];
}

/** The folders of an image by its name, with those that had the name before, or by its id. */
function foldersOf(name: string): { readonly id: string; readonly removed: Removed }[] {
  const byId = [...listImages().map((image) => ({ ...image, path: `node-${image.id}` }))].find(
    ({ id }) => id === name,
  );
  if (byId !== undefined) {
    return [{ id: name, removed: removed(`node image ${name}`, join(imagesDir(), byId.path)) }];
  }
  const ofCloud = pulledImages().filter((image) => image.id === name || image.name === name);
  if (ofCloud.length === 0) cloudImageNamed(name);
  return ofCloud.map((image) => ({
    id: image.id,
    removed: removed(`image ${image.name} ${image.id}`, cloudFolder(image.id)),
  }));
}

/**
 * Removes images by name or id.
 *
 * @throws UserError before the first is removed, if one is not there or machines are clones of it
 */
export async function removeImages(
  names: readonly string[],
  progress: Progress,
): Promise<readonly Removed[]> {
  return alone(progress, async () => {
    const found = [...new Set(names)].flatMap(foldersOf);
    for (const { id, removed: one } of found) {
      const users = usersOf(id);
      if (users.length === 0) continue;
      throw new UserError(
        `${one.what} is in use`,
        `machines whose disks hold only what differs from it: ${users.map(userText).join(", ")}`,
        users.every(({ certain }) => certain)
          ? "remove these first: vmcluster machine rm"
          : `remove these first; of a home that is gone for good, remove the notes in ${join(imagesDir(), ".uses", id)}`,
      );
    }
    for (const { removed: one } of found) await remove(one);
    return found.map((one) => one.removed);
  });
}
