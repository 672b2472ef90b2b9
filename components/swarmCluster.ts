import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { MachineStatus } from "../machine/result";
import type { OnSwarm, SwarmClusterArgs, SwarmNode } from "./cluster/args";
import { clusterArguments, clusterRules } from "./cluster/argumentSchemas";
import { clusterMembers } from "./cluster/members";
import { nodeCommands, roleOf } from "./cluster/nodeCommands";
import { nodeName } from "./cluster/nodes";
import { type SwarmAnswer, swarmCommand } from "./cluster/swarmCommand";
import { swarmSettings } from "./cluster/swarmSettings";
import { newTokens } from "./cluster/tokens";
import { Component } from "./component";
import { Machine } from "./machine";
import { NodeImage } from "./nodeImage";
import { claim, rememberCluster } from "./program";
import { checkArguments } from "./service/arguments";

/** At once, if the start of them is known so. */
function nodeNames(start: pulumi.Input<string>, count: number): pulumi.Input<string[]> {
  const named = (known: string) => Array.from({ length: count }, (_, index) => nodeName(known, index));
  return typeof start === "string" ? named(start) : pulumi.output(start).apply(named);
}

/**
 * Virtual machines, or hosts that are there already, that form a Docker Swarm: the first makes it, the others join over SSH. What runs on it is declared with
 * the options `onSwarm`.
 *
 * The option `ignoreChanges` takes `cpus`, `memory`, `disk`, `ports` and `images`: machines that are there keep their own.
 *
 * @example
 * const cluster = new SwarmCluster("my", { nodeCount: 3, ports: [8000] });
 * new docker.Service("hello", { ... }, cluster.onSwarm);
 *
 * @example
 * new SwarmCluster("home", { hosts: [{ host: "10.0.0.5" }, { host: "pi.local", sshUser: "ada" }] });
 */
export class SwarmCluster extends Component {
  readonly machines: readonly Machine[];
  /** The first of them, which manages the swarm. */
  readonly manager: Machine;
  readonly nodes: pulumi.Output<SwarmNode[]>;
  /** Docker provider of the swarm, over SSH: through the first of its managers that answers. */
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
  /** What lets a manager that has restarted into a swarm with `autolock`; undefined without. Secret. */
  readonly unlockKey: pulumi.Output<string | undefined>;
  /** Command that logs in to each node, by name. */
  readonly ssh: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: SwarmClusterArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:SwarmCluster", name, opts);
    const what = `SwarmCluster "${name}"`;
    checkArguments(what, args, clusterArguments, clusterRules(name, args));
    claim("cluster", args.clusterName ?? name, what, "clusterName");
    const { hosts, suite, image, imageChecksum } = args;
    const count = hosts?.length ?? args.nodeCount ?? 2;
    const managerTotal = args.managers ?? 1;
    const all = clusterMembers(name, count, args, opts, this);
    const { clusterName, statuses } = all;
    const asIs = clusterName.apply((cluster) => swarmSettings(cluster, this));

    const before =
      hosts === undefined
        ? [new NodeImage(`${name}-image`, { suite, image, imageChecksum }, { parent: this })]
        : [];
    this.machines = all.members.map((member, index) => {
      const status = pulumi
        // No machine is changed before it is known that the swarm can be.
        .all([statuses, member.machineName, asIs.apply(() => undefined)])
        .apply(([all, machine]) => all[machine] as MachineStatus);
      return new Machine(
        `${name}-vm${index + 1}`,
        { ...all.shared, ...member, status },
        { parent: this, dependsOn: before },
      );
    });
    const managers = this.machines.slice(0, managerTotal) as [Machine, ...Machine[]];
    this.manager = managers[0];
    const managerNames = pulumi.all(managers.map(({ machineName }) => machineName));

    const swarm = { ...all, name, parent: this, machines: this.machines, managers, managerNames, asIs };
    const made = swarmCommand(swarm, args);
    const answer = made.stdout.apply((printed) => JSON.parse(printed) as SwarmAnswer);
    this.unlockKey = pulumi.secret(answer.apply(({ UnlockKey }) => UnlockKey));
    const joined = nodeCommands(swarm, made, args);
    const tokens = args.swarm?.rotateTokens ? newTokens(swarm, made, joined) : answer.JoinTokens;
    this.workerToken = pulumi.secret(tokens.Worker);
    this.managerToken = pulumi.secret(tokens.Manager);

    const swarmSshConfig = statuses.apply((all) => (Object.values(all)[0] as MachineStatus).swarmSshConfig);
    const taken: pulumi.CustomResourceOptions = {
      parent: this,
      dependsOn: [made],
      replaceWith: [made],
      deleteBeforeReplace: true,
    };
    this.provider = new docker.Provider(
      `${name}-docker`,
      { host: pulumi.interpolate`ssh://${clusterName}`, sshOpts: ["-F", swarmSshConfig] },
      taken,
    );
    rememberCluster(this.provider, {
      what,
      // Hosts have no forwarding, and machines that keep their ports may have any.
      ports: hosts !== undefined || opts?.ignoreChanges?.includes("ports") ? undefined : (args.ports ?? []),
      nodes: { names: hosts === undefined ? nodeNames(args.clusterName ?? name, count) : undefined, count },
      sshPorts: hosts === undefined ? [22] : hosts.map(({ sshPort }) => sshPort ?? 22),
      dataPathPort: args.swarm?.dataPathPort ?? 4789,
      subnet: hosts === undefined ? (args.subnet ?? "192.168.56.0/24") : undefined,
      defaultPool: args.swarm?.defaultAddressPools === undefined,
      driver: hosts === undefined ? (args.driver ?? "qemu") : undefined,
      size:
        hosts !== undefined || ["cpus", "memory"].some((field) => opts?.ignoreChanges?.includes(field))
          ? undefined
          : { cpus: args.cpus ?? 1, memory: args.memory ?? 1024 },
    });
    // The provider stands for the swarm: unlike its roots it is taken along by them, so what is deleted with it is not asked for.
    this.onSwarm = {
      provider: this.provider,
      dependsOn: [this],
      deletedWith: this.provider,
      replaceWith: [made],
      deleteBeforeReplace: true,
    };

    this.nodes = pulumi.output(
      this.machines.map((machine, index) => ({
        name: machine.machineName,
        role: roleOf(index, managerTotal),
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
    this.registerOutputs({ nodes: this.nodes, ssh: this.ssh, joined: joined.map((node) => node.stdout) });
  }
}
