/** What a cluster is told, and what it shows. */
import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { SwarmOptionsArgs } from "./swarmOptions";

export interface SwarmClusterArgs {
  /** Start of the machines' host names: `my` makes `my1`, `my2`… Letters, digits, hyphens. Default: the resource's name. */
  clusterName?: pulumi.Input<string>;
  /** Number of machines, the first of them the managers: 1 to 50. Default 2, or that of `hosts`. */
  nodeCount?: number;
  /**
   * How many of them manage the swarm: 1, 3, 5 or 7. With three it goes on when one fails. Default 1. Changed in place: nodes are
   * promoted and demoted.
   */
  managers?: number;
  /** Labels of nodes, by machine name, for placement (`node.labels.disk==ssd`). Labels that others have set stay. */
  nodeLabels?: pulumi.Input<Record<string, pulumi.Input<Record<string, pulumi.Input<string>>>>>;
  /** Whether nodes take tasks, by machine name: `active`, `pause` (no new ones) or `drain` (none). Default: as it is, `active` in the beginning. */
  availability?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** What the swarm as a whole is told. Default: Docker's own, and what people have set. */
  swarm?: SwarmOptionsArgs;
  /**
   * Hosts that are there already, in the place of virtual machines; the first is the manager. Then none of `nodeCount`, `driver`, `cpus`,
   * `memory`, `disk`, `subnet` and `suite` is needed, and published ports answer at each host's own addresses.
   */
  hosts?: SwarmHost[];
  /** What makes the machines: `qemu` or `virtualbox`. Default `qemu`. */
  driver?: pulumi.Input<string>;
  /** Virtual CPUs of each machine. Default 1. */
  cpus?: pulumi.Input<number>;
  /** Memory of each machine in MiB, at least 512. Default 1024. */
  memory?: pulumi.Input<number>;
  /** Disk of each machine in GiB, at least 4. Default 10. */
  disk?: pulumi.Input<number>;
  /** Private network of the cluster, IPv4 CIDR with room for the nodes from `.11` on. Default `192.168.56.0/24`. */
  subnet?: pulumi.Input<string>;
  /** Published TCP ports to be reached from this host on every node's address. Default none. */
  ports?: pulumi.Input<pulumi.Input<number>[]>;
  /** Service images (`vmcluster.internal/…` references) the nodes must have. Default none. */
  images?: pulumi.Input<pulumi.Input<string>[]>;
  /** Debian suite of the node image. Default `trixie`. Not together with `image`. */
  suite?: pulumi.Input<string>;
  /** Name of a pulled image to clone instead; see `Machine`. Default none. Changing it replaces the machines. */
  image?: pulumi.Input<string>;
  /** Of an `image` that is given by its URL: `sha256:…` or `sha512:…` of the file. */
  imageChecksum?: pulumi.Input<string>;
}

/** A host that is there already: docs/generic.md. */
export interface SwarmHost {
  /** Name or address at which the host answers SSH. Changing it replaces the machine. */
  host: pulumi.Input<string>;
  /** Who logs in: root, or a user who has sudo without a password. Default `root`. */
  sshUser?: pulumi.Input<string>;
  /** Port of the host's sshd. Default 22. Changing it replaces the machine. */
  sshPort?: pulumi.Input<number>;
  /** Private key file, absolute or from `~/`, without a passphrase; it stays yours. Default: the first of `~/.ssh/id_ed25519`, `id_ecdsa`, `id_rsa`. */
  identity?: pulumi.Input<string>;
  /** The host's SSH key, `ssh-ed25519 AAAA…`. Default: the one in your `known_hosts`, else the one it shows the first time. Pinned from then on. */
  hostKey?: pulumi.Input<string>;
  /** Make a host that is in a swarm already leave it. Default false: such a host is refused. */
  leaveSwarm?: pulumi.Input<boolean>;
  /** Address at which the other nodes reach it. Default: the one at which it is reached from here. */
  privateAddress?: pulumi.Input<string>;
  /**
   * Address of its own at which it has the traffic of overlay networks, as on a second network card. Default: the one at which the other nodes reach it.
   * Another one makes it leave the swarm and join again; the swarm's only manager cannot.
   */
  dataPathAddress?: pulumi.Input<string>;
}

/** A machine of the swarm, as programs show it. */
export interface SwarmNode {
  readonly name: string;
  readonly role: "manager" | "worker";
  /** Address at which this host reaches the node's published ports. */
  readonly address: string;
  /** Address on the cluster's private network. */
  readonly privateAddress: string;
}

/** See `SwarmCluster.onSwarm`. */
export interface OnSwarm {
  readonly provider: docker.Provider;
  readonly dependsOn: pulumi.Resource[];
  readonly deletedWith: pulumi.Resource;
  readonly replaceWith: pulumi.Resource[];
  readonly deleteBeforeReplace: true;
}
