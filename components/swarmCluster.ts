import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { MachineStatus } from "../machine/result";
import { optionDifferences } from "../machine/swarm/options";
import { Machine } from "./machine";
import { machineCommand } from "./machineCommand";
import { machineOwner } from "./machineOwner";
import { machineSpec } from "./machineSpec";
import { machineStatus } from "./machineStatus";
import { NodeImage } from "./nodeImage";
import { nodeSettings } from "./nodeSettings";
import { checkMajority, managerCount, nodeAddress, nodeCount, nodeName } from "./nodes";
import { Checker } from "./service/checks";
import { checkedOptions, checkMaking, type SwarmOptionsArgs } from "./swarmOptions";
import { asksSettings, conditionVariable, nodeCondition, swarmSettings } from "./swarmSettings";

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
  /** The host's SSH key, `ssh-ed25519 AAAA…`. Default: the one it shows the first time, pinned from then on. */
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

/** What the machine command prints of the swarm. */
interface SwarmAnswer {
  readonly JoinTokens: { readonly Worker: string; readonly Manager: string };
  /** Only of a swarm that locks its managers. */
  readonly UnlockKey?: string;
}

/** Who made the swarm of a machine that stays. */
const founderOf = (status: MachineStatus | undefined): string[] =>
  status?.machine && status.swarm ? [status.swarm.founder] : [];

/** What of a host is the machine's, not the node's. */
const withoutDataPath = ({ dataPathAddress: _node, ...machine }: SwarmHost) => machine;

