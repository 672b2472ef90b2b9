/**
 * What a restart does to a node of a swarm: its tasks move to others before, and it takes tasks again after.
 * https://docs.docker.com/engine/swarm/swarm-tutorial/drain-node/
 */
import type { NodeSSH } from "node-ssh";
import { z } from "zod";
import { shellWord } from "../host/shellWord";
import { inGuest } from "./guest";
import { type Progress, waiting } from "./progress";
import { openSession, sshTarget } from "./ssh/session";
import { listMachines, type MachineRecord } from "./store";

/** How long a running machine may take to let us in, and its tasks to end: Docker gives them 10 s unless told otherwise. */
const loginMs = 60_000;
const drainSeconds = 120;

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

async function withSession<T>(
  machine: MachineRecord,
  action: (session: NodeSSH) => Promise<T>,
): Promise<T | undefined> {
  try {
    const session = await openSession(sshTarget(machine), AbortSignal.timeout(loginMs));
    try {
      return await action(session);
    } finally {
      session.dispose();
    }
  } catch {
    return undefined;
  }
}

/** The node's ID if the machine is in a swarm; undefined also if it does not answer. */
export async function swarmNodeId(machine: MachineRecord): Promise<string | undefined> {
  return withSession(machine, async (session) => (await swarmInfoOf(session))?.NodeID);
}

/** Runs `action` on a manager that knows the node: the node itself, or another machine of its cluster. False if there is none. */
async function onManager(
  machine: MachineRecord,
  nodeId: string,
  action: (session: NodeSSH) => Promise<void>,
): Promise<boolean> {
  const { name, cluster } = machine.spec;
  const others = listMachines().filter(
    ({ spec, phase }) => phase === "ready" && spec.cluster === cluster && spec.name !== name,
  );
  for (const member of [machine, ...others]) {
    const done = await withSession(member, async (session) => {
      if (!(await swarmInfoOf(session))?.ControlAvailable) return false;
      await inGuest(session, `docker node inspect ${shellWord(nodeId)}`);
      await action(session);
      return true;
    });
    if (done === true) return true;
  }
  return false;
}

/**
 * Moves the node's tasks to others and waits until they are gone from it. Nothing is done to a swarm's only node, to one that a
 * person has drained or paused, or if no manager answers.
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
  let drained = false;
  const asked = await onManager(machine, nodeId, async (session) => {
    const nodes = await inGuest(session, "docker node ls --filter membership=accepted -q");
    if (nodes.trim().split("\n").length < 2) return;
    const availability = await inGuest(
      session,
      `docker node inspect --format '{{.Spec.Availability}}' ${id}`,
    );
    if (availability.trim() !== "active") return;
    progress("draining the swarm node");
    before();
    await inGuest(session, `docker node update --availability drain ${id}`);
    drained = true;
  });
  if (!asked) progress("no manager of its swarm answers: its tasks are not moved first");
  if (!drained) return false;
  const tasks = "docker ps -q --filter label=com.docker.swarm.task";
  const wait = `i=0; while [ -n "$(${tasks})" ] && [ $i -lt ${drainSeconds} ]; do i=$((i+1)); sleep 1; done`;
  await waiting(
    "waiting for its tasks to move",
    progress,
    withSession(machine, (session) => inGuest(session, wait)),
  );
  return true;
}

/** Lets a node that `drain` drained take tasks again. */
export async function activate(machine: MachineRecord, nodeId: string, progress: Progress): Promise<void> {
  progress("making the swarm node active");
  const done = await onManager(machine, nodeId, async (session) => {
    await inGuest(session, `docker node update --availability active ${shellWord(nodeId)}`);
  });
  if (!done) throw new Error(`no manager of the swarm of "${machine.spec.name}" answers`);
}
