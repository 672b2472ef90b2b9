/** The clusters that a stack's state, or the store of machines, knows of. */
import { z } from "zod";
import { UserError } from "../../host/userError";
import { machineFiles } from "../../machine/paths";
import { machineNamed } from "../../machine/power";
import { listMachines, type MachineRecord, managersOf } from "../../machine/store";
import { type Daemon, daemonOf, parseSettings } from "../../providers/docker/settings";
import type { PropertyMap } from "../../providers/rpc/values";
import type { Cluster, Member } from "./swarm";

const resource = z.object({
  urn: z.string(),
  id: z.string().optional(),
  type: z.string(),
  parent: z.string().optional(),
  /** URN and ID of its provider. */
  provider: z.string().optional(),
  delete: z.boolean().optional(),
  deletedWith: z.string().optional(),
  dependencies: z.array(z.string()).nullish(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
});
export type StateResource = z.infer<typeof resource>;

const deployment = z.object({ resources: z.array(resource).nullish() });

const clusterNodes = z.array(
  z.object({ name: z.string(), role: z.string(), address: z.string(), privateAddress: z.string() }),
);

/** What an exported stack holds; of what was replaced and waits to be deleted, `delete` is set. */
export const allResourcesOf = (exported: unknown): StateResource[] =>
  deployment.parse(exported).resources ?? [];

/** The same without that. */
export const resourcesOf = (exported: unknown): StateResource[] =>
  allResourcesOf(exported).filter((one) => one.delete !== true);

export const nameOf = (urn: string): string => urn.split("::").slice(3).join("::");

/** Of a machine of the store. */
export const sshDaemon = (name: string): Daemon => ({
  kind: "ssh",
  user: undefined,
  host: name,
  port: undefined,
  socket: undefined,
  options: ["-F", machineFiles(name).sshConfig],
});

/** Where a docker provider's daemon is; undefined if that cannot be read from the state, as when it is a secret. */
export function daemonOfProvider(provider: StateResource): Daemon | undefined {
  const inputs = (provider.inputs ?? {}) as PropertyMap;
  if (typeof inputs.host !== "string") return undefined;
  const daemon = daemonOf(parseSettings({ host: inputs.host, sshOpts: inputs.sshOpts ?? "[]" }));
  return daemon;
}

/** The machines of a docker provider's swarm: those of the SwarmCluster it belongs to, at least the one it talks to. */
export function clustersOf(resources: readonly StateResource[]): Cluster[] {
  return resources
    .filter(({ type }) => type === "pulumi:providers:docker")
    .flatMap((provider): Cluster[] => {
      const daemon = daemonOfProvider(provider);
      if (daemon === undefined) return [];
      const owner = resources.find(
        ({ urn, type }) => urn === provider.parent && type === "vmcluster:index:SwarmCluster",
      );
      const nodes = clusterNodes.safeParse(owner?.outputs?.nodes).data ?? [];
      const first: Member = { name: daemon.kind === "ssh" ? daemon.host : daemon.socket, daemon };
      const members = nodes.map(
        (node): Member => ({
          name: node.name,
          daemon: node.name === first.name ? daemon : sshDaemon(node.name),
          address: node.address,
          privateAddress: node.privateAddress,
        }),
      );
      const name = nameOf((owner ?? provider).urn);
      const roles = new Map(nodes.map(({ name, role }) => [name, role]));
      const managers = members.filter((member) => roles.get(member.name) === "manager");
      // A cluster's provider names the cluster: whichever of its managers answers. That of earlier versions names one of them.
      return managers.length === 0
        ? [{ name, managers: [first], members: [first, ...members] }]
        : [{ name, managers, members }];
    });
}

const memberOf = ({ spec, network }: MachineRecord): Member => ({
  name: spec.name,
  daemon: sshDaemon(spec.name),
  address: network.address,
  privateAddress: network.privateAddress,
});

/** The cluster of a machine of the store, which is the one to ask. @throws UserError if there is no such machine */
export function clusterOfMachine(name: string): Cluster {
  const machine = machineNamed(name);
  const { cluster } = machine.spec;
  const members = listMachines()
    .filter(({ spec }) => spec.cluster === cluster)
    .map(memberOf);
  return { name: cluster, managers: [memberOf(machine)], members, named: true };
}

/** The machines of a cluster in the store, and those of them that manage its swarm. */
export function clusterOfStore(cluster: string): Cluster {
  const members = listMachines().filter(({ spec }) => spec.cluster === cluster);
  return { name: cluster, managers: managersOf(cluster).map(memberOf), members: members.map(memberOf) };
}

/** @throws UserError that names what there is, unless one is meant */
export function chooseCluster(clusters: readonly Cluster[], wanted: string | undefined): Cluster {
  const names = clusters.map(({ name, managers }) => `${name} (${managers[0]?.name})`).join(", ");
  const [first] = clusters;
  if (first === undefined) {
    throw new UserError(
      "this stack has no swarm",
      "its state holds no docker provider that belongs to a SwarmCluster",
      "vmcluster up makes what the program declares; --machine NAME asks a machine without a stack",
    );
  }
  if (wanted === undefined) {
    if (clusters.length === 1) return first;
    throw new UserError(`this stack has several clusters`, `there are: ${names}`, "name one with --cluster");
  }
  const found = clusters.find(({ name }) => name === wanted);
  if (found === undefined) throw new UserError(`no cluster named '${wanted}'`, `there are: ${names}`);
  return found;
}
