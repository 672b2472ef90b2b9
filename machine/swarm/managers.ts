/** Asking the managers of a cluster's swarm, over SSH; whichever of them answers. */
import { setTimeout as delay } from "node:timers/promises";
import type { NodeSSH } from "node-ssh";
import { z } from "zod";
import { run } from "../../host/run";
import { shellWord } from "../../host/shellWord";
import { swarmTrouble } from "../../host/swarmTrouble";
import { driverOf } from "../drivers";
import { inGuest } from "../guest";
import { type Progress, waiting } from "../progress";
import { openSession, sshTarget } from "../ssh/session";
import { listMachines, type MachineRecord } from "../store";
import { unlockSwarm } from "./unlock";

/** How long a running machine may take to let us in, and its tasks to end: Docker gives them 10 s unless told otherwise. */
const loginMs = 60_000;
export const drainSeconds = 120;

/** A manager that has just come up refuses for a while ("update out of sequence", "no leader"). */
const usualTries = 15;
export const pauseMs = 2000;
/** Of a swarm made elsewhere, of which nobody here knows whether it is to answer. */
const elsewhereTries = 3;
const elsewhereSeconds = 20;
/** More than the longest wait in a command. */
const commandMs = 1000 * (drainSeconds + 60);

const swarmInfo = z.object({
  NodeID: z.string().min(1),
  LocalNodeState: z.literal("active"),
  ControlAvailable: z.boolean(),
  /** As of a manager that is cut off from the others: it has no leader. */
  Error: z.string().nullish(),
  /** Those that it knows, itself too if it is one: also while its own part in that starts or ends. */
  RemoteManagers: z.array(z.object({ NodeID: z.string() })).nullish(),
});

const lockedInfo = z.object({ LocalNodeState: z.literal("locked") });

export type SwarmInfo = z.infer<typeof swarmInfo>;

/** Whether it can be asked about its swarm. One without a leader cannot. */
export const manages = (info: SwarmInfo | undefined): boolean =>
  info?.ControlAvailable === true && !info.Error;

