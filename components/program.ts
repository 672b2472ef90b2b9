/** What a program has made so far: what each component is told may be right, and two of them still not go together. */
import * as pulumi from "@pulumi/pulumi";
import type { SwarmClusterArgs } from "./cluster/args";
import { overlapping } from "./network/subnets";
import type { ServiceArgs, ServicePort, TaskArgs } from "./service/args";
import { isPlain, isWaitedFor } from "./waitedFor";

/** Names by their kind, with who has them. */
type Claims = Map<string, string>;

/** By what they are unique in: a program, or a swarm by its provider. */
const claims = new WeakMap<object, Claims>();

/** A process may run several programs, one after the other. */
const program = (): object => pulumi.runtime.getMonitor() ?? pulumi.runtime;

const claimsIn = (where: object): Claims => {
  const known = claims.get(where) ?? new Map<string, string>();
  claims.set(where, known);
  return known;
};

/** Does something with a value as soon as it is known: at once if it is so already. */
function whenKnown<T>(value: pulumi.Input<T>, act: (known: pulumi.Unwrap<T>) => void): void {
  if (isPlain(value)) act(value as pulumi.Unwrap<T>);
  else pulumi.output(value).apply(act);
}

/**
 * Refuses what another component of the program has already.
 *
 * @param kind such as `machine`, as part of what must be unique
 * @param field by which `what` was told it
 */
export function claim(
  kind: string,
  name: pulumi.Input<string>,
  what: string,
  field: string,
  where = program(),
): void {
  const all = claimsIn(where);
  whenKnown(name, (known) => {
    const key = `${kind} ${known}`;
    const holder = all.get(key);
    if (holder !== undefined)
      throw new pulumi.RunError(
        `${what}: ${field}: "${known}" is that of ${holder === what ? "another one" : holder} already`,
      );
    all.set(key, what);
  });
}

interface Cluster {
  readonly what: string;
  /** Forwarded to its machines; undefined where nothing has to be, or what is cannot be told. */
  readonly ports: SwarmClusterArgs["ports"] | undefined;
  /** Host names, undefined of hosts that have their own; and how many there are. */
  readonly nodes: { readonly names: pulumi.Input<string[]> | undefined; readonly count: number };
  /** Of each machine's sshd. */
  readonly sshPorts: readonly pulumi.Input<number>[];
  /** Of the traffic of overlay networks. */
  readonly dataPathPort: pulumi.Input<number>;
  /** Of the machines' private network; undefined for hosts that are there. */
  readonly subnet: pulumi.Input<string> | undefined;
  /** Whether the swarm takes its networks from where Docker does by default. */
  readonly defaultPool: boolean;
  /** QEMU's, or what else makes them; undefined for hosts that are there. */
  readonly driver: pulumi.Input<string> | undefined;
  /** What each machine has; undefined where it cannot be told. */
  readonly size?: { readonly cpus: pulumi.Input<number>; readonly memory: pulumi.Input<number> };
}

const clusters = new WeakMap<pulumi.ProviderResource, Cluster>();

export function rememberCluster(provider: pulumi.ProviderResource, cluster: Cluster): void {
  clusters.set(provider, cluster);
}

/** Where what a component makes goes; undefined: to the Docker of this host. */
const swarmOf = (component: pulumi.Resource): pulumi.ProviderResource | undefined =>
  component.getProvider("docker:index/service:Service");

/** The cluster on whose swarm a component puts what it makes; undefined if this program does not make it. */
function clusterOf(component: pulumi.Resource): Cluster | undefined {
  const provider = swarmOf(component);
  return provider && clusters.get(provider);
}

/** What the names of one swarm are unique in. */
export const namesOf = (component: pulumi.Resource): object => swarmOf(component) ?? program();

/** What nodes listen at themselves: a published port goes before it, and takes over the way to the node or to the swarm. */
function nodesOwn(at: string, ssh: readonly number[], dataPath: number): string | undefined {
  if (ssh.some((port) => at === `${port}/tcp`)) return "sshd";
  if (at === "2377/tcp") return "the swarm's managers";
  if (at === "7946/tcp" || at === "7946/udp") return "gossip of the swarm";
  return at === `${dataPath}/udp` ? "the traffic of overlay networks" : undefined;
}

interface Published {
  readonly what: string;
  readonly host: boolean;
}
const published = new WeakMap<object, Map<string, Published[]>>();

/**
 * Refuses ports that another service of the swarm or a node itself has, and those that nobody reaches as the cluster does not forward them. Two services may publish
 * one port of the nodes that run them (swarmkit, manager/controlapi/service.go): they may be on different ones.
 *
 * @param onNodes they are for the nodes alone
 */
