import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  allImageNames,
  imageDefinitions,
  imageSuite,
  type ServiceImageName,
  serviceImageNames,
} from "./definitions";
import { packageRoot } from "./packageRoot";

/** Raised when build.ts makes other bytes of the same definition. */
const buildVersion = 2;

/** What the bundler itself is, for images that use it. */
const bundlerFiles = ["python/bundle.py", "python/compile.py"];

/** Registry part of the references. Nothing answers under this name, so nothing can be pulled by it. */
const registry = "vmcluster.internal";

/** Absolute path of a file of images/, in a clone and when installed from npm. */
export function imageFile(path: string): string {
  return join(packageRoot(), "images", path);
}

/** A file, or all files in a folder, as paths under images/, in a fixed order. */
export function filesOf(path: string): string[] {
  if (!statSync(imageFile(path)).isDirectory()) return [path];
  return readdirSync(imageFile(path))
    .sort()
    .flatMap((name) => filesOf(`${path}/${name}`));
}

/** 12 hexadecimal digits over everything an image is made of, except the versions of its packages. */
export function imageHash(name: ServiceImageName): string {
  const definition = imageDefinitions[name];
  const hash = createHash("sha256");
  hash.update(JSON.stringify({ buildVersion, imageSuite, name, definition }));
  const added = definition.layers.flatMap((layer) => Object.values(layer.add ?? {})).flatMap(filesOf);
  for (const file of [...added, ...(definition.bundle ? bundlerFiles : [])]) {
    const content = readFileSync(imageFile(file));
    hash.update(`\n${file} ${content.length}\n`).update(content);
  }
  return hash.digest("hex").slice(0, 12);
}

/** Reference of one service image. */
export function imageRef(name: ServiceImageName): string {
  return `${registry}/${name}:${imageHash(name)}`;
}

const refsOf = <Name extends ServiceImageName>(names: readonly Name[]): Record<Name, string> =>
  Object.fromEntries(names.map((name) => [name, imageRef(name)])) as Record<Name, string>;

/**
 * References of the images that the get-started stack runs and the node image carries, `vmcluster.internal/<name>:<hash of what it is made of>`.
 * Reads a few small files and builds nothing.
 */
export const serviceImageRefs = (): Record<(typeof serviceImageNames)[number], string> =>
  refsOf(serviceImageNames);

/** The same of all service images. */
export const allImageRefs = (): Record<ServiceImageName, string> => refsOf(allImageNames);
