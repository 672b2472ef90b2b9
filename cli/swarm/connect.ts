/** Finds the swarm that a verb is about, and a manager of it that answers. */
import * as engine from "../../engine/index";
import { swarmTrouble } from "../../host/swarmTrouble";
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
  const timeoutMs = (flags.timeout ?? usualTimeoutSeconds) * 1000;
  // A watch looks again and again, and names its manager each time.
  const tell = (text: string): void =>
    void (flags.watch === undefined && process.stderr.write(`note: ${text}\n`));
  const swarm = await connect(await clusterOf(flags), timeoutMs, tell);
  try {
    return await action(swarm);
  } finally {
    swarm.close();
  }
}

/** A manager that has said nothing for so long is not the only one that is asked any more. */
const headStartMs = 3000;

/**
 * The first of the managers that answers as one. Those that hang cost no more than the time-out all together.
 *
 * @param tell is told why those before it are not asked
 * @throws UserError that says of each manager why it is not the one
 */
export function connect(
  cluster: Cluster,
  timeoutMs: number,
  tell: (text: string) => void = () => undefined,
): Promise<Swarm> {
  const { managers } = cluster;
  const end = Date.now() + timeoutMs;
  const asked: Swarm[] = [];
  const refusals: string[] = [];
  let answers = 0;
  return new Promise((resolve, reject) => {
    let over = false;
    const settle = (used?: Swarm): void => {
      over = true;
      for (const swarm of asked) if (swarm !== used) swarm.close();
    };
    const askNext = (): void => {
      const index = asked.length;
      const manager = managers[index];
      if (over || manager === undefined) return;
      const swarm = new Swarm(cluster, manager, timeoutMs);
      asked.push(swarm);
      const further = setTimeout(askNext, Math.min(headStartMs, timeoutMs / 4));
      refusalOf(swarm, Math.max(1, end - Date.now()))
        .finally(() => clearTimeout(further))
        .then((refusal) => {
          if (over) return;
          if (refusal === undefined) {
            settle(swarm);
            const passedOver = managers
              .slice(0, index)
              .map(({ name }, before) => refusals[before] ?? `${name} has not answered yet`);
            if (index > 0) tell(`asked ${manager.name}, as ${passedOver.join("; ")}`);
            return resolve(swarm);
          }
          refusals[index] = refusal;
          answers++;
          if (answers < managers.length) return askNext();
          settle();
          reject(nobody(cluster, refusals));
        })
        .catch((error: unknown) => {
          // Closed when another was chosen, which is in use.
          if (over) return;
          settle();
          reject(error);
        });
    };
    askNext();
  });
}

function nobody({ name, managers, named }: Cluster, refusals: readonly string[]): UserError {
  const names = managers.map((manager) => manager.name);
  const said = refusals.join("\n  ");
  if (!named && refusals.every((refusal) => refusal.endsWith(inNoSwarm)))
    return new UserError(
      `the swarm of the cluster ${name} is gone: ${names.join(", ")} left it`,
      "with it went its services, networks, configs and secrets; volumes are still on the machines",
      `save what you need of the volumes; then vmcluster machine rm ${names.join(" ")}, and vmcluster up makes machine, swarm and services anew`,
    );
  const start = `vmcluster machine ls shows the machines; vmcluster machine start ${names.join(" ")} starts one that is stopped`;
  return new UserError(
    `no manager of the cluster ${name} answers as one`,
    said,
    swarmTrouble(said)?.remedy ?? start,
  );
}

/** As of a manager that left by force. */
const inNoSwarm = " is in no swarm (inactive)";

/** Why it cannot be asked; undefined if it can. */
async function refusalOf(swarm: Swarm, limitMs: number): Promise<string | undefined> {
  const { name } = swarm.manager;
  try {
    const { Swarm: state } = await swarm.get<ApiInfo>("/info", {}, limitMs);
    // Docker's words about a swarm that it is in, and has trouble with.
    const trouble = state?.Error ? (swarmTrouble(state.Error)?.what ?? state.Error) : undefined;
    if (state?.ControlAvailable) return trouble && `${name}: ${trouble}`;
    if (state?.LocalNodeState === "active") {
      const managers = managersKnownTo(swarm.cluster.members, state.RemoteManagers ?? []);
      return `${name} is a worker${managers === "" ? "" : `; a manager is ${managers}`}`;
    }
    if (state?.LocalNodeState === "inactive") return `${name}${inNoSwarm}`;
    return `${name} is not active in its swarm (${state?.LocalNodeState ?? "unknown"}${trouble ? `: ${trouble}` : ""})`;
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
