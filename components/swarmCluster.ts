import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { Machine } from "./machine";
import { machineStatus } from "./machineStatus";
import { NodeImage } from "./nodeImage";
import { nodeAddress, nodeCount, nodeName } from "./nodes";
import { initScript, joinScript } from "./swarmScripts";

export interface SwarmClusterArgs {
  /** Start of the machines' host names: `my` makes `my1`, `my2`… Letters, digits, hyphens. Default: the resource's name. */
  clusterName?: pulumi.Input<string>;
  /** Number of machines, the first of them the manager: 1 to 50. Default 2. */
  nodeCount?: number;
  /** What makes the machines: `qemu`. Default `qemu`. */
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

/**
 * Virtual machines that form a Docker Swarm: the first makes it, the others join over SSH. Services go onto it through
 * `provider`, and after it (`dependsOn`), so that they spread over all nodes.
 *
 * @example
 * const cluster = new SwarmCluster("my", { nodeCount: 3, ports: [8000] });
 * new docker.Service("hello", { ... }, { provider: cluster.provider, dependsOn: [cluster] });
 */
export class SwarmCluster extends pulumi.ComponentResource {
  readonly machines: readonly Machine[];
  readonly nodes: pulumi.Output<SwarmNode[]>;
  /** Docker provider of the manager, over SSH. */
  readonly provider: docker.Provider;
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
            ...rest,
            privateAddress,
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
      { parent: this, deletedWith: manager.vm, additionalSecretOutputs: ["stdout"] },
    );
    const tokens = init.stdout.apply(
      (answer) => (JSON.parse(answer) as { JoinTokens: { Worker: string; Manager: string } }).JoinTokens,
    );
    this.workerToken = pulumi.secret(tokens.Worker);
    this.managerToken = pulumi.secret(tokens.Manager);

    const joins = workers.map(
      (worker, index) =>
        new command.remote.Command(
          `${name}-join${index + 2}`,
          {
            connection: worker.connection,
            create: joinScript,
            stdin: pulumi.secret(
              pulumi.jsonStringify({
                ListenAddr: pulumi.interpolate`${worker.privateAddress}:2377`,
                AdvertiseAddr: worker.privateAddress,
                RemoteAddrs: [pulumi.interpolate`${manager.privateAddress}:2377`],
                JoinToken: this.workerToken,
              }),
            ),
            triggers: [worker.machineId, manager.machineId],
            logging: command.remote.Logging.None,
          },
          { parent: this, deletedWith: worker.vm, dependsOn: [init] },
        ),
    );

    this.provider = new docker.Provider(
      `${name}-docker`,
      { host: pulumi.interpolate`ssh://${manager.machineName}`, sshOpts: ["-F", manager.sshConfig] },
      { parent: this, dependsOn: [init] },
    );

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
