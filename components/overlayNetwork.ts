import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { Checker, flag, pairs, text } from "./service/checks";
import { labelList } from "./service/containerSpec";
import { inherited } from "./serviceDefaults";

/** Changing any of it replaces the network. */
export interface OverlayNetworkArgs {
  /** Name in the swarm. Default: the resource's name. */
  networkName?: pulumi.Input<string>;
  /** Whether containers that are not services may join it. Default false. */
  attachable?: pulumi.Input<boolean>;
  /** Whether it leads nowhere else: its tasks reach each other only. Default false. */
  internal?: pulumi.Input<boolean>;
  /** Whether the traffic between the nodes is encrypted. Default false. */
  encrypted?: pulumi.Input<boolean>;
  /** Further options of the overlay driver, such as `com.docker.network.driver.mtu`. */
  driverOptions?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Whether it has IPv6 addresses too; they need a subnet. Default false. */
  ipv6?: pulumi.Input<boolean>;
  /** Its addresses. Default: a subnet that the swarm chooses. */
  subnets?: pulumi.Input<pulumi.Input<NetworkSubnet>[]>;
  /** What gives addresses out. Default: Docker itself. */
  ipamDriver?: pulumi.Input<string>;
  /** Options for what gives addresses out. */
  ipamOptions?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

export interface NetworkSubnet {
  /** Such as `10.20.0.0/24`. */
  subnet?: pulumi.Input<string>;
  /** Address of the gateway. Default: the first one. */
  gateway?: pulumi.Input<string>;
  /** Part of the subnet that addresses are taken from. Default: all of it. */
  ipRange?: pulumi.Input<string>;
}

const subnets = z.array(
  z.strictObject({ subnet: text.optional(), gateway: text.optional(), ipRange: text.optional() }),
);

/** A network over all nodes of a swarm, in which services find each other by name. Needs a swarm's Docker provider. */
export class OverlayNetwork extends pulumi.ComponentResource {
  /** Give this one to services: by ID a plan stays without a difference. */
  readonly networkId: pulumi.Output<string>;
  readonly networkName: pulumi.Output<string>;

  constructor(name: string, args: OverlayNetworkArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:OverlayNetwork", name, {}, opts);
    const check = new Checker(`network "${name}"`);
    const { encrypted, driverOptions } = args;
    const options =
      encrypted === undefined && driverOptions === undefined
        ? undefined
        : pulumi
            .all([
              check.field("encrypted", flag, encrypted ?? false),
              check.field("driverOptions", pairs, driverOptions ?? {}),
            ])
            .apply(([secret, rest]) => ({ ...rest, ...(secret ? { encrypted: "" } : {}) }));
    const ipamOptions = check.optional("ipamOptions", pairs, args.ipamOptions);
    const ipamConfigs = check.optional("subnets", subnets, args.subnets);
    const network = new docker.Network(
      `${name}-network`,
      {
        name: check.field("networkName", text, args.networkName ?? name),
        driver: "overlay",
        attachable: check.field("attachable", flag, args.attachable ?? false),
        internal: check.optional("internal", flag, args.internal),
        ipv6: check.optional("ipv6", flag, args.ipv6),
        options,
        ipamDriver: check.optional("ipamDriver", text, args.ipamDriver),
        ipamOptions,
        ipamConfigs,
        labels: check.optional("labels", pairs, args.labels, labelList),
      },
      // Services use the old one until they have moved to the new one.
      { ...inherited(opts), parent: this, ...byWhatIsAsked({ options, ipamOptions, ipamConfigs }) },
    );
    this.networkId = network.id;
    this.networkName = network.name;
    this.registerOutputs({ networkId: this.networkId, networkName: this.networkName });
  }
}

/**
 * The swarm adds to what is given here (an option with its own numbers, the gateway), which Pulumi's own plugin takes for a change, by which
 * the network would be made anew each time. So these are compared with what was asked for before, not with what there is.
 */
function byWhatIsAsked(
  asked: Record<string, pulumi.Input<unknown> | undefined>,
): pulumi.CustomResourceOptions {
  const given = Object.entries(asked).filter(([, value]) => value !== undefined);
  if (given.length === 0) return {};
  return {
    ignoreChanges: given.map(([name]) => name),
    replacementTrigger: pulumi.jsonStringify(Object.fromEntries(given)),
  };
}
