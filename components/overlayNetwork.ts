import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { Component } from "./component";
import { comparedWithAsked, nameByContent, remember, whenNameIsFree } from "./network/replacement";
import { overlapping, subnetError } from "./network/subnets";
import { claim, claimSubnets, namesOf, rememberOrigin, warnWithoutSwarm } from "./program";
import { type ArgumentSchemas, checkArguments } from "./service/arguments";
import { Checker, flag, pairs, strict, text } from "./service/checks";
import { labelList } from "./service/containerSpec";
import { swarmName } from "./service/schemas";
import { inherited } from "./serviceDefaults";

/**
 * Docker cannot change a network. Another value of any of it makes another network, and the services on it anew: each does not answer until it runs again.
 * Jobs on it run again.
 */
export interface OverlayNetworkArgs {
  /**
   * Name in the swarm, for others who refer to it by name. Default: the resource's name, and a hash of the other arguments if there are any.
   * A network whose name stays is removed before it is made anew, and so what this program has on it.
   */
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

const network = z.union([z.cidrv4(), z.cidrv6()], "must be a network such as 10.20.0.0/24");
const address = z.union([z.ipv4(), z.ipv6()], "must be an IP address");
const subnets = z
  .array(
    strict({
      subnet: network.optional(),
      gateway: address.optional(),
      ipRange: network.optional(),
    }).superRefine((one, context) => {
      const [field, message] = subnetError(one) ?? [];
      if (field !== undefined && message !== undefined)
        context.addIssue({
          code: "custom",
          path: [field],
          message,
          input: one[field as keyof typeof one],
        });
    }),
  )
  .superRefine((all, context) => {
    for (const [index, { subnet }] of all.entries()) {
      const other = all
        .slice(0, index)
        .find((one) => subnet !== undefined && one.subnet !== undefined && overlapping(subnet, one.subnet));
      if (other !== undefined)
        context.addIssue({
          code: "custom",
          path: [index, "subnet"],
          message: `overlaps ${other.subnet} of the same network`,
          input: subnet,
        });
    }
  });

/** Each node has these, or the swarm does; Docker has no other ones of these names but for docker_gwbridge, which nobody could tell apart then. */
const taken = ["ingress", "host", "bridge", "none", "default", "docker_gwbridge"];
const isFree = (name: string): boolean => !taken.includes(name);
const notFree = "is the name of one of Docker's own networks: choose another one";
const freeName = swarmName.refine(isFree, notFree);
/** What a resource is called was given for no name in the swarm, which checks it itself. */
const freeDefault = z.string().refine(isFree, notFree);

const argumentSchemas: ArgumentSchemas<OverlayNetworkArgs> = {
  networkName: freeName.optional(),
  attachable: flag.optional(),
  internal: flag.optional(),
  encrypted: flag.optional(),
  driverOptions: pairs.optional(),
  ipv6: flag.optional(),
  subnets: subnets.optional(),
  ipamDriver: text.optional(),
  ipamOptions: pairs.optional(),
  labels: pairs.optional(),
};

/** A network over all nodes of a swarm, in which services find each other by name. Needs a swarm's Docker provider. */
export class OverlayNetwork extends Component {
  /** Give this one to services: by ID a plan stays without a difference. */
  readonly networkId: pulumi.Output<string>;
  readonly networkName: pulumi.Output<string>;

  constructor(name: string, args: OverlayNetworkArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:OverlayNetwork", name, opts);
    checkArguments(`network "${name}"`, args, argumentSchemas);
    warnWithoutSwarm(this, `network "${name}"`, opts);
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
    const asked = {
      attachable: check.field("attachable", flag, args.attachable ?? false),
      internal: check.field("internal", flag, args.internal ?? false),
      ipv6: check.optional("ipv6", flag, args.ipv6),
      options,
      ipamDriver: check.optional("ipamDriver", text, args.ipamDriver),
      ipamOptions: check.optional("ipamOptions", pairs, args.ipamOptions),
      ipamConfigs: check.optional("subnets", subnets, args.subnets),
      labels: check.optional("labels", pairs, args.labels, labelList),
    };
    const named = args.networkName !== undefined;
    if (args.networkName !== undefined)
      claim("network", args.networkName, `network "${name}"`, "networkName", namesOf(this));
    // What gives out addresses in its place may do so from where it likes.
    if (args.ipamDriver === undefined) claimSubnets(this, `network "${name}"`, args.subnets);
    const network = new docker.Network(
      `${name}-network`,
      {
        name: named
          ? check.field("networkName", freeName, args.networkName)
          : check.field("networkName", freeDefault, nameByContent(name, asked)),
        driver: "overlay",
        ...asked,
      },
      {
        ...inherited(opts),
        parent: this,
        // Two of one name, or with one subnet, cannot be there at once.
        ...(named || args.subnets !== undefined ? { deleteBeforeReplace: true } : {}),
        ...(named ? whenNameIsFree(name, this) : {}),
        ...comparedWithAsked(asked),
      },
    );
    this.networkId = network.id;
    this.networkName = network.name;
    remember(this.networkId, network);
    rememberOrigin(this.networkId, this, `network "${name}"`);
    this.registerOutputs({ networkId: this.networkId, networkName: this.networkName });
  }
}
