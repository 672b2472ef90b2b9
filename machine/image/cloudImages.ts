/** Pulled images on disk: `cloud-<id>/` with disk and description, complete or not there. The newest of a name has it. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { imagesDir } from "../../host/home";
import { UserError } from "../../host/userError";
import type { CloudImage } from "../driver";
import { imageFolders } from "./folders";
import type { Checksum } from "./pull/checksum";

const description = z.object({
  name: z.string(),
  /** URL or path it was pulled from. */
  source: z.string(),
  /** As it was asked for, `sha512:…`; absent if it was not checked. */
  checksum: z.string().optional(),
  /** Of the file as it was downloaded. */
  sha256: z.string(),
  pulled: z.iso.datetime(),
  /** Bytes of the disk as the guest sees it. */
  virtualSize: z.number(),
});

export type CloudDescription = z.infer<typeof description>;

export interface PulledImage extends CloudImage, Readonly<Omit<CloudDescription, "name">> {
  /** Whether a newer one has its name: it is only kept for the machines that are clones of it. */
  readonly superseded: boolean;
}

const gibibyte = 1024 ** 3;

export const cloudFolder = (id: string): string => join(imagesDir(), `cloud-${id}`);

function read(id: string): CloudDescription | undefined {
  try {
    return description.parse(JSON.parse(readFileSync(join(cloudFolder(id), "image.json"), "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** All of them, by name, the newest of each first. */
export function pulledImages(): PulledImage[] {
  const found = imageFolders("cloud")
    .map((id) => ({ id, described: read(id) }))
    .flatMap(({ id, described }) => (described === undefined ? [] : [{ id, described }]))
    .sort(
      ({ described: one }, { described: other }) =>
        one.name.localeCompare(other.name) || other.pulled.localeCompare(one.pulled),
    );
  return found.map(({ id, described }, index) => ({
    id,
    disk: join(cloudFolder(id), "disk.qcow2"),
    images: [],
    gib: Math.ceil(described.virtualSize / gibibyte),
    ...described,
    superseded: found[index - 1]?.described.name === described.name,
  }));
}

export const cloudImageById = (id: string): PulledImage | undefined =>
  pulledImages().find((image) => image.id === id);

/** The image whose file has this checksum. */
export function cloudImageWith({ algorithm, hex }: Checksum): PulledImage | undefined {
  const text = `${algorithm}:${hex}`;
  return pulledImages().find((image) => [image.checksum, `sha256:${image.sha256}`].includes(text));
}

/** Names that images may be asked for by. */
export const imageNames = (): string[] =>
  pulledImages()
    .filter((image) => !image.superseded)
    .map(({ name }) => name);

/**
 * The image that has a name now.
 *
 * @param of begins the message
 * @throws UserError listing those there are
 */
export function cloudImageNamed(name: string, of = ""): PulledImage {
  const found = pulledImages().find((image) => image.name === name);
  if (found !== undefined) return found;
  const names = imageNames();
  throw new UserError(
    `${of}image: there is no image ${JSON.stringify(name)} in ${imagesDir()}`,
    names.length === 0 ? "none has been pulled" : `there are: ${names.join(", ")}`,
    `vmcluster image pull URL --checksum sha256:… --name ${/^[a-z0-9._-]+$/.test(name) ? name : "NAME"}`,
  );
}

/** Bytes its files take on this host. */
export const cloudImageSize = (image: PulledImage): number => statSync(image.disk).blocks * 512;
