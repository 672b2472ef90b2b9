/**
 * What a restart does to a node of a swarm: its tasks move to others before, and it takes tasks again after.
 * https://docs.docker.com/engine/swarm/swarm-tutorial/drain-node/
 */
import { setTimeout as delay } from "node:timers/promises";
import type { NodeSSH } from "node-ssh";
import { z } from "zod";
import { shellWord } from "../host/shellWord";
import { UserError } from "../host/userError";
import { driverOf } from "./drivers";
import { inGuest } from "./guest";
import { type Progress, waiting } from "./progress";
import { openSession, sshTarget } from "./ssh/session";
import { listMachines, type MachineRecord } from "./store";

/** How long a running machine may take to let us in, and its tasks to end: Docker gives them 10 s unless told otherwise. */
const loginMs = 60_000;
const drainSeconds = 120;

/** A manager that has just come up refuses for a while ("update out of sequence", "no leader"). */
const tries = 15;
const pauseMs = 2000;

const swarmInfo = z.object({
  NodeID: z.string().min(1),
  LocalNodeState: z.literal("active"),
  ControlAvailable: z.boolean(),
});

type SwarmInfo = z.infer<typeof swarmInfo>;

async function swarmInfoOf(session: NodeSSH): Promise<SwarmInfo | undefined> {
  const text = await inGuest(session, "docker info --format '{{json .Swarm}}'");
  try {
    return swarmInfo.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Undefined if the machine does not run or lets nobody in. */
async function login(machine: MachineRecord): Promise<NodeSSH | undefined> {
  const { driver, name } = machine.spec;
  if ((await driverOf(driver).state(name)) !== "running") return undefined;
  return openSession(sshTarget(machine), AbortSignal.timeout(loginMs)).catch(() => undefined);
}

/** The node's ID if the machine is in a swarm; undefined also if it does not answer. */
export async function swarmNodeId(machine: MachineRecord): Promise<string | undefined> {
  const session = await login(machine);
  try {
    return session && (await swarmInfoOf(session))?.NodeID;
  } finally {
    session?.dispose();
  }
}

/**
 * Runs `action` on a manager that knows the node: the node itself, or another machine of its cluster.
 *
 * @throws Error with the reason if none does it
 */
async function askManager(
  machine: MachineRecord,
  nodeId: string,
  action: (session: NodeSSH) => Promise<void>,
): Promise<void> {
  const { name, cluster } = machine.spec;
  const others = listMachines().filter(
    ({ spec, phase }) => phase === "ready" && spec.cluster === cluster && spec.name !== name,
  );
  let reason = "no manager of its swarm answers";
  for (let attempt = 1; ; attempt++) {
    for (const member of [machine, ...others]) {
      const session = await login(member);
      try {
        if (session === undefined || !(await swarmInfoOf(session))?.ControlAvailable) continue;
        await inGuest(session, `docker node inspect ${shellWord(nodeId)}`);
        await action(session);
        return;
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

/**
 * Moves the node's tasks to others and waits until they are gone from it. Nothing is done to a swarm's only node that takes
 * tasks, to one that a person has drained or paused, or if no manager answers.
 *
 * @param before called when it will be drained, before it is
 * @returns whether it has to be made active again
 */
export async function drain(
  machine: MachineRecord,
  nodeId: string,
  progress: Progress,
  before: () => void,
): Promise<boolean> {
  const id = shellWord(nodeId);
  let drains = false;
  const ask = askManager(machine, nodeId, async (session) => {
    const nodes = await inGuest(session, "docker node ls --format '{{.Status}} {{.Availability}}'");
    const taking = nodes.split("\n").filter((line) => line.trim() === "Ready Active").length;
    if (taking < 2 && !drains) return;
    const availability = await inGuest(
      session,
      `docker node inspect --format '{{.Spec.Availability}}' ${id}`,
    );
    // The second time round it may be ours that is drained already.
    if (availability.trim() !== "active" && !drains) return;
    if (!drains) {
      drains = true;
      before();
      progress("draining the swarm node");
    }
    await inGuest(session, `docker node update --availability drain ${id}`);
  });
  try {
    await waiting("asking a manager of its swarm", progress, ask);
  } catch (error) {
    progress(`its tasks are not moved before it restarts: ${(error as Error).message}`);
    return drains;
  }
  if (!drains) return false;
  const session = await login(machine);
  const tasks = "docker ps -q --filter label=com.docker.swarm.task";
  const wait = `i=0; while [ -n "$(${tasks})" ] && [ $i -lt ${drainSeconds} ]; do i=$((i+1)); sleep 1; done`;
  if (session !== undefined) {
    const moved = inGuest(session, wait).catch(() => undefined);
    await waiting("waiting for its tasks to move", progress, moved);
  }
  session?.dispose();
  return true;
}

/**
 * Lets a node that `drain` drained take tasks again.
 *
 * @throws UserError if no manager does it
 */
export async function activate(machine: MachineRecord, nodeId: string, progress: Progress): Promise<void> {
  const ask = askManager(machine, nodeId, async (session) => {
    await inGuest(session, `docker node update --availability active ${shellWord(nodeId)}`);
  });
  try {
    await waiting("making the swarm node active", progress, ask);
  } catch (error) {
    throw new UserError(
      `machine "${machine.spec.name}" is up, but its swarm gives it no tasks`,
      (error as Error).message,
      "the next `up` or `vmcluster machine provision` tries again",
    );
  }
}
