/** Whether a service's tasks are as evenly spread as the swarm's scheduler would place them now. */
import type { ApiNode, ApiService, ApiTask } from "./api";
import { attribute, mayRun } from "./constraints";
import { isWanted } from "./words";

/** A node that may run the service. */
export interface Seat {
  readonly node: string;
  /** Tasks of the service there. */
  readonly tasks: number;
  /** How many more fit. */
  readonly room: number;
  /** What the node has under each of the service's placement preferences. */
  readonly groups: readonly string[];
}

/** The seats of a service: the nodes that may run it, and how full they are. */
export function seatsOf(service: ApiService, nodes: readonly ApiNode[], tasks: readonly ApiTask[]): Seat[] {
  const { Placement = {}, Resources = {} } = service.Spec.TaskTemplate;
  const preferences = (Placement.Preferences ?? []).map(({ Spread }) => Spread?.SpreadDescriptor ?? "");
  const { NanoCPUs = 0, MemoryBytes = 0 } = Resources.Reservations ?? {};
  return nodes
    .filter((node) => mayRun(node, Placement))
    .map((node) => {
      const there = tasks.filter((task) => task.NodeID === node.ID && isWanted(task));
      const own = there.filter(({ ServiceID }) => ServiceID === service.ID).length;
      const free = (total = 0, key: "NanoCPUs" | "MemoryBytes"): number =>
        total - there.reduce((sum, { Spec }) => sum + (Spec.Resources?.Reservations?.[key] ?? 0), 0);
      const fits = (available: number, wanted: number): number =>
        wanted === 0 ? Number.POSITIVE_INFINITY : Math.max(0, Math.floor(available / wanted));
      const { Resources: has = {} } = node.Description;
      return {
        node: node.Description.Hostname,
        tasks: own,
        room: Math.min(
          fits(free(has.NanoCPUs, "NanoCPUs"), NanoCPUs),
          fits(free(has.MemoryBytes, "MemoryBytes"), MemoryBytes),
          Placement.MaxReplicas ? Math.max(0, Placement.MaxReplicas - own) : Number.POSITIVE_INFINITY,
        ),
        groups: preferences.map((name) => attribute(node, name) ?? ""),
      };
    });
}

/**
 * True if a task could move to where two fewer are. Preferences come first, as for the scheduler: groups of nodes are to
 * have equally many, then those within each group.
 */
export function isUneven(seats: readonly Seat[], level = 0): boolean {
  const depth = seats[0]?.groups.length ?? 0;
  const parts =
    level < depth
      ? [...new Set(seats.map(({ groups }) => groups[level]))].map((group) =>
          seats.filter(({ groups }) => groups[level] === group),
        )
      : seats.map((seat) => [seat]);
  const sums = parts.map((part) => ({
    tasks: part.reduce((sum, { tasks }) => sum + tasks, 0),
    room: part.some(({ room }) => room > 0),
  }));
  const most = Math.max(0, ...sums.map(({ tasks }) => tasks));
  const least = Math.min(...sums.filter(({ room }) => room).map(({ tasks }) => tasks));
  if (most - least > 1) return true;
  return level < depth && parts.some((part) => isUneven(part, level + 1));
}
