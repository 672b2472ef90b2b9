import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

/** Where the machine command finds the swarm of a component: the address that its docker provider has. */
export function swarmHost(
  component: pulumi.ComponentResource,
  what: string,
): { readonly provider: docker.Provider; readonly host: pulumi.Output<string | undefined> } {
  const provider = component.getProvider("docker:index/service:Service");
  if (!docker.Provider.isInstance(provider))
    throw new pulumi.RunError(`${what}: needs a docker provider: give it cluster.onSwarm as its options`);
  return { provider, host: provider.host };
}
