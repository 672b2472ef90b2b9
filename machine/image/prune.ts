/** Removes images that no machine is a clone of. */
import { randomUUID } from "node:crypto";
import { existsSync, lstatSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { imagesDir } from "../../host/home";
import { withLock } from "../../host/lock";
import { UserError } from "../../host/userError";
import { allImageRefs } from "../../images/refs";
import type { Progress } from "../progress";
import { suites } from "../spec";
import { buildLock, isBuildFolder, listImages, listSystems, removeBuildFolder, removeTree } from "./cache";
import { cloudFolder, pulledImages } from "./cloudImages";
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

interface Removable {
  readonly what: string;
  readonly paths: readonly string[];
}

export interface Removed extends Removable {
  /** Bytes that are free without it. */
  readonly size: number;
}

/** Bytes that are free after these are gone. A disk with several names, of which one stays, stays. */
function measured(found: readonly Removable[]): Removed[] {
  const names = new Map<number, number>();
  const sizeOf = (path: string): number => {
    const file = lstatSync(path, { throwIfNoEntry: false });
    if (file === undefined) return 0;
    if (file.isDirectory()) return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
    const seen = (names.get(file.ino) ?? 0) + 1;
    names.set(file.ino, seen);
    return seen < file.nlink ? 0 : file.blocks * 512;
  };
  return found.map((one) => ({ ...one, size: one.paths.reduce((sum, path) => sum + sizeOf(path), 0) }));
}

const unused = ({ id }: { readonly id: string }): boolean => usersOf(id).length === 0;

function builtImages(all: boolean): Removable[] {
  const present = all ? [] : suites.flatMap((suite) => [nodeImageId(suite), systemId(suite)]);
  const folder = (kind: string, id: string): string => join(imagesDir(), `${kind}-${id}`);
  return [
    ...listImages()
      .filter((image) => !present.includes(image.id) && unused(image))
      .map(({ id }) => ({ what: `node image ${id}`, paths: [folder("node", id)] })),
    ...listSystems()
      .filter(({ id }) => !present.includes(id))
      .map(({ id }) => ({ what: `system ${id}`, paths: [folder("system", id)] })),
  ];
}

/** One that has its name stays while an older one of that name is used, which would get the name back. */
function pulled(all: boolean): Removable[] {
  const images = pulledImages();
  const nameUsed = (name: string): boolean => images.some((image) => image.name === name && !unused(image));
  return images
    .filter((image) => (image.superseded ? unused(image) : all && !nameUsed(image.name)))
    .map(({ id, name, superseded }) => ({
      what: `image ${name} ${id}${superseded ? " (superseded)" : ""}`,
      paths: [cloudFolder(id)],
    }));
}

const servicesFolder = (): string => join(imagesDir(), "services");

function serviceImages(all: boolean): Removable[] {
  if (!existsSync(servicesFolder())) return [];
  // `vmcluster.internal/web:<hash>` is in web-<hash>.tar.
  const present = all
    ? []
    : Object.values(allImageRefs()).map((ref) => `${basename(ref).replace(":", "-")}.tar`);
  return readdirSync(servicesFolder())
    .filter((name) => name.endsWith(".tar") && !present.includes(name))
    .map((name) => {
      const archive = join(servicesFolder(), name);
      return {
        what: `service image ${name.slice(0, -4)}`,
        paths: [archive, archive.replace(/\.tar$/, ".json")],
      };
    });
}

/** What killed processes left. Call it with the build lock held. */
function leftovers(): Removable[] {
  return entries()
    .filter((name) => isBuildFolder(name) || name.startsWith(trash))
    .map((name) => ({ what: "what a killed build left", paths: [join(imagesDir(), name)] }));
}

const trash = ".removed-";

/** An image is gone in one step, whatever becomes of us. */
async function remove({ paths }: Removable): Promise<void> {
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
function alone<T>(progress: Progress, action: () => Promise<T>): Promise<T> {
  const serviceBuilds = (): Promise<T> =>
    withLock(
      join(servicesFolder(), "build.lock"),
      () => progress("waiting for another process that builds service images"),
      () => withUses(action),
    );
  return withLock(
    buildLock(),
    () => progress("waiting for another process that builds images"),
    () => (existsSync(servicesFolder()) ? serviceBuilds() : withUses(action)),
  );
}

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
      done.push(...measured([{ what: "interrupted download", paths: [path] }]));
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
    const found = measured([...builtImages(all), ...pulled(all), ...serviceImages(all), ...leftovers()]);
    if (!dryRun) for (const one of found) await remove(one);
    return found;
  });
  return [...images, ...interrupted];
}

/** Images of a name, with those that had it before, or the one of an id. @throws UserError if there is none */
function imagesCalled(name: string): (Removable & { readonly id: string })[] {
  if (listImages().some(({ id }) => id === name)) {
    return [{ id: name, what: `node image ${name}`, paths: [join(imagesDir(), `node-${name}`)] }];
  }
  if (listSystems().some(({ id }) => id === name)) {
    return [{ id: name, what: `system ${name}`, paths: [join(imagesDir(), `system-${name}`)] }];
  }
  const found = pulledImages().filter((image) => image.id === name || image.name === name);
  if (found.length === 0) {
    throw new UserError(
      `there is no image ${JSON.stringify(name)}`,
      undefined,
      "vmcluster image ls shows them, with their names and ids",
    );
  }
  return found.map((image) => ({
    id: image.id,
    what: `image ${image.name} ${image.id}`,
    paths: [cloudFolder(image.id)],
  }));
}

/** @throws UserError if machines are clones of it */
function refuseUsed({ id, what }: Removable & { readonly id: string }): void {
  const users = usersOf(id);
  if (users.length === 0) return;
  throw new UserError(
    `${what} is in use`,
    `machines whose disks hold only what differs from it: ${users.map(userText).join(", ")}`,
    users.every(({ certain }) => certain)
      ? "remove these first: vmcluster machine rm"
      : `remove these first; if a home is gone for good, remove its notes in ${join(imagesDir(), ".uses", id)}`,
  );
}

/**
 * Removes images by name or id.
 *
 * @throws UserError before the first is removed, if one is not there or machines are clones of it
 */
export function removeImages(names: readonly string[], progress: Progress): Promise<readonly Removed[]> {
  return alone(progress, async () => {
    const found = [...new Set(names)].flatMap(imagesCalled);
    for (const one of found) refuseUsed(one);
    const gone = measured(found);
    for (const one of gone) await remove(one);
    return gone;
  });
}
