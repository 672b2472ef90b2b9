/** Golden images on disk: `node-<id>/` with kernel, initrd, disk and description, complete or not there. */
import { randomUUID } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { imagesDir } from "../../host/home";
import { imagesFolder } from "../../host/privateFolder";
import { run } from "../../host/run";
import type { CloudImage, NodeImage } from "../driver";
import { killQemu } from "../drivers/qemu/process";
import { cloudImageById } from "./cloudImages";
import { entries, imageFolders } from "./folders";

const description = z.object({ suite: z.string(), images: z.array(z.string()) });

export type ImageDescription = z.infer<typeof description>;

const folder = (kind: "node" | "system", id: string): string => join(imagesDir(), `${kind}-${id}`);

export interface ListedImage extends NodeImage {
  readonly suite: string;
  readonly created: Date;
  /** Bytes its files take on this host. */
  readonly size: number;
}

function read(kind: "node" | "system", id: string): (NodeImage & ImageDescription) | undefined {
  const dir = folder(kind, id);
  try {
    const described = description.parse(JSON.parse(readFileSync(join(dir, "image.json"), "utf8")));
    const files = {
      kernel: join(dir, "vmlinuz"),
      initrd: join(dir, "initrd"),
      disk: join(dir, "disk.qcow2"),
    };
    return { id, ...files, ...described };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The golden image of this name if it is here, whole. */
export const imageById = (id: string): NodeImage | undefined => read("node", id);

/** Whatever a machine's disk is a clone of. */
export const diskImageById = (id: string): NodeImage | CloudImage | undefined =>
  imageById(id) ?? cloudImageById(id);

export const hasImage = (id: string): boolean => imageById(id) !== undefined;

/** The system without service images. */
export const systemById = (id: string): NodeImage | undefined => read("system", id);

function listed(kind: "node" | "system"): ListedImage[] {
  return imageFolders(kind)
    .map((id) => read(kind, id))
    .filter((image) => image !== undefined)
    .map((image) => {
      const created = statSync(image.disk).mtime;
      const size = [image.kernel, image.initrd, image.disk].reduce(
        (sum, file) => sum + statSync(file).blocks * 512,
        0,
      );
      return { ...image, created, size };
    });
}

export const listImages = (): ListedImage[] => listed("node");

/** What golden images are baked of. */
export const listSystems = (): ListedImage[] => listed("system");

/** Held while node images are built: one build at a time, and whoever holds it knows that no other folder of a build is alive. */
export const buildLock = (): string => join(imagesDir(), ".node-build.lock");

const workPrefix = ".node-build-";

export const isBuildFolder = (entry: string): boolean =>
  entry.startsWith(workPrefix) && !entry.endsWith(".lock");

/** A folder to build in, on the file system of the images. Folders of builds that were killed are removed; call it with the lock held. */
export async function workFolder(): Promise<string> {
  imagesFolder();
  for (const name of entries().filter(isBuildFolder)) await removeBuildFolder(name);
  return imagesFolder(`${workPrefix}${randomUUID()}`);
}

/** Removes the folder of a build that was killed. */
export async function removeBuildFolder(name: string): Promise<void> {
  // It may have left the node that it booted.
  await killQemu(join(imagesDir(), name, "qemu.pid"));
  await removeTree(join(imagesDir(), name));
}

/** A build without root leaves files of its subordinate users when it is killed: only in their namespace can they be removed. */
export async function removeTree(dir: string): Promise<void> {
  try {
    rmSync(dir, { recursive: true, force: true });
  } catch (error) {
    if (!["EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await run("mmdebstrap", ["--unshare-helper", "rm", "-rf", dir]);
  }
}

/** Makes a finished folder of files known under its name, in one step, and with all of them on the disk: also if the host then loses its power. */
export function publish(kind: "node" | "system", id: string, dir: string): void {
  for (const name of readdirSync(dir)) {
    const fd = openSync(join(dir, name), "r");
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
  renameSync(dir, folder(kind, id));
}
