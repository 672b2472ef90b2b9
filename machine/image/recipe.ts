/** What goes into a node image, and the hash that names the result. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** Files of this folder that the build uses; beside the sources, also for the compiled program in dist/. */
export const assets = existsSync(join(__dirname, "customize.sh"))
  ? __dirname
  : join(__dirname, "../../../machine/image");

/** Each of them is copied into the new root file system, where customize.sh finds it. */
export const buildFiles = ["customize.sh", "initrd-init", "initrd-seed.sh", "modules", "rootfs"] as const;

/** GiB of the golden disk: the smallest disk a machine can have. */
export const baseDiskGib = 4;

/** Size of its file system and what else this program decides without a file. Change it when build.ts or bake.ts makes another image of the same files. */
const format = "1";

/** A service image to be loaded into the node image. */
export interface ServiceImage {
  readonly name: string;
  /** `vmcluster.internal/<name>:<content hash>`. */
  readonly ref: string;
  /** What `docker load` reads. */
  readonly archive: string;
}

export function packages(): string[] {
  return readFileSync(join(assets, "packages"), "utf8").split("\n").filter(Boolean);
}

function filesUnder(path: string): string[] {
  const entries = readdirSync(path, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

const hash = (parts: readonly (string | Buffer)[]): string => {
  const sum = createHash("sha256");
  for (const part of parts) sum.update(`${part.length}:`).update(part);
  return sum.digest("hex").slice(0, 16);
};

/** Name of the system without service images: building it takes the most time. */
export function systemId(suite: string): string {
  const files = [join(assets, "packages"), ...buildFiles.map((name) => join(assets, name))]
    .flatMap((path) => (path.endsWith("rootfs") ? filesUnder(path) : [path]))
    .sort();
  return hash([
    ...[format, suite, process.arch, String(baseDiskGib)],
    ...files.flatMap((file) => [relative(assets, file), readFileSync(file)]),
  ]);
}

/** Name of the golden image: the system and the service images loaded into it. */
export function imageId(suite: string, refs: readonly string[]): string {
  return hash([systemId(suite), ...[...refs].sort()]);
}
