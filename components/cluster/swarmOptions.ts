import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { overlap, parseCidr } from "../../machine/addresses";
import type { MachineStatus } from "../../machine/result";
import { otherMaking, type SwarmOptions, swarmOptions as schema } from "../../machine/swarm/options";
import { Checker } from "../service/checks";

/**
 * What the swarm as a whole is told; Docker's own words and defaults. What is left out stays as it is, also when it is taken out again.
 * https://docs.docker.com/reference/cli/docker/swarm/init/
 */
export interface SwarmOptionsArgs {
  /** IPv4 networks from which overlay networks take theirs, such as `10.20.0.0/16`. Docker's default `10.0.0.0/8`. Cannot be changed in a swarm. */
  defaultAddressPools?: pulumi.Input<pulumi.Input<string>[]>;
  /** Prefix of each overlay network taken from them: 8 to 29. Docker's default 24. Cannot be changed in a swarm. */
  subnetSize?: pulumi.Input<number>;
  /** UDP port of overlay networks between the nodes: 1024 to 49151. Docker's default 4789. Not with `hosts`. Cannot be changed in a swarm. */
  dataPathPort?: pulumi.Input<number>;
  /**
   * Managers that restart need the swarm's unlock key, as what they keep on their disks is encrypted with it. Machines that are restarted from here
   * are unlocked by the key, which is kept beside their private keys (mode 0600) and is the cluster's output `unlockKey`.
   */
  autolock?: pulumi.Input<boolean>;
  /** How long nodes' certificates last: `1h` or more, such as `720h`. Docker's default `2160h`. Nodes take it when they renew theirs. */
  certificateExpiry?: pulumi.Input<string>;
  /** How many ended tasks of each slot or node the swarm remembers. Docker's default 5. */
  taskHistoryLimit?: pulumi.Input<number>;
  /**
   * Make the join tokens anew each time machines have joined, so that one that leaked is of no use. Default false. Machines that
   * join by this program never notice: theirs are asked for when they join.
   */
  rotateTokens?: boolean;
}

/**
 * What `swarm` says, checked.
 *
 * @param subnet the machines' own network, if it is ours to choose
 */
export function checkedOptions(
  { rotateTokens, ...given }: SwarmOptionsArgs,
  subnet: pulumi.Output<string> | undefined,
): pulumi.Output<SwarmOptions> {
  const check = new Checker("SwarmCluster");
  void check.field("swarm.rotateTokens", z.boolean().optional(), rotateTokens);
  return pulumi.all([check.field("swarm", schema, given), subnet]).apply(([options, cidr]) => {
    checkNetworks(options, cidr);
    return options;
  });
}

/** Of Docker's default pool, 10.0.0.0/8, what is taken first; `ingress` has 10.0.0.0/24. */
const firstNetworks = "10.0.0.0/16";

/** Refuses networks and ports that the cluster's machines cannot have. */
export function checkNetworks(options: SwarmOptions, subnet: string | undefined): void {
  const refuse = (field: string, why: string): never => {
    throw new pulumi.RunError(`SwarmCluster: swarm.${field}: ${why}`);
  };
  if (subnet === undefined && options.dataPathPort !== undefined)
    refuse("dataPathPort", "not allowed with hosts: between those, port 4789 is opened and checked");
  const own = subnet === undefined ? undefined : parseCidr(subnet);
  if (own && !options.defaultAddressPools && overlap(parseCidr(firstNetworks), own))
    throw new pulumi.RunError(
      `SwarmCluster: subnet: ${subnet} is where Docker takes the swarm's own networks from (${firstNetworks}): choose another one, or give swarm.defaultAddressPools`,
    );
  const pool = options.defaultAddressPools?.find((one) => own && overlap(parseCidr(one), own));
  if (pool !== undefined)
    refuse("defaultAddressPools", `${pool} overlaps the machines' own network ${subnet} (subnet)`);
}

/** Refuses, at preview, options that only another swarm could have than the one which the machines are in. */
export function checkMaking(
  options: SwarmOptions,
  founder: string,
  statuses: readonly MachineStatus[],
): void {
  const made = statuses.find(({ swarm }) => swarm?.founder === founder && swarm.made)?.swarm?.made;
  const other = made && otherMaking(options, made);
  if (other !== undefined)
    throw new pulumi.RunError(
      `SwarmCluster: swarm.${other}, which cannot be changed in a swarm. Take it back; or, to have the swarm made anew with all that runs on it, ` +
        "remove the machines of its managers (vmcluster machine rm) before `up`",
    );
}
