/** `services`: what is declared, and how much of it runs. */
import { newestBySlot } from "../../providers/docker/slots";
import type { ApiNode, ApiPort, ApiService, ApiTask } from "./api";
import { onSwarm } from "./connect";
import type { SwarmFlags } from "./flags";
import { printRows } from "./print";
import type { Swarm } from "./swarm";
import { isDown, isWanted, type Mode, modeOf, shortImage } from "./words";

export interface ServiceRow {
  readonly id: string;
  readonly name: string;
  readonly mode: Mode;
  readonly running: number;
  /** Of a service that is not started again after exit code 0 (restart condition `none` or `on-failure`): tasks that ended so. */
  readonly completed: number;
  readonly wanted: number;
  readonly image: string;
  /** `4000->80/tcp` */
  readonly ports: readonly string[];
  /** Of the last update or rollback; empty if there was none. */
  readonly update: string;
  readonly updateMessage: string;
}

/** `4000->80/tcp`; with the mode host each node publishes for its own tasks only. */
const port = ({ PublishedPort, TargetPort, Protocol, PublishMode }: ApiPort): string =>
  `${PublishedPort ?? "?"}->${TargetPort}/${Protocol ?? "tcp"}${PublishMode === "host" ? " (host)" : ""}`;

/** How many tasks run, rest after they have done their work, and should run. A task on a node that is down does not count as running. */
export function counts(
  service: ApiService,
  nodes: readonly ApiNode[],
  tasks: readonly ApiTask[],
): { running: number; completed: number; wanted: number } {
  const up = new Set(nodes.filter((node) => !isDown(node)).map(({ ID }) => ID));
  const own = tasks.filter(({ ServiceID }) => ServiceID === service.ID);
  const done = own.filter(({ Status }) => Status.State === "complete");
  const running = own.filter(
    (task) => task.Status.State === "running" && isWanted(task) && up.has(task.NodeID ?? ""),
  ).length;
  const { Mode = {} } = service.Spec;
  switch (modeOf(service)) {
    case "replicated":
      return { running, completed: endedWell(service, own), wanted: Mode.Replicated?.Replicas ?? 1 };
    case "replicated-job":
      return { running: done.length, completed: 0, wanted: Mode.ReplicatedJob?.TotalCompletions ?? 1 };
    case "global-job":
      return { running: done.length, completed: 0, wanted: new Set(own.map(({ NodeID }) => NodeID)).size };
    default:
      return {
        running,
        completed: 0,
        wanted: new Set(own.filter(isWanted).map(({ NodeID }) => NodeID)).size,
      };
  }
}

/** How many slots, or nodes, of a service that is not started again rest with a task that has done its work. */
function endedWell({ Spec }: ApiService, own: readonly ApiTask[]): number {
  const condition = Spec.TaskTemplate.RestartPolicy?.Condition;
  if (condition !== "none" && condition !== "on-failure") return 0;
  return [...newestBySlot(own).values()].filter(({ Status }) => Status.State === "complete").length;
}

/** `3/5`, `3/5 (2 completed)` */
export const replicasText = ({ running, completed, wanted }: ServiceRow): string =>
  `${running}/${wanted}${completed === 0 ? "" : ` (${completed} completed)`}`;

export function serviceRows(
  services: readonly ApiService[],
  nodes: readonly ApiNode[],
  tasks: readonly ApiTask[],
): ServiceRow[] {
  return services
    .map(
      (service): ServiceRow => ({
        id: service.ID,
        name: service.Spec.Name,
        mode: modeOf(service),
        ...counts(service, nodes, tasks),
        image: service.Spec.TaskTemplate.ContainerSpec?.Image ?? "",
        ports: (service.Endpoint?.Ports ?? []).map(port),
        update: (service.UpdateStatus?.State ?? "").replaceAll("_", " "),
        updateMessage: service.UpdateStatus?.Message ?? "",
      }),
    )
    .sort((a, b) => a.name.localeCompare(b.name));
}

export async function servicesOf(swarm: Swarm): Promise<ServiceRow[]> {
  return serviceRows(...(await Promise.all([swarm.services(), swarm.nodes(), swarm.tasks()])));
}

export async function services(flags: SwarmFlags): Promise<number> {
  printRows(
    flags,
    await onSwarm(flags, servicesOf),
    [
      ["NAME", ({ name }) => name],
      ["MODE", ({ mode }) => mode],
      ["RUNNING", replicasText],
      ["IMAGE", ({ image }) => shortImage(image)],
      ["PORTS", ({ ports }) => ports.join(", ") || "-"],
      ["UPDATE", ({ update }) => update || "-"],
    ],
    "No services run on this swarm.",
  );
  return 0;
}
