import { createReadStream } from "node:fs";
import type { NodeSSH } from "node-ssh";
import { UserError } from "../host/userError";
import { buildServiceImages } from "../images/build";
import { GuestError } from "./guest";
import { type Progress, waiting } from "./progress";
import type { MachineRecord } from "./store";

/** Sends service images that the machine does not have yet; returns all that it then has. */
export async function sendImages(
  machine: MachineRecord,
  session: NodeSSH,
  progress: Progress,
): Promise<string[]> {
  const missing = machine.spec.images.filter((image) => !machine.images.includes(image));
  if (missing.length === 0) return machine.images;
  const built = await buildServiceImages({ onProgress: progress });
  for (const ref of missing) {
    const image = built.find((one) => one.ref === ref);
    if (image === undefined) {
      throw new UserError(
        `machine "${machine.spec.name}": images: ${ref} is unknown`,
        `this version builds ${built.map((one) => one.ref).join(", ")}`,
      );
    }
    const load = session.execCommand("docker load -q", { stdin: createReadStream(image.archive) });
    const { code, stderr } = await waiting(`sending ${ref}`, progress, load);
    if (code !== 0) throw new GuestError("docker load", code, stderr);
  }
  return [...machine.images, ...missing];
}
