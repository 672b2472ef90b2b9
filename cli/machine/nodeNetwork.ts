/** The ID that a swarm has for a network that each of its nodes has. */
import { z } from "zod";
import { nodeNetworks } from "../../host/nodeNetworks";
import type { Progress } from "../../machine/progress";
import { onHost } from "../swarm/host";

export const nodeNetworkQuestion = z.strictObject({
  /** The swarm's address, as the docker provider has it. */
  host: z.string().optional(),
  name: z.enum(nodeNetworks),
});

/** @throws if nobody answers, or no manager does */
export function nodeNetworkId(
  { host, name }: z.infer<typeof nodeNetworkQuestion>,
  progress: Progress,
): Promise<string> {
  return onHost(host, progress, async (api, operation) => {
    // Without the scope a node tells its own, which is another one on each.
    const { Id } = await api.get<{ Id: string }>(`/networks/${name}`, operation, {
      query: { scope: "swarm" },
    });
    return Id;
  });
}
