/** What a service needs on the one machine that keeps its data: the image, if no registry has it, and the folder. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { withLock } from "../host/lock";
import { UserError } from "../host/userError";
import { asRoot } from "./drivers/generic/script";
import { machineLock } from "./paths";
import { machineNamed } from "./power";
import type { Progress } from "./progress";
import { sendImages } from "./sendImages";
import { writeMachine } from "./store";
import { login, swarmInfoOf } from "./swarm/managers";

export const prepareSpec = z.strictObject({
  machine: z.string(),
  machineId: z.string(),
  /** Service images, `vmcluster.internal/…`. */
  images: z.array(z.string()),
  /** Absolute path; what is in it stays. */
  folder: z.string().startsWith("/"),
  /** Port of a service that only the nodes may reach; none: it does not matter who reaches it. */
  nodesOnly: z.int().optional(),
});

export interface Prepared {
  /** The machine's node in the swarm. */
  readonly nodeId: string;
  /** Another one when the folder has lost what was in it. */
  readonly folderId: string;
}

/** The folder's own name for itself is in a file there. */
const folderScript = `mkdir -p "$folder"
[ -s "$folder/.vmcluster-id" ] || echo "$id" >"$folder/.vmcluster-id"
cat "$folder/.vmcluster-id"`;

/**
 * Sends the images that are missing and makes the folder.
 *
 * @throws UserError if the machine does not answer, is in no swarm, or is a host whose ports others than the nodes reach
 */
export async function prepareMachine(
  { machine: name, machineId, images, folder, nodesOnly }: z.infer<typeof prepareSpec>,
  progress: Progress,
): Promise<Prepared> {
  return withLock(
    machineLock(name),
    () => progress("waiting for another process that changes this machine"),
    async () => {
      const machine = machineNamed(name);
      if (machine.machineId !== machineId)
        throw new UserError(`machine "${name}" is not the one that the program made`);
      // The machines that we make have a private network; what an existing host is connected to, only its owner knows.
      if (nodesOnly !== undefined && machine.spec.driver === "generic")
        throw new UserError(
          `machine "${name}" is an existing host: whoever reaches its port ${nodesOnly} could put images there that the nodes run`,
          "the routing mesh opens the port on all addresses of the nodes",
          `let a firewall keep port ${nodesOnly} to the nodes, then set firewalled: true`,
        );
      const session = await login(machine);
      if (session === undefined) throw new UserError(`machine "${name}" does not answer`);
      try {
        const swarm = await swarmInfoOf(session, machine, progress);
        if (swarm === undefined) throw new UserError(`machine "${name}" is in no swarm`);
        const sent = await sendImages(machine, session, progress, images);
        if (sent.length > machine.images.length) writeMachine({ ...machine, images: sent });
        const values = { folder, id: randomUUID() };
        const folderId = await asRoot(session, machine.host?.sshUser ?? "root", folderScript, values);
        return { nodeId: swarm.NodeID, folderId: folderId.trim() };
      } finally {
        session.dispose();
      }
    },
  );
}
