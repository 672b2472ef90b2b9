import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { machineOwner } from "../machineOwner";
import { machineSpec } from "../machineSpec";
import { lookedAt, machineStatus } from "../machineStatus";
import { Checker } from "../service/checks";
import type { SwarmClusterArgs, SwarmHost } from "./args";
import { checkMajority, nodeAddress, nodeName } from "./nodes";

export type Members = ReturnType<typeof clusterMembers>;

/**
 * The machines of a cluster: what they have in common, each one's own, and how they are now. Nothing that would lose the swarm gets past it.
 *
 * @param name of the resource
 */
export function clusterMembers(
  name: string,
  count: number,
  args: SwarmClusterArgs,
  opts: pulumi.ComponentResourceOptions | undefined,
  resource: pulumi.Resource,
) {
  const { hosts, cpus, memory, disk, ports, suite, driver, image, imageChecksum, images = [] } = args;
  const clusterName = pulumi.output(args.clusterName ?? name);
  const subnet = pulumi.output(args.subnet ?? "192.168.56.0/24");
  const shared =
    hosts === undefined
      ? { clusterName, driver, cpus, memory, disk, subnet, ports, images, suite, image, imageChecksum }
      : { clusterName, driver: "generic", images };
  const members = Array.from({ length: count }, (_, index) => ({
    machineName: clusterName.apply((start) => nodeName(start, index)),
    ...(hosts === undefined
      ? { privateAddress: subnet.apply((cidr) => nodeAddress(cidr, index)) }
      : withoutDataPath(hosts[index] as SwarmHost)),
  }));
  const statuses = pulumi
    .output({ shared, members })
    .apply(({ shared: { clusterName: cluster, ...rest }, members }) =>
      machineStatus(
        members.map(({ machineName, ...member }) => ({
          ...machineSpec({ name: machineName, cluster, owner: machineOwner(), ...rest, ...member }),
          ignoreChanges: opts?.ignoreChanges,
          ...lookedAt(opts),
        })),
        resource,
      ),
    )
    .apply((all) => {
      const nodes = Object.entries(all).map(([node, { machine, swarm }]) => ({
        name: node,
        stays: machine !== undefined,
        manager: swarm?.manager ?? false,
      }));
      // Those that go do so last, one after the other, and are asked by the others until then.
      const others = Object.keys(Object.values(all)[0]?.otherManagers ?? {});
      checkMajority([...nodes, ...others.map((node) => ({ name: node, stays: true, manager: true }))]);
      return all;
    });
  return {
    clusterName,
    /** Undefined if it is not ours to choose. */
    subnet: hosts === undefined ? subnet : undefined,
    shared,
    members,
    dataPaths: dataPaths(hosts ?? []),
    statuses,
  };
}

/** What of a host is the machine's, not the node's. */
const withoutDataPath = ({ dataPathAddress: _node, ...machine }: SwarmHost) => machine;

const dataPaths = (hosts: readonly SwarmHost[]) =>
  hosts.map(({ dataPathAddress }) =>
    new Checker("SwarmCluster").optional(
      "hosts.dataPathAddress",
      z.ipv4("must be an IPv4 address of the host"),
      dataPathAddress,
    ),
  );
