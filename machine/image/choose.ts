/** Which image a machine is made from: the pulled one that its spec names, or else the node image, which is built here. */

import { UserError } from "../../host/userError";
import type { CloudImage, NodeImage } from "../driver";
import type { Progress } from "../progress";
import type { MachineSpec } from "../spec";
import { cloudImageNamed, type PulledImage } from "./cloudImages";
import { ensureImage } from "./ensure";

/**
 * The pulled image of a spec that names one.
 *
 * @throws UserError if it is not there, or larger than the machine's disk
 */
export function pulledImageOf(spec: MachineSpec): PulledImage | undefined {
  if (spec.image === undefined) return undefined;
  const image = cloudImageNamed(spec.image, `machine "${spec.name}": `);
  if (spec.disk >= image.gib) return image;
  throw new UserError(
    `machine "${spec.name}": disk: ${spec.disk} GiB is less than image ${image.name} has`,
    `must be at least ${image.gib}`,
  );
}

/** The image of a spec; the node image is built if it is missing. */
export async function imageOf(spec: MachineSpec, progress: Progress): Promise<NodeImage | CloudImage> {
  return pulledImageOf(spec) ?? (await ensureImage({ suite: spec.suite, progress }));
}
