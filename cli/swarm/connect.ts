/** Finds the swarm that a verb is about, and a manager of it that answers. */
import * as engine from "../../engine/index";
import { UserError } from "../../host/userError";
import { openSession } from "../session";
import { chooseStack } from "../stackChoice";
import { chooseCluster, clusterOfMachine, clustersOf, resourcesOf, type StateResource } from "./clusters";
import type { SwarmFlags } from "./flags";
import { type Cluster, type Member, Swarm } from "./swarm";

/** Emulated machines on a busy host take ten for the first answer. */
const usualTimeoutSeconds = 30;

interface ApiInfo {
  readonly Swarm?: {
    readonly LocalNodeState?: string;
    readonly ControlAvailable?: boolean;
    readonly Error?: string;
    readonly RemoteManagers?: readonly { readonly Addr?: string }[] | null;
  };
}

/** What the selected stack's state holds. @throws UserError if there is no project or stack */
export async function stateOf(flags: SwarmFlags): Promise<StateResource[]> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  const { deployment } = await engine.exportStack({ ...session, stack, showSecrets: false });
  return resourcesOf(deployment);
}

async function clusterOf(flags: SwarmFlags): Promise<Cluster> {
  if (flags.machine !== undefined) return clusterOfMachine(flags.machine);
  return chooseCluster(clustersOf(await stateOf(flags)), flags.cluster);
}

/** Runs an action on the swarm that the flags mean, through a manager that answers. */
export async function onSwarm<T>(flags: SwarmFlags, action: (swarm: Swarm) => Promise<T>): Promise<T> {
  const swarm = await connect(await clusterOf(flags), (flags.timeout ?? usualTimeoutSeconds) * 1000);
  try {
    return await action(swarm);
  } finally {
    swarm.close();
  }
}

/** @throws UserError that says of each manager why it is not the one */
export async function connect(cluster: Cluster, timeoutMs: number): Promise<Swarm> {
  const refusals: string[] = [];
  for (const manager of cluster.managers) {
    const swarm = new Swarm(cluster, manager, timeoutMs);
    const refusal = await refusalOf(swarm);
    if (refusal === undefined) return swarm;
    swarm.close();
    refusals.push(refusal);
  }
  const names = cluster.managers.map(({ name }) => name);
  throw new UserError(
    `no manager of the cluster ${cluster.name} answers as one`,
    refusals.join("\n  "),
    `vmcluster machine ls shows the machines; vmcluster machine start ${names.join(" ")} starts one that is stopped`,
  );
}

/** Why it cannot be asked; undefined if it can. */
async function refusalOf(swarm: Swarm): Promise<string | undefined> {
  const { name } = swarm.manager;
  try {
    const { Swarm: state } = await swarm.get<ApiInfo>("/info");
    if (state?.ControlAvailable) return undefined;
    if (state?.LocalNodeState === "active") {
      const managers = managersKnownTo(swarm.cluster.members, state.RemoteManagers ?? []);
      return `${name} is a worker${managers === "" ? "" : `; a manager is ${managers}`}`;
    }
    const error = state?.Error ? `: ${state.Error}` : "";
    return `${name} is in no swarm (${state?.LocalNodeState ?? "unknown"}${error})`;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const told = (error.why ?? error.what).replace(/^the SSH connection to \S+ ended: /, "");
    return error.what.startsWith(name) ? error.what : `${name}: ${told.split("\n", 1)[0]}`;
  }
}

function managersKnownTo(members: readonly Member[], remote: readonly { readonly Addr?: string }[]): string {
  const hosts = remote.map(({ Addr = "" }) => Addr.replace(/:\d+$/, ""));
  return members
    .filter(({ privateAddress }) => privateAddress !== undefined && hosts.includes(privateAddress))
    .map(({ name }) => name)
    .join(", ");
}
