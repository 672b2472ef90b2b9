import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { inherited } from "./serviceDefaults";

export interface OverlayNetworkArgs {
  /** Name in the swarm. Default: the resource's name. Changing it replaces the network. */
  networkName?: pulumi.Input<string>;
  /** Whether containers that are not services may join it. Default false. Changing it replaces the network. */
  attachable?: pulumi.Input<boolean>;
}

/** A network over all nodes of a swarm, in which services find each other by name. Needs a swarm's Docker provider. */
export class OverlayNetwork extends pulumi.ComponentResource {
  /** Give this one to services: by ID a plan stays without a difference. */
  readonly networkId: pulumi.Output<string>;
  readonly networkName: pulumi.Output<string>;

  constructor(name: string, args: OverlayNetworkArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:OverlayNetwork", name, {}, opts);
    const network = new docker.Network(
      `${name}-network`,
      { name: args.networkName ?? name, driver: "overlay", attachable: args.attachable ?? false },
      // Services use the old one until they have moved to the new one.
      { ...inherited(opts), parent: this },
    );
    this.networkId = network.id;
    this.networkName = network.name;
    this.registerOutputs({ networkId: this.networkId, networkName: this.networkName });
  }
}
