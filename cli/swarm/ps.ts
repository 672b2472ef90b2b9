/** `ps`: the tasks. */
import type { ApiNode, ApiService, ApiTask } from "./api";
import { onSwarm } from "./connect";
import type { SwarmFlags } from "./flags";
import { nodeNamed, serviceNamed } from "./names";
import { printRows } from "./print";
import type { Swarm } from "./swarm";
import { isDown, isWanted, shortError, shortId, shortImage, since, taskName } from "./words";

export interface TaskRow {
  readonly id: string;
  /** `web.2` */
  readonly name: string;
  readonly service: string;
  /** Undefined of a global service. */
  readonly slot?: number;
  /** Empty until it has one. */
  readonly node: string;
  readonly state: string;
  readonly desiredState: string;
  /** When it came into this state. */
  readonly timestamp: string;
  readonly error: string;
  readonly image: string;
}

/** A task on a node that is down is not known to run, whatever it said last. */
const stateOf = (task: ApiTask, node: ApiNode | undefined): string =>
  node !== undefined && isDown(node) && task.Status.State === "running" ? "unknown" : task.Status.State;

/** By service and slot, the newest of a slot first. */
export function taskRows(
  services: readonly ApiService[],
  nodes: readonly ApiNode[],
  tasks: readonly ApiTask[],
): TaskRow[] {
  return tasks
    .map((task): TaskRow & { created: string } => {
      const service = services.find(({ ID }) => ID === task.ServiceID)?.Spec.Name ?? shortId(task.ServiceID);
      const there = nodes.find(({ ID }) => ID === task.NodeID);
      const node = there?.Description.Hostname ?? shortId(task.NodeID ?? "");
      const down = there !== undefined && isDown(there) ? `node ${node} is ${there.Status.State}` : "";
      return {
        id: task.ID,
        name: taskName(task, service, node),
        service,
        ...(task.Slot === undefined ? {} : { slot: task.Slot }),
        node,
        state: stateOf(task, there),
        desiredState: task.DesiredState,
        timestamp: task.Status.Timestamp,
        error: shortError(task.Status.Err ?? (isWanted(task) ? down : "")),
        image: task.Spec.ContainerSpec?.Image ?? "",
        created: task.CreatedAt,
      };
    })
    .sort(
      (a, b) =>
        a.service.localeCompare(b.service) ||
        (a.slot ?? 0) - (b.slot ?? 0) ||
        a.node.localeCompare(b.node) ||
        b.created.localeCompare(a.created),
    )
    .map(({ created: _, ...row }) => row);
}

export interface PsOptions {
  readonly all?: boolean;
  readonly node?: string;
}

export async function tasksOf(
  swarm: Swarm,
  names: readonly string[],
  { all, node }: PsOptions = {},
): Promise<TaskRow[]> {
  const [services, nodes, tasks] = await Promise.all([swarm.services(), swarm.nodes(), swarm.tasks()]);
  const wanted = names.map((name) => serviceNamed(services, name).ID);
  const on = node === undefined ? undefined : nodeNamed(nodes, node).ID;
  const shown = tasks.filter(
    (task) =>
      (wanted.length === 0 || wanted.includes(task.ServiceID)) &&
      (on === undefined || task.NodeID === on) &&
      (all || isWanted(task)),
  );
  return taskRows(services, nodes, shown);
}

export async function ps(flags: SwarmFlags, ...names: string[]): Promise<number> {
  const rows = await onSwarm(flags, (swarm) => tasksOf(swarm, names, flags));
  printRows(
    flags,
    rows,
    [
      ["ID", ({ id }) => shortId(id)],
      ["TASK", ({ name }) => name],
      ["NODE", ({ node }) => node || "-"],
      ["STATE", ({ state, timestamp }) => `${state} ${since(timestamp)}`],
      ["DESIRED", ({ desiredState }) => desiredState],
      ["IMAGE", ({ image }) => shortImage(image)],
      ["ERROR", ({ error }) => error],
    ],
    flags.all ? "There are no tasks." : "No tasks run (--all shows those that have ended).",
  );
  return 0;
}
