import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { imagesDir } from "../host/home";
import { withLock } from "../host/lock";
import { run } from "../host/run";
import { requireTools } from "../host/tools";
import { UserError } from "../host/userError";
import { writeArchive } from "./archive";
import {
  allImageNames,
  type ImageDefinition,
  imageDefinitions,
  imageSuite,
  type ServiceImageName,
  serviceImageNames,
} from "./definitions";
import { fillLayer, here, loaderEnvironment, loaderOf } from "./layer";
import { treeFolder, unpackPackages } from "./packageTree";
import { imageFile, imageHash, imageRef, serviceImageRefs } from "./refs";

export { serviceImageRefs };

export interface ServiceImage {
  readonly name: string;
  /** What to call it: `vmcluster.internal/<name>:<hash>`. */
  readonly ref: string;
  /** File that `docker load` reads. Beside it, `.json` instead of `.tar`, is the list of packages it was made from. */
  readonly archive: string;
}

export interface BuildServiceImagesOptions {
  /** Names of the images wanted. Default: those that the node image carries. */
  readonly only?: readonly string[];
  /** Told in a line each what is being done; nothing when all is there already. */
  readonly onProgress?: (line: string) => void;
}

/**
 * Builds the service images that are missing from the cache (`images/services` under the home) and returns all that were
 * asked for. Needs no root, no Docker and no image hub; a few seconds and the network for Debian packages.
 * Several at once wait for each other.
 *
 * @throws UserError for an unknown name, missing programs, or packages that cannot be had
 */
export async function buildServiceImages(
  options: BuildServiceImagesOptions = {},
): Promise<readonly ServiceImage[]> {
  const names = (options.only ?? serviceImageNames).map(knownName);
  const progress = options.onProgress ?? (() => undefined);
  const folder = join(imagesDir(), "services");
  const images = names.map((name) => ({
    name,
    ref: imageRef(name),
    archive: join(folder, `${name}-${imageHash(name)}.tar`),
  }));
  const isMissing = (image: ServiceImage): boolean => !existsSync(image.archive);
  if (!images.some(isMissing)) return images;

  await withLock(
    join(folder, "build.lock"),
    () => progress("Waiting for another process that builds the service images"),
    async () => {
      const missing = images.filter(isMissing);
      if (missing.length > 0) await buildAll(missing, folder, progress);
    },
  );
  return images;
}

function knownName(name: string): ServiceImageName {
  const known = allImageNames.find((candidate) => candidate === name);
  if (known) return known;
  throw new UserError(`there is no service image "${name}"`, `there are: ${allImageNames.join(", ")}`);
}

const workPrefix = "building-";

async function buildAll(
  images: readonly (ServiceImage & { name: ServiceImageName })[],
  folder: string,
  progress: (line: string) => void,
): Promise<void> {
  requireTools("building the service images", ["mmdebstrap", "tar"]);
  // Called with the lock held: whatever is there is of a build that was killed.
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith(workPrefix)))
    rmSync(join(folder, name), { recursive: true, force: true });
  // Beside the result, so that the last step is a rename.
  const work = mkdtempSync(join(folder, workPrefix));
  const tree = treeFolder(work);
  try {
    const packages = new Set(
      images.flatMap(({ name }) => imageDefinitions[name].layers.flatMap((layer) => layer.packages)),
    );
    progress(`Unpacking Debian packages for the service images (${imageSuite}: ${[...packages].join(", ")})`);
    const versions = await unpackPackages(imageSuite, [...packages].sort(), tree);
    for (const image of images) {
      progress(`Building the service image ${image.ref}`);
      const imageWork = join(work, image.name);
      const layers = await fillLayers(imageDefinitions[image.name], tree, imageWork);
      const unfinished = join(imageWork, "image.tar");
      await writeArchive(imageDefinitions[image.name], image.ref, layers, imageWork, unfinished);
      const manifest = { ref: image.ref, suite: imageSuite, packages: versions };
      writeFileSync(image.archive.replace(/\.tar$/, ".json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
      renameSync(unfinished, image.archive);
    }
  } finally {
    for (const path of [work, tree]) rmSync(path, { recursive: true, force: true });
  }
}

/** Folders with the files of each layer, lowest first. */
async function fillLayers(definition: ImageDefinition, tree: string, work: string): Promise<string[]> {
  const layers = definition.layers.map((_, index) => join(work, `layer${index}`));
  for (const [index, layer] of definition.layers.entries())
    await fillLayer(layer, tree, layers[index] as string);
  if (!definition.bundle) return layers;

  const whole = join(work, "whole");
  mkdirSync(whole);
  for (const layer of layers) cpSync(layer, whole, { recursive: true, verbatimSymlinks: true });
  const top = layers.at(-1) as string;
  await runPython(whole, "bundle.py", here);
  cpSync(join(whole, "srv/modules.bin"), join(top, "srv/modules.bin"));
  for (const layer of layers) await runPython(whole, "compile.py", layer);
  return layers;
}

/** Runs a script of images/python by the interpreter that is in the image. */
async function runPython(whole: string, script: string, argument: string): Promise<void> {
  const [loader, ...args] = loaderOf(whole);
  // -OO: the application must do without assertions and docstrings, as it will in the container.
  const options = ["-s", "-S", "-B", "-OO"];
  await run(
    loader,
    [...args, join(here, "usr/bin/python3"), ...options, imageFile(`python/${script}`), argument],
    {
      cwd: whole,
      timeoutMs: 10 * 60_000,
      // A fixed hash seed makes the order in sets, and so the byte code, always the same.
      env: {
        ...loaderEnvironment,
        PYTHONHOME: join(here, "usr"),
        PYTHONPATH: undefined,
        PYTHONHASHSEED: "0",
      },
    },
  );
}
