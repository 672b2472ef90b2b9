/** A node that leaves its swarm for good: drained, demoted, gone, and off the list of nodes, in that order. */
import { withLock } from "../../host/lock";
import { shellWord } from "../../host/shellWord";
import { UserError } from "../../host/userError";
import { inGuest } from "../guest";
import { clusterLock } from "../paths";
import { type Progress, waiting } from "../progress";
import { type MachineRecord, readMachine } from "../store";
import { askManager, clusterOf, login, swarmInfoOf, tasksMoved } from "./managers";
import type { NodeResult, NodeSpec } from "./node";
import { demoteScript } from "./scripts";

const downSeconds = 60;

/**
 * Nothing to do for a node that the swarm does not know any more, or if no other manager answers: then there is no swarm to leave.
 *
 * @param node what was printed when it joined
 * @throws UserError if it is still a manager: with its machine the swarm might lose the majority of them
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
  const manager = (command: string, stdin?: string): Promise<string> =>
    askManager(others, node.nodeId, (session) => inGuest(session, command, stdin));
  let manages = false;
  try {
    // One that was demoted may still be counted among the managers.
    const role = "{{if .ManagerStatus}}manager{{else}}{{.Spec.Role}}{{end}}";
    const state = await manager(`docker node inspect --format '${role} {{.Status.State}}' ${id}`);
    const [is, status] = state.trim().split(" ");
    manages = is === "manager";
    if (status === "ready") {
      progress("draining the swarm node");
      await manager(`docker node update --availability drain ${id}`);
      if (own !== undefined) await tasksMoved(own, progress);
    }
    if (manages) {
      await demoted(own, () => manager(demoteScript, node.nodeId), progress);
      manages = false;
    }
    if (own !== undefined) await leave(own, node.nodeId, progress);
    const down = `i=0; while [ "$(docker node inspect --format '{{.Status.State}}' ${id})" = ready ] && [ $i -lt ${downSeconds} ]; do i=$((i+1)); sleep 1; done`;
    await waiting(
      "taking it off the list of nodes",
      progress,
      manager(`${down}; docker node rm --force ${id}`),
    );
  } catch (error) {
    if (manages) throw stillManages(spec.machine, (error as Error).message, "the next `up` tries again");
    progress(`not taken out of its swarm: ${(error as Error).message}`);
  }
}

export const stillManages = (name: string, why: string, remedy: string): UserError =>
  new UserError(
    `machine "${name}" is still a manager of its swarm`,
    why,
    `more than half of the other managers must run and answer: docker node ls; ${remedy}`,
  );

/** One after the other: the swarm may lose no more than a minority of its managers at a time. */
async function demoted(
  own: MachineRecord | undefined,
  demote: () => Promise<string>,
  progress: Progress,
): Promise<void> {
  progress("demoting it to a worker");
  const why =
    own === undefined
      ? await demote()
      : await withLock(
          clusterLock(own.spec.cluster),
          () => progress("waiting for another node of the swarm"),
          demote,
        );
  if (why.trim() !== "") throw new Error(why.trim());
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
