/** Which image a machine is made from: the pulled one that its spec names, or else the node image, which is built here. */
import { UserError } from "../../host/userError";
import type { CloudImage, NodeImage } from "../driver";
import type { Progress } from "../progress";
import type { MachineSpec } from "../spec";
import { cloudImageNamed, cloudImageWith } from "./cloudImages";
import { ensureImage } from "./ensure";
import { parseChecksum } from "./pull/checksum";
import { pullImage } from "./pull/pull";
import { isImageUrl, readSource } from "./pull/source";

type ImageFields = Pick<MachineSpec, "image" | "imageChecksum">;

/**
 * The image that is asked for if it is here; undefined if it is still to be pulled from its URL.
 *
 * @param of begins the message
 * @throws UserError if there is none of its name
 */
function find(image: string, { imageChecksum }: ImageFields, of: string): CloudImage | undefined {
  if (!isImageUrl(image)) return cloudImageNamed(image, of);
  readSource(`${of}image`, image);
  return cloudImageWith(parseChecksum(imageChecksum ?? ""));
}

/** The pulled image that is asked for by name, or by URL and checksum: then it is pulled if it is not here. */
export async function ensurePulled(
  image: string,
  fields: ImageFields,
  progress: Progress,
  of = "",
): Promise<CloudImage> {
  const here = find(image, fields, of);
  if (here !== undefined) return here;
  const source = readSource("image", image);
  return pullImage({ source, checksum: parseChecksum(fields.imageChecksum ?? ""), progress });
}

function refuseSmallDisk(spec: MachineSpec, image: CloudImage): void {
  if (spec.disk >= image.gib) return;
  throw new UserError(
    `machine "${spec.name}": disk: ${spec.disk} GiB is less than image ${image.name} has`,
    `must be at least ${image.gib}`,
  );
}

/** @throws UserError if the pulled image that a spec asks for cannot be had, or is larger than the machine's disk */
export function checkImage(spec: MachineSpec): void {
  if (spec.image === undefined) return;
  const image = find(spec.image, spec, `machine "${spec.name}": `);
  if (image !== undefined) refuseSmallDisk(spec, image);
}

/** The image of a spec; the node image is built and a URL's is pulled if it is missing. */
export async function imageOf(spec: MachineSpec, progress: Progress): Promise<NodeImage | CloudImage> {
  if (spec.image === undefined) return ensureImage({ suite: spec.suite, progress });
  const image = await ensurePulled(spec.image, spec, progress, `machine "${spec.name}": `);
  refuseSmallDisk(spec, image);
  return image;
}