/** See {@link SwarmCluster.onSwarm}. */
export interface OnSwarm {
  readonly provider: docker.Provider;
  readonly dependsOn: pulumi.Resource[];
  readonly deletedWith: pulumi.Resource;
  readonly replaceWith: pulumi.Resource[];
  readonly deleteBeforeReplace: true;
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
export class SwarmCluster extends pulumi.ComponentResource {
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
    super("vmcluster:index:SwarmCluster", name, {}, opts);
    const { hosts } = args;
    const count = nodeCount(hosts?.length ?? args.nodeCount ?? 2);
    const managerTotal = managerCount(args.managers ?? 1, count);
    const clusterName = pulumi.output(args.clusterName ?? name);
    const subnet = pulumi.output(args.subnet ?? "192.168.56.0/24");
    const { cpus, memory, disk, ports, suite, driver, image, imageChecksum } = args;
    const images = args.images ?? [];
    const shared =
      hosts === undefined
        ? { clusterName, driver, cpus, memory, disk, subnet, ports, images, suite, image, imageChecksum }
        : { clusterName, driver: "generic", images };
    const dataPaths = (hosts ?? []).map(({ dataPathAddress }) =>
      new Checker("SwarmCluster").optional(
        "hosts.dataPathAddress",
        z.ipv4("must be an IPv4 address of the host"),
        dataPathAddress,
      ),
    );
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
          })),
        ),
      )
      .apply((all) => {
        checkMajority(
          Object.entries(all).map(([node, { machine, swarm }]) => ({
            name: node,
            stays: machine !== undefined,
            manager: swarm?.manager ?? false,
          })),
        );
        return all;
      });

    const asIs = asksSettings(args)
      ? clusterName.apply((cluster) => swarmSettings(cluster, this))
      : pulumi.output(undefined);

    const before =
      hosts === undefined
        ? [new NodeImage(`${name}-image`, { suite, image, imageChecksum }, { parent: this })]
        : [];
    this.machines = members.map((member, index) => {
      const status = pulumi
        .all([statuses, member.machineName])
        .apply(([all, machine]) => all[machine] as MachineStatus);
      return new Machine(
        `${name}-vm${index + 1}`,
        { ...shared, ...member, status },
        { parent: this, dependsOn: before },
      );
    });
    const managers = this.machines.slice(0, managerTotal);
    const [manager] = managers as [Machine, ...Machine[]];
    this.manager = manager;
    const managerNames = pulumi.all(managers.map(({ machineName }) => machineName));

    // The swarm is known by who made it: it lives as long as one of its managers does.
    const swarmId = pulumi
      .all([statuses, pulumi.all(members.slice(0, managerTotal).map(({ machineName }) => machineName))])
      .apply(([all, names]) => names.flatMap((node) => founderOf(all[node]))[0] ?? manager.machineId);
    const rotates = args.swarm?.rotateTokens ?? false;
    const checked = checkedOptions(args.swarm ?? {}, hosts === undefined ? subnet : undefined);
    const options = pulumi.all([checked, swarmId, statuses]).apply(([options, founder, all]) => {
      checkMaking(options, founder, Object.values(all));
      return options;
    });
    const swarmCommand = new command.local.Command(
      `${name}-swarm`,
      {
        interpreter: machineCommand("machine"),
        create: "swarm-ensure",
        stdin: pulumi.jsonStringify({
          cluster: clusterName,
          managers: managerNames,
          machineIds: pulumi.all(managers.map(({ machineId }) => machineId)),
          options,
          dataPathAddress: dataPaths[0],
          ...(rotates && { rotateTokens: true }),
        }),
        environment: conditionVariable(
          pulumi.all([options, asIs, statuses]).apply(([options, asIs, all]) => ({
            recorded: Object.values(all)[0]?.swarmCondition,
            found: asIs === undefined ? [] : optionDifferences(options, asIs.options),
          })),
        ),
        triggers: [swarmId],
        logging: command.local.Logging.Stderr,
        addPreviousOutputInEnv: false,
      },
      {
        parent: this,
        deleteBeforeReplace: true,
        additionalSecretOutputs: ["stdout"],
        // While an existing host is made a machine, the swarm's ports are tried on the others: nothing may listen there for a while.
        dependsOn: hosts === undefined ? [] : this.machines.map(({ vm }) => vm),
      },
    );
    const swarm = swarmCommand.stdout.apply((answer) => JSON.parse(answer) as SwarmAnswer);
    this.unlockKey = pulumi.secret(swarm.apply(({ UnlockKey }) => UnlockKey));
    const roots = [swarmCommand];

    const settings = nodeSettings(
      this.machines.map(({ machineName }) => machineName),
      args,
    );
    const joined = this.machines.map((machine, index) => {
      const role = index < managerTotal ? ("manager" as const) : ("worker" as const);
      return new command.local.Command(
        `${name}-node${index + 1}`,
        {
          interpreter: machineCommand("machine"),
          create: "swarm-node",
          delete: "swarm-leave",
          stdin: pulumi.jsonStringify({
            machine: machine.machineName,
            machineId: machine.machineId,
            role,
            availability: settings.apply((all) => all[index]?.availability),
            labels: settings.apply((all) => all[index]?.labels ?? {}),
            dataPathAddress: dataPaths[index],
            managers: managerNames,
          }),
          environment: conditionVariable(
            pulumi
              .all([settings, asIs, statuses, members[index]?.machineName])
              .apply(([settings, asIs, all, machineName = ""]) =>
                nodeCondition(
                  {
                    role,
                    availability: settings[index]?.availability,
                    labels: settings[index]?.labels ?? {},
                  },
                  asIs,
                  all[machineName]?.swarm,
                ),
              ),
          ),
          triggers: [machine.machineId, ...(dataPaths[index] === undefined ? [] : [dataPaths[index]])],
          logging: command.local.Logging.Stderr,
        },
        {
          parent: this,
          // With the whole cluster goes the swarm: nobody has to leave it.
          deletedWith: swarmCommand,
          replaceWith: [...roots, machine.vm],
          deleteBeforeReplace: true,
          dependsOn: [swarmCommand],
        },
      );
    });

    const tokens = rotates
      ? new command.local.Command(
          `${name}-tokens`,
          {
            interpreter: machineCommand("machine"),
            create: "swarm-tokens",
            stdin: pulumi.jsonStringify({
              managers: managerNames,
              // Whoever joins next is another one of these.
              machineIds: pulumi.all(this.machines.map(({ machineId }) => machineId)),
            }),
            logging: command.local.Logging.Stderr,
            addPreviousOutputInEnv: false,
          },
          {
            parent: this,
            dependsOn: joined,
            replaceWith: roots,
            deleteBeforeReplace: true,
            additionalSecretOutputs: ["stdout"],
          },
        ).stdout.apply((answer) => JSON.parse(answer) as SwarmAnswer["JoinTokens"])
      : swarm.JoinTokens;
    this.workerToken = pulumi.secret(tokens.Worker);
    this.managerToken = pulumi.secret(tokens.Manager);

    const taken: pulumi.CustomResourceOptions = {
      parent: this,
      dependsOn: [swarmCommand],
      replaceWith: roots,
      deleteBeforeReplace: true,
    };
    const swarmSshConfig = statuses.apply((all) => (Object.values(all)[0] as MachineStatus).swarmSshConfig);
    this.provider = new docker.Provider(
      `${name}-docker`,
      { host: pulumi.interpolate`ssh://${clusterName}`, sshOpts: ["-F", swarmSshConfig] },
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
        role: index < managerTotal ? ("manager" as const) : ("worker" as const),
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