export function claimPorts(
  component: pulumi.Resource,
  what: string,
  ports: pulumi.Input<pulumi.Input<ServicePort>[]> | undefined,
  field: (index: number) => string,
  onNodes: boolean,
): void {
  const where = namesOf(component);
  const all = published.get(where) ?? new Map<string, Published[]>();
  published.set(where, all);
  const cluster = clusterOf(component);
  const forwarded = onNodes ? undefined : cluster?.ports;
  const { sshPorts = [], dataPathPort = 0, driver } = cluster ?? {};
  const own = { sshPorts: [...sshPorts], dataPathPort, driver };
  whenKnown({ ports: ports ?? [], forwarded, own }, ({ ports, forwarded, own }) => {
    for (const [index, { published: at, protocol = "tcp", mode }] of ports.entries()) {
      if (at === undefined) continue;
      const key = `${at}/${protocol}`;
      const use = nodesOwn(key, own.sshPorts, own.dataPathPort);
      if (use !== undefined)
        throw new pulumi.RunError(
          `${what}: ${field(index)}: ${key} is the nodes' own, of ${use}: choose another one for ${cluster?.what}`,
        );
      const host = mode === "host";
      const others = all.get(key) ?? [];
      const other = others.find((one) => one.what !== what && !(one.host && host));
      if (other !== undefined)
        throw new pulumi.RunError(`${what}: ${field(index)}: ${key} is published by ${other.what} already`);
      all.set(key, [...others, { what, host }]);
      if (forwarded !== undefined && protocol !== "tcp" && own.driver === "qemu")
        void pulumi.log.warn(
          `${what}: ${field(index)}: ${key} answers between the nodes only: the ports of ${cluster?.what} forward TCP to this host, and nothing else`,
          component,
        );
      if (forwarded !== undefined && protocol === "tcp" && !forwarded.includes(at))
        throw new pulumi.RunError(
          `${what}: ${field(index)}: ${at} is not among the ports of ${cluster?.what}, so nobody would reach it from this host: ` +
            `add it there (ports: [${[...forwarded, at].join(", ")}])`,
        );
    }
  });
}

const subnetsOf = new WeakMap<object, { readonly what: string; readonly subnet: string }[]>();

/** Docker's default for it: the first /24 of its default pool. */
const ingress = "10.0.0.0/24";

/** Refuses subnets that the machines, the swarm or another network of the program have: the swarm lets tasks on them wait for ever. */
export function claimSubnets(
  component: pulumi.Resource,
  what: string,
  subnets: pulumi.Input<pulumi.Input<{ readonly subnet?: pulumi.Input<string> }>[]> | undefined,
): void {
  const where = namesOf(component);
  const all = subnetsOf.get(where) ?? [];
  subnetsOf.set(where, all);
  const cluster = clusterOf(component);
  whenKnown({ subnets: subnets ?? [], machines: cluster?.subnet }, ({ subnets, machines }) => {
    for (const [index, { subnet }] of subnets.entries()) {
      if (subnet === undefined) continue;
      const refuse = (other: string, whose: string): never => {
        throw new pulumi.RunError(`${what}: subnets.${index}.subnet: ${subnet} overlaps ${other}, ${whose}`);
      };
      if (machines !== undefined && overlapping(subnet, machines))
        refuse(machines, `the subnet of the machines of ${cluster?.what}`);
      if (cluster?.defaultPool && overlapping(subnet, ingress))
        refuse(ingress, `the swarm's own network ingress of ${cluster.what}`);
      const other = all.find((one) => one.what !== what && overlapping(subnet, one.subnet));
      if (other !== undefined) refuse(other.subnet, `which ${other.what} has already`);
      all.push({ what, subnet });
    }
  });
}

/** Placed by these alone, a task may go to any machine of the cluster, and to no larger one that another program adds. */
const ofEachSize = /^\s*node\.(role|platform\.\w+)\s*[!=]=/i;

/** Refuses what no machine of the cluster could ever run. */
export function checkSize(
  component: pulumi.Resource,
  what: string,
  { cpuLimit, cpuReservation, memoryReservation, constraints = [] }: TaskArgs,
): void {
  const cluster = clusterOf(component);
  if (cluster?.size === undefined) return;
  whenKnown({ cpuLimit, cpuReservation, memoryReservation, constraints, size: cluster.size }, (known) => {
    if (!known.constraints.every((one) => ofEachSize.test(one))) return;
    const check = (field: string, asked: number | undefined, there: number, unit: string): void => {
      if (asked !== undefined && asked > there)
        throw new pulumi.RunError(
          `${what}: ${field}: ${asked}${unit} can never run: each machine of ${cluster.what} has ${there}${unit}`,
        );
    };
    // Docker on the node refuses the container (daemon/daemon_unix.go in moby/moby).
    check("cpuLimit", known.cpuLimit, known.size.cpus, " CPUs");
    check("cpuReservation", known.cpuReservation, known.size.cpus, " CPUs");
    check("memoryReservation", known.memoryReservation, known.size.memory, " MiB");
  });
}

