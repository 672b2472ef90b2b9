import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { Machine } from "./machine";
import { machineOwner } from "./machineOwner";
import { machineStatus } from "./machineStatus";
import { NodeImage } from "./nodeImage";
import { nodeAddress, nodeCount, nodeName } from "./nodes";
import { initScript, joinScript } from "./swarmScripts";

export interface SwarmClusterArgs {
  /** Start of the machines' host names: `my` makes `my1`, `my2`… Letters, digits, hyphens. Default: the resource's name. */
  clusterName?: pulumi.Input<string>;
  /** Number of machines, the first of them the manager: 1 to 50. Default 2. */
  nodeCount?: number;
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
  /** Debian suite of the node image. Default `trixie`. */
  suite?: pulumi.Input<string>;
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

/** What is used of the answer of `GET /swarm` (https://docs.docker.com/reference/api/engine/). */
interface SwarmAnswer {
  readonly JoinTokens: { readonly Worker: string; readonly Manager: string };
  readonly TLSInfo: { readonly TrustRoot: string };
}

/** See {@link SwarmCluster.onSwarm}. */
export interface OnSwarm {
  readonly provider: docker.Provider;
  readonly dependsOn: pulumi.Resource[];
  readonly deletedWith: pulumi.Resource;
  readonly replaceWith: pulumi.Resource[];
  readonly deleteBeforeReplace: true;
}

/**
 * Virtual machines that form a Docker Swarm: the first makes it, the others join over SSH. What runs on it is declared with
 * the options `onSwarm`.
 *
 * The option `ignoreChanges` takes `cpus`, `memory`, `disk`, `ports` and `images`: machines that are there keep their own.
 *
 * @example
 * const cluster = new SwarmCluster("my", { nodeCount: 3, ports: [8000] });
 * new docker.Service("hello", { ... }, cluster.onSwarm);
 */
export class SwarmCluster extends pulumi.ComponentResource {
  readonly machines: readonly Machine[];
  readonly nodes: pulumi.Output<SwarmNode[]>;
  /** Docker provider of the manager, over SSH. */
  readonly provider: docker.Provider;
  /**
   * Options for what runs on the swarm, components or `docker` resources: made through `provider`, after all nodes have joined;
   * made anew when the swarm is, and gone with it, so that nothing asks a swarm that is no more.
   */
  readonly onSwarm: OnSwarm;
  /** What a worker joins with. Secret. */
  readonly workerToken: pulumi.Output<string>;
  /** What a further manager joins with. Secret. */
  readonly managerToken: pulumi.Output<string>;
  /** Command that logs in to each node, by name. */
  readonly ssh: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: SwarmClusterArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:SwarmCluster", name, {}, opts);
    const count = nodeCount(args.nodeCount ?? 2);
    const clusterName = pulumi.output(args.clusterName ?? name);
    const subnet = pulumi.output(args.subnet ?? "192.168.56.0/24");
    const shared = {
      clusterName,
      driver: args.driver ?? "qemu",
      cpus: args.cpus ?? 1,
      memory: args.memory ?? 1024,
      disk: args.disk ?? 10,
      subnet,
      ports: args.ports ?? [],
      images: args.images ?? [],
      suite: args.suite ?? "trixie",
    };
    const members = Array.from({ length: count }, (_, index) => ({
      machineName: clusterName.apply((start) => nodeName(start, index)),
      privateAddress: subnet.apply((cidr) => nodeAddress(cidr, index)),
    }));
    const statuses = pulumi
      .output({ shared, members })
      .apply(({ shared: { clusterName: cluster, ...rest }, members }) =>
        machineStatus(
          members.map(({ machineName, privateAddress }) => ({
            name: machineName,
            cluster,
            owner: machineOwner(),
            ...rest,
            privateAddress,
            ignoreChanges: opts?.ignoreChanges,
          })),
        ),
      );

    const image = new NodeImage(`${name}-image`, { suite: shared.suite }, { parent: this });
    this.machines = members.map((member, index) => {
      const status = pulumi
        .all([statuses, member.machineName])
        .apply(([all, machine]) => all[machine] ?? { condition: "ok" });
      return new Machine(
        `${name}-vm${index + 1}`,
        { ...shared, ...member, status },
        { parent: this, dependsOn: [image] },
      );
    });
    const [manager, ...workers] = this.machines as [Machine, ...Machine[]];

    const init = new command.remote.Command(
      `${name}-init`,
      {
        connection: manager.connection,
        create: initScript,
        stdin: manager.privateAddress,
        triggers: [manager.machineId],
        logging: command.remote.Logging.None,
      },
      {
        parent: this,
        deletedWith: manager.vm,
        replaceWith: [manager.vm],
        deleteBeforeReplace: true,
        additionalSecretOutputs: ["stdout"],
      },
    );
    const swarm = init.stdout.apply((answer) => JSON.parse(answer) as SwarmAnswer);
    this.workerToken = pulumi.secret(swarm.JoinTokens.Worker);
    this.managerToken = pulumi.secret(swarm.JoinTokens.Manager);
    // Either of them made anew is another swarm.
    const roots = [manager.vm, init];

    const joins = workers.map(
      (worker, index) =>
        new command.remote.Command(
          `${name}-join${index + 2}`,
          {
            connection: worker.connection,
            create: joinScript,
            stdin: pulumi.secret(
              pulumi.interpolate`${pulumi.jsonStringify({
                ListenAddr: pulumi.interpolate`${worker.privateAddress}:2377`,
                AdvertiseAddr: worker.privateAddress,
                RemoteAddrs: [pulumi.interpolate`${manager.privateAddress}:2377`],
                JoinToken: this.workerToken,
              })}\n${swarm.TLSInfo.TrustRoot}`,
            ),
            triggers: [worker.machineId, manager.machineId],
            logging: command.remote.Logging.None,
          },
          {
            parent: this,
            deletedWith: worker.vm,
            replaceWith: [...roots, worker.vm],
            deleteBeforeReplace: true,
            dependsOn: [init],
          },
        ),
    );

    const taken: pulumi.CustomResourceOptions = {
      parent: this,
      dependsOn: [init],
      replaceWith: roots,
      deleteBeforeReplace: true,
    };
    this.provider = new docker.Provider(
      `${name}-docker`,
      { host: pulumi.interpolate`ssh://${manager.machineName}`, sshOpts: ["-F", manager.sshConfig] },
      taken,
    );
    // The provider stands for the swarm: unlike its roots it is taken along by them, so what is deleted with it is not asked for.
    this.onSwarm = {
      provider: this.provider,
      dependsOn: [this],
      deletedWith: this.provider,
      replaceWith: roots,
      deleteBeforeReplace: true,
    };

    this.nodes = pulumi.output(
      this.machines.map((machine, index) => ({
        name: machine.machineName,
        role: index === 0 ? ("manager" as const) : ("worker" as const),
        address: machine.address,
        privateAddress: machine.privateAddress,
      })),
    );
    this.ssh = pulumi
      .output(this.machines.map(({ machineName, sshConfig }) => ({ machineName, sshConfig })))
      .apply((all) =>
        Object.fromEntries(
          all.map(({ machineName, sshConfig }) => [machineName, `ssh -F ${sshConfig} ${machineName}`]),
        ),
      );
    this.registerOutputs({ nodes: this.nodes, ssh: this.ssh, joined: joins.map((join) => join.stdout) });
  }
}
