/** `nodes`: the machines of the swarm as its manager sees them. */
import type { ApiNode, ApiTask } from "./api";
import { onSwarm } from "./connect";
import type { SwarmFlags } from "./flags";
import { printRows } from "./print";
import type { Swarm } from "./swarm";
import { addressOf, bytes, isWanted } from "./words";

export interface NodeRow {
  readonly id: string;
  readonly name: string;
  readonly role: "leader" | "manager" | "worker";
  readonly availability: string;
  readonly status: string;
  /** Why it is not ready, or, of a manager, not reachable; empty if nothing is wrong. */
  readonly message: string;
  /** Tasks that are meant to run there and do, or did when it was last seen. */
  readonly tasks: number;
  readonly engine: string;
  /** On the network of the nodes. */
  readonly address: string;
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
}

function roleOf({ Spec, ManagerStatus }: ApiNode): NodeRow["role"] {
  if (ManagerStatus?.Leader) return "leader";
  return Spec.Role === "manager" ? "manager" : "worker";
}

function messageOf({ Status, ManagerStatus }: ApiNode): string {
  if (Status.State !== "ready") return Status.Message ?? "";
  const reachability = ManagerStatus?.Reachability ?? "reachable";
  return reachability === "reachable" ? "" : `its manager is ${reachability}`;
}

/** Managers first. */
export function nodeRows(nodes: readonly ApiNode[], tasks: readonly ApiTask[]): NodeRow[] {
  const order = ["leader", "manager", "worker"];
  return nodes
    .map(
      (node): NodeRow => ({
        id: node.ID,
        name: node.Description.Hostname,
        role: roleOf(node),
        availability: node.Spec.Availability,
        status: node.Status.State,
        message: messageOf(node),
        tasks: tasks.filter(
          (task) => task.NodeID === node.ID && isWanted(task) && task.Status.State === "running",
        ).length,
        engine: node.Description.Engine?.EngineVersion ?? "",
        address: addressOf(node),
        cpus: (node.Description.Resources?.NanoCPUs ?? 0) / 1e9,
        memory: node.Description.Resources?.MemoryBytes ?? 0,
      }),
    )
    .sort(
      (a, b) =>
        order.indexOf(a.role) - order.indexOf(b.role) ||
        a.name.localeCompare(b.name, undefined, { numeric: true }),
    );
}

export async function nodesOf(swarm: Swarm): Promise<NodeRow[]> {
  return nodeRows(...(await Promise.all([swarm.nodes(), swarm.tasks()])));
}

export async function nodes(flags: SwarmFlags): Promise<number> {
  printRows(
    flags,
    await onSwarm(flags, nodesOf),
    [
      ["NAME", ({ name }) => name],
      ["ROLE", ({ role }) => role],
      ["STATUS", ({ status }) => status],
      ["AVAILABILITY", ({ availability }) => availability],
      ["TASKS", ({ tasks }) => String(tasks)],
      ["ENGINE", ({ engine }) => engine],
      ["ADDRESS", ({ address }) => address],
      ["CPUS", ({ cpus }) => String(cpus)],
      ["MEMORY", ({ memory }) => bytes(memory)],
      ["MESSAGE", ({ message }) => message],
    ],
    "The swarm has no nodes.",
  );
  return 0;
}