/** Says what waits for nodes that the cluster does not have: others may have joined it, by hand or from another program. */
export function warnOfPlaces(
  component: pulumi.Resource,
  what: string,
  { mode = "replicated", replicas = 1, maxReplicasPerNode = 0, ports = [], constraints = [] }: ServiceArgs,
): void {
  const cluster = clusterOf(component);
  if (cluster === undefined) return;
  const { names, count } = cluster.nodes;
  whenKnown({ mode, replicas, maxReplicasPerNode, ports, constraints, names }, (known) => {
    const warn = (field: string, message: string): void =>
      void pulumi.log.warn(
        `${what}: ${field}: ${message}; ${cluster.what} has ${count} of its own, so tasks wait until others join`,
        component,
      );
    const { replicas: all, maxReplicasPerNode: most } = known;
    const byPort = known.ports.some(({ mode, published }) => mode === "host" && published !== undefined);
    const onEach = byPort ? 1 : most;
    if (known.mode === "replicated" && onEach > 0 && all > onEach * count)
      warn(
        "replicas",
        `${all} need ${Math.ceil(all / onEach)} nodes, as ${byPort ? "a port in the mode host is there once on a node" : `maxReplicasPerNode is ${most}`}`,
      );
    for (const [index, constraint] of known.constraints.entries()) {
      const asked = /^\s*node\.hostname\s*==\s*(.+?)\s*$/i.exec(constraint)?.[1];
      if (asked !== undefined && known.names && !known.names.some((name) => sameText(name, asked)))
        warn(`constraints.${index}`, `no node is "${asked}", they are ${known.names.join(", ")}`);
    }
  });
}

/** As the swarm compares (swarmkit, manager/constraint/constraint.go). */
const sameText = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

interface Origin {
  readonly what: string;
  readonly provider: pulumi.ProviderResource | undefined;
}

/** By the IDs that components give out. */
const origins = new WeakMap<object, Origin>();

/** Notes in which swarm it is. */
export function rememberOrigin(id: pulumi.Output<string>, component: pulumi.Resource, what: string): void {
  origins.set(id, { what, provider: swarmOf(component) });
}

/** What has this ID, if it is one as a component gives it out. */
export const originOf = (id: unknown): string | undefined =>
  typeof id === "object" && id !== null ? origins.get(id)?.what : undefined;

/** Refuses IDs of another cluster's networks, secrets and configs, as far as a program gives them as they are. */
export function checkOrigins(
  component: pulumi.Resource,
  what: string,
  field: string,
  all: pulumi.Input<pulumi.Input<object>[]> | undefined,
  id: "id" | "networkId",
): void {
  const provider = swarmOf(component);
  const here = provider && clusters.get(provider);
  if (here === undefined || !Array.isArray(all)) return;
  for (const [index, one] of all.entries()) {
    const given: unknown = isWaitedFor(one) ? undefined : Reflect.get(one as object, id);
    const origin = typeof given === "object" && given !== null ? origins.get(given) : undefined;
    const there = origin?.provider && clusters.get(origin.provider);
    if (there !== undefined && there !== here)
      throw new pulumi.RunError(
        `${what}: ${field}.${index}.${id}: is ${origin?.what} of ${there.what}, this is on ${here.what}`,
      );
  }
}

const warned = new WeakSet<pulumi.Resource>();

/** Says where a component goes whose options name no swarm, once for what it consists of. */
export function warnWithoutSwarm(
  component: pulumi.Resource,
  what: string,
  opts: pulumi.ComponentResourceOptions | undefined,
): void {
  if (swarmOf(component) !== undefined || new pulumi.Config("docker").get("host") !== undefined) return;
  const known = opts?.parent !== undefined && warned.has(opts.parent);
  warned.add(component);
  if (known) return;
  const host = process.env.DOCKER_HOST;
  void pulumi.log.warn(
    `${what}: its options name no swarm, so it goes to ${host ? `DOCKER_HOST (${host})` : "the Docker of this host"}: for a cluster give it cluster.onSwarm as its options; ` +
      "if you mean it, a docker provider or the configuration docker:host",
    component,
  );
}
