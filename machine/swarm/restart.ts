/**
 * What a restart does to a node of a swarm: its tasks move to others before, and it takes tasks again after.
 * https://docs.docker.com/engine/swarm/swarm-tutorial/drain-node/
 */
import { shellWord } from "../../host/shellWord";
import { UserError } from "../../host/userError";
import { type Progress, waiting } from "../progress";
import type { MachineRecord } from "../store";
import { askSwarmOf, drainSeconds, login, swarmInfoOf, tasksMoved } from "./managers";

/** The node's ID if the machine is in a swarm; undefined also if it does not answer. */
export async function swarmNodeId(machine: MachineRecord): Promise<string | undefined> {
  const session = await login(machine);
  try {
    return session && (await swarmInfoOf(session, machine))?.NodeID;
  } finally {
    session?.dispose();
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
  const ask = askSwarmOf(machine, nodeId, async (manager) => {
    const nodes = await manager("docker node ls --format '{{.Status}} {{.Availability}}'");
    const taking = nodes.split("\n").filter((line) => line.trim() === "Ready Active").length;
    if (taking < 2 && !drains) return;
    const availability = await manager(`docker node inspect --format '{{.Spec.Availability}}' ${id}`);
    // The second time round it may be ours that is drained already.
    if (availability.trim() !== "active" && !drains) return;
    if (!drains) {
      drains = true;
      before();
      progress("draining the swarm node");
    }
    await manager(`docker node update --availability drain ${id}`);
  });
  try {
    await waiting("asking a manager of its swarm", progress, ask);
  } catch (error) {
    progress(`its tasks are not moved before it restarts: ${(error as Error).message}`);
    return drains;
  }
  if (!drains) return false;
  await tasksMoved(machine, progress);
  await tasksStarted(machine, progress);
  return true;
}

/** Lists the states of tasks that have been given to a node and do not run yet. */
const startingTasks =
  "docker node ps --filter desired-state=running --format '{{.CurrentState}}' $(docker node ls -q) | grep -E '^(Assigned|Accepted|Preparing|Ready|Starting) '";

/**
 * Waits until no task is starting any more, two minutes at most. Not only for the services' sake: a task with a health check whose
 * node loses its manager before it is healthy is never put into the routing mesh (seen with Docker 26.1).
 */
async function tasksStarted(machine: MachineRecord, progress: Progress): Promise<void> {
  const wait = `i=0; while [ -n "$(${startingTasks})" ] && [ $i -lt ${drainSeconds} ]; do i=$((i+1)); sleep 1; done`;
  const started = askSwarmOf(machine, undefined, (manager) => manager(wait));
  await waiting(
    "waiting for them to start elsewhere",
    progress,
    started.catch(() => undefined),
  );
}

/**
 * Lets a node that `drain` drained take tasks again.
 *
 * @throws UserError if no manager does it
 */
export async function activate(machine: MachineRecord, nodeId: string, progress: Progress): Promise<void> {
  const ask = askSwarmOf(machine, nodeId, (manager) =>
    manager(`docker node update --availability active ${shellWord(nodeId)}`),
  );
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
