/** A node that leaves its swarm for good: drained, demoted, gone, and off the list of nodes, in that order. */
import { withLock } from "../../host/lock";
import { shellWord } from "../../host/shellWord";
import { inGuest } from "../guest";
import { clusterLock } from "../paths";
import { type Progress, waiting } from "../progress";
import { type MachineRecord, readMachine } from "../store";
import { askManager, clusterOf, login, swarmInfoOf, tasksMoved } from "./managers";
import type { NodeResult, NodeSpec } from "./node";

/** A swarm that is gone itself is not waited for. */
const tries = 3;
const downSeconds = 60;

/**
 * Nothing to do for a node that the swarm does not know any more, or if no other manager answers: then there is no swarm to leave.
 *
 * @param node what was printed when it joined
 */
export async function leaveSwarm(
  spec: NodeSpec,
  node: NodeResult | undefined,
  progress: Progress,
): Promise<void> {
  if (node === undefined) return;
  const own = readMachine(spec.machine);
  const managers = spec.managers
    .filter((name) => name !== spec.machine)
    .map(readMachine)
    .filter((record) => record !== undefined);
  const others = own === undefined ? managers : withOthers(managers, own);
  const id = shellWord(node.nodeId);
  const manager = (command: string): Promise<string> =>
    askManager(others, node.nodeId, (session) => inGuest(session, command), tries);
  try {
    const state = await manager(`docker node inspect --format '{{.Spec.Role}} {{.Status.State}}' ${id}`);
    const [role, status] = state.trim().split(" ");
    if (status === "ready") {
      progress("draining the swarm node");
      await manager(`docker node update --availability drain ${id}`);
      if (own !== undefined) await tasksMoved(own, progress);
    }
    if (role === "manager") await demoted(own, () => manager(`docker node demote ${id}`), progress);
    if (own !== undefined) await leave(own, node.nodeId, progress);
    const down = `i=0; while [ "$(docker node inspect --format '{{.Status.State}}' ${id})" = ready ] && [ $i -lt ${downSeconds} ]; do i=$((i+1)); sleep 1; done`;
    await waiting(
      "taking it off the list of nodes",
      progress,
      manager(`${down}; docker node rm --force ${id}`),
    );
  } catch (error) {
    progress(`not taken out of its swarm: ${(error as Error).message}`);
  }
}

/** One after the other: the swarm may lose no more than a minority of its managers at a time. */
function demoted(
  own: MachineRecord | undefined,
  demote: () => Promise<unknown>,
  progress: Progress,
): Promise<unknown> {
  progress("demoting it to a worker");
  return own === undefined
    ? demote()
    : withLock(
        clusterLock(own.spec.cluster),
        () => progress("waiting for another node of the swarm"),
        demote,
      );
}

/** Also those that another change has made managers meanwhile. */
function withOthers(managers: readonly MachineRecord[], own: MachineRecord): MachineRecord[] {
  const known = new Set([own.spec.name, ...managers.map(({ spec }) => spec.name)]);
  return [...managers, ...clusterOf(own).filter(({ spec }) => !known.has(spec.name))];
}

async function leave(own: MachineRecord, nodeId: string, progress: Progress): Promise<void> {
  const session = await login(own);
  try {
    // It may be another machine by now, and in the swarm as another node.
    if (session === undefined || (await swarmInfoOf(session, own))?.NodeID !== nodeId) return;
    await waiting("leaving the swarm", progress, inGuest(session, "docker swarm leave --force"));
  } finally {
    session?.dispose();
  }
}
