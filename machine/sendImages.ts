import { createReadStream } from "node:fs";
import type { NodeSSH } from "node-ssh";
import { UserError } from "../host/userError";
import { buildServiceImages } from "../images/build";
import { allImageRefs } from "../images/refs";
import { GuestError } from "./guest";
import { type Progress, waiting } from "./progress";
import type { MachineRecord } from "./store";

/**
 * Sends service images that the machine does not have yet; returns all that it then has.
 *
 * @param wanted by default those of the machine's spec
 */
export async function sendImages(
  machine: MachineRecord,
  session: NodeSSH,
  progress: Progress,
  wanted: readonly string[] = machine.spec.images,
): Promise<string[]> {
  const missing = wanted.filter((image) => !machine.images.includes(image));
  if (missing.length === 0) return machine.images;
  const refs = Object.entries(allImageRefs());
  const names = missing.map((ref) => {
    const [name] = refs.find(([, known]) => known === ref) ?? [];
    if (name !== undefined) return name;
    throw new UserError(
      `machine "${machine.spec.name}": images: ${ref} is unknown`,
      `this version builds ${refs.map(([, known]) => known).join(", ")}`,
    );
  });
  for (const { ref, archive } of await buildServiceImages({ only: names, onProgress: progress })) {
    const load = session.execCommand("docker load -q", { stdin: createReadStream(archive) });
    const { code, stderr } = await waiting(`sending ${ref}`, progress, load);
    if (code !== 0) throw new GuestError("docker load", code, stderr);
  }
  return [...machine.images, ...missing];
}
