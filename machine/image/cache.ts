/** Golden images on disk: `node-<id>/` with kernel, initrd, disk and description, complete or not there. */
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { imagesDir } from "../../host/home";
import { run } from "../../host/run";
import type { NodeImage } from "../driver";
import { killQemu } from "../drivers/qemu/process";

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

export const hasImage = (id: string): boolean => imageById(id) !== undefined;

/** The system without service images. */
export const systemById = (id: string): NodeImage | undefined => read("system", id);

export function listImages(): ListedImage[] {
  return entries()
    .filter((name) => name.startsWith("node-"))
    .map((name) => read("node", name.slice("node-".length)))
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

function entries(): string[] {
  try {
    return readdirSync(imagesDir()).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** Held while node images are built: one build at a time, and whoever holds it knows that no other folder of a build is alive. */
export const buildLock = (): string => join(imagesDir(), ".node-build.lock");

const workPrefix = ".node-build-";

/** A folder to build in, on the file system of the images. Folders of builds that were killed are removed; call it with the lock held. */
export async function workFolder(): Promise<string> {
  mkdirSync(imagesDir(), { recursive: true });
  for (const name of entries().filter((entry) => entry.startsWith(workPrefix) && !entry.endsWith(".lock"))) {
    // A build that was killed may have left the node that it booted.
    await killQemu(join(imagesDir(), name, "qemu.pid"));
    await removeTree(join(imagesDir(), name));
  }
  const dir = join(imagesDir(), `${workPrefix}${randomUUID()}`);
  mkdirSync(dir);
  return dir;
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

/** Makes a finished folder known under its name, in one step. */
export function publish(kind: "node" | "system", id: string, dir: string): void {
  renameSync(dir, folder(kind, id));
}
