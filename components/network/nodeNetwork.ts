import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { NodeNetwork } from "../../host/nodeNetworks";
import { machineCommand } from "../machineCommand";

/**
 * ID for `networkId` of a service that is on a network of each node itself: `host`, the node's own, or `bridge`. It is the ID that the swarm has for it and
 * tells of its services (`populateNetworkID` in moby/moby, daemon/cluster/services.go); with the one that `docker.getNetwork` finds, which is a node's, Pulumi's
 * own plugin would make the service anew each time.
 *
 * @param opts with a docker provider of the swarm, as `cluster.onSwarm`
 * @example
 * new SwarmService("agent", { image: "agent:1", networks: [{ networkId: nodeNetworkId("host", cluster.onSwarm) }] }, cluster.onSwarm);
 */
export function nodeNetworkId(
  name: NodeNetwork,
  { provider, dependsOn }: pulumi.InvokeOutputOptions,
): pulumi.Output<string> {
  if (!docker.Provider.isInstance(provider))
    throw new pulumi.RunError(
      `network ${name}: needs a docker provider: give it cluster.onSwarm as its options`,
    );
  return command.local
    .runOutput(
      {
        interpreter: machineCommand("machine"),
        command: "swarm-network-id",
        stdin: pulumi.jsonStringify({ host: provider.host, name }),
        // Not known before there is a swarm, and so nothing is asked; `dependsOn` alone does not see to that.
        environment: { VMCLUSTER_PROVIDER: provider.id },
        logging: command.local.Logging.None,
      },
      { dependsOn },
    )
    .stdout.apply((printed) => (JSON.parse(printed) as { networkId: string }).networkId);
}