/** Undefined if the node is in no swarm, or not active in it. A locked one is unlocked before, if its key is known. */
export async function swarmInfoOf(
  session: NodeSSH,
  machine: MachineRecord,
  progress: Progress = () => undefined,
): Promise<SwarmInfo | undefined> {
  const ask = async (): Promise<unknown> =>
    JSON.parse(await inGuest(session, "docker info --format '{{json .Swarm}}'"));
  try {
    let state = await ask();
    if (lockedInfo.safeParse(state).success) {
      await unlockSwarm(machine, session, progress);
      state = await ask();
    }
    return swarmInfo.safeParse(state).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const swarmState = z.object({ LocalNodeState: z.string(), Error: z.string().nullish() });

/** What Docker calls the node's state, `inactive`, `pending`, `active`, `error` or `locked`, and why it is not active. */
export const swarmStateOf = async (session: NodeSSH): Promise<z.infer<typeof swarmState>> =>
  swarmState.parse(JSON.parse(await inGuest(session, "docker info --format '{{json .Swarm}}'")));

/** Undefined if the machine does not run or lets nobody in. */
export async function login(machine: MachineRecord): Promise<NodeSSH | undefined> {
  const { driver, name } = machine.spec;
  if ((await driverOf(driver).state(name)) !== "running") return undefined;
  return openSession(sshTarget(machine), AbortSignal.timeout(loginMs)).catch(() => undefined);
}

/** The machine and the others of its cluster. */
export function clusterOf(machine: MachineRecord): MachineRecord[] {
  const { name, cluster } = machine.spec;
  const others = listMachines().filter(
    ({ spec, phase }) => phase === "ready" && spec.cluster === cluster && spec.name !== name,
  );
  return [machine, ...others];
}

/**
 * Runs `action` on the first of the machines that manages a swarm, one that knows the node if there is a `nodeId`.
 *
 * @throws Error with the reason if none does it
 */
export async function askManager<T>(
  machines: readonly MachineRecord[],
  nodeId: string | undefined,
  action: (session: NodeSSH, manager: MachineRecord) => Promise<T>,
  tries = usualTries,
): Promise<T> {
  let reason = "no manager of its swarm answers";
  for (let attempt = 1; ; attempt++) {
    for (const member of machines) {
      const session = await login(member);
      try {
        const info = session && (await swarmInfoOf(session, member));
        if (session === undefined || !manages(info)) {
          if (info?.Error) reason = `${member.spec.name}: ${swarmTrouble(info.Error)?.what ?? info.Error}`;
          continue;
        }
        if (nodeId !== undefined) await inGuest(session, `docker node inspect ${shellWord(nodeId)}`);
        return await action(session, member);
      } catch (error) {
        reason = (error as Error).message.trim().split("\n").at(-1) ?? reason;
      } finally {
        session?.dispose();
      }
    }
    if (attempt === tries) throw new Error(reason);
    await delay(pauseMs);
  }
}

/** Options of `ssh` by which it ends a minute after the other machine has vanished. */
export const serverAlive = ["-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4"];

/** Runs a command where the Docker client there, or here, talks to a manager. */
export type ManagerShell = (command: string) => Promise<string>;

/** At a Docker that the user's own SSH configuration reaches, or one of this host. */
function shellAt(host: string): ManagerShell {
  if (host.startsWith("unix:"))
    return async (command) =>
      (await run("sh", ["-c", command], { env: { DOCKER_HOST: host }, timeoutMs: commandMs })).stdout;
  const { username, hostname, port, pathname } = new URL(host);
  const socket = pathname.replace(/^\/$/, "");
  const args = [
    // A connection that outlives the command would hold its output open.
    ...serverAlive,
    ...["-T", "-o", "BatchMode=yes", "-o", `ConnectTimeout=${elsewhereSeconds}`, "-o", "ControlMaster=no"],
    ...(username === "" ? [] : ["-l", decodeURIComponent(username)]),
    ...(port === "" ? [] : ["-p", port]),
    ...["--", hostname.replace(/^\[(.*)\]$/, "$1")],
  ];
  const docker = socket === "" ? "" : `export DOCKER_HOST=${shellWord(`unix://${socket}`)}; `;
  return async (command) =>
    (await run("ssh", [...args, `${docker}${command}`], { timeoutMs: commandMs })).stdout;
}

/**
 * As `askManager`, of the swarm that a machine is a node of: through its cluster's managers, or where the swarm was made elsewhere through the
 * `host` that was given for it.
 */
export async function askSwarmOf<T>(
  machine: MachineRecord,
  nodeId: string | undefined,
  action: (manager: ManagerShell) => Promise<T>,
): Promise<T> {
  const host = machine.member?.host;
  if (host === undefined)
    return askManager(clusterOf(machine), nodeId, (session) =>
      action((command) => inGuest(session, command)),
    );
  const manager = shellAt(host);
  for (let attempt = 1; ; attempt++) {
    try {
      if (nodeId !== undefined) await manager(`docker node inspect ${shellWord(nodeId)}`);
      return await action(manager);
    } catch (error) {
      if (attempt < elsewhereTries) await delay(pauseMs);
      else throw new Error((error as Error).message.trim().split("\n").at(-1));
    }
  }
}

/** Waits until the drained node runs no task any more, two minutes at most. */
export async function tasksMoved(machine: MachineRecord, progress: Progress): Promise<void> {
  const session = await login(machine);
  const tasks = "docker ps -q --filter label=com.docker.swarm.task";
  const wait = `i=0; while [ -n "$(${tasks})" ] && [ $i -lt ${drainSeconds} ]; do i=$((i+1)); sleep 1; done`;
  if (session !== undefined) {
    const moved = inGuest(session, wait).catch(() => undefined);
    await waiting("waiting for its tasks to move", progress, moved);
  }
  session?.dispose();
}
