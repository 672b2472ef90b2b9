/**
 * Waiting until a service's tasks run as its specification says. Specified by the Docker Engine API ("Task", "Service":
 * UpdateStatus); the filter `_up-to-date` and which task stands for a slot by docker/cli: cli/command/service/progress.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { formatDuration } from "../../host/duration";
import { UserError } from "../../host/userError";
import type { Operation } from "../rpc/resource";
import type { DockerApi } from "./api";
import type { ApiService } from "./flattenService";
import type { JsonObject } from "./json";
import { newestBySlot, slotOf } from "./slots";

interface Task extends JsonObject {
  readonly ID: string;
  /** Of a replicated service. */
  readonly Slot?: number;
  /** Once it has been given to a node; of a global service from the beginning. */
  readonly NodeID?: string;
  readonly CreatedAt: string;
  readonly DesiredState: string;
  readonly Status: JsonObject & {
    readonly State: string;
    readonly Err?: string;
    readonly Message?: string;
    readonly ContainerStatus?: JsonObject & { readonly ExitCode?: number };
  };
}

/** Ascending, as a task goes through them. */
const states = [
  "new",
  "pending",
  "assigned",
  "accepted",
  "preparing",
  "ready",
  "starting",
  "running",
  "complete",
  "shutdown",
  "failed",
  "rejected",
  "remove",
  "orphaned",
];
/** A node refuses a task (no such image, no such folder) for a reason that will not go away: so often is enough. */
const rejectionsToGiveUp = 4;
/** How long to wait for a node's word on a task that failed. */
const newsAfterMs = 3000;
const newsEveryMs = 250;
/** The swarm makes the tasks of a global service a moment after the service. */
const noNodeAfterMs = 20_000;

export interface Patience {
  /** Milliseconds between two looks. */
  readonly every: number;
  /** Milliseconds in all. */
  readonly timeout: number;
  /** What set that time. Default: the service's `convergeConfig`. */
  readonly limit?: string;
  /** A rollback was asked for: that it is completed is what is waited for. */
  readonly rollback?: boolean;
}

/** What is asked of the daemon. */
export type Asked = Pick<DockerApi, "get">;

/**
 * Resolves when as many tasks run as are wanted, healthy where they have a health check, at two looks one after the other:
 * a task whose program ends at once runs for a moment too.
 */
export async function converged(
  api: Asked,
  id: string,
  patience: Patience,
  operation: Operation,
): Promise<void> {
  const begin = Date.now();
  const end = begin + patience.timeout;
  let seenOnce = false;
  // The swarm keeps but the newest of a slot's tasks.
  const failed = new Map<string, Task>();
  for (;;) {
    const service = await api.get<ApiService>(`/services/${id}`, operation);
    const tasks = await api.get<readonly Task[]>("/tasks", operation, {
      query: { filters: JSON.stringify({ service: [id], "_up-to-date": ["true"] }) },
    });
    for (const task of tasks) if (problem(task) !== undefined) failed.set(task.ID, task);
    const slots = bySlot(
      tasks.filter(({ DesiredState }) => DesiredState === "running" || DesiredState === "ready"),
    );
    // The swarm makes a task of a global service for every node that fits.
    const wanted = replicasOf(service);
    const replicas = wanted ?? slots.length;
    const counts = new Map<string, number>();
    for (const { Status } of slots) counts.set(Status.State, (counts.get(Status.State) ?? 0) + 1);
    const running = (counts.get("running") ?? 0) + (endsByItself(service) ? finished(tasks, slots) : 0);
    operation.status(progress(running, replicas, counts, problems(tasks), Date.now() - begin));

    const update = service.UpdateStatus;
    const state = update?.State;
    if (
      state === "paused" ||
      state === "rollback_paused" ||
      (state === "rollback_completed" && !patience.rollback)
    ) {
      throw failure(
        service,
        `its update is ${String(state).replace("_", " ")}: ${String(update?.Message ?? "")}`,
        state === "paused" ? tasks : await lastFailed(api, id, failed, operation),
      );
    }
    const updating = state === "updating" || state === "rollback_started";
    const there = running >= replicas && slots.length <= replicas && !updating;
    const nowhere = wanted === undefined && slots.length === 0;
    if (there && seenOnce && (!nowhere || Date.now() - begin > noNodeAfterMs)) {
      if (nowhere)
        operation.log(
          "warning",
          `no node may run service ${String(service.Spec.Name)}: see its constraints, and the nodes' availability`,
        );
      return;
    }
    seenOnce = there;
    const hopeless = givenUp(tasks, service);
    if (hopeless !== undefined) throw failure(service, hopeless, tasks);
    if (!there && Date.now() + patience.every > end) {
      throw failure(
        service,
        `${running} of ${replicas} tasks run after ${formatDuration(patience.timeout * 1e6)} (${patience.limit ?? "convergeConfig.timeout"})`,
        tasks,
      );
    }
    await sleep(patience.every, undefined, { signal: operation.signal });
  }
}

/** After a rollback, the tasks that it is about are no longer up to date: the one that failed last tells why. */
async function lastFailed(
  api: Asked,
  id: string,
  failed: Map<string, Task>,
  operation: Operation,
): Promise<Task[]> {
  // A node may tell of it after the swarm has acted.
  for (const end = Date.now() + newsAfterMs; ; ) {
    const all = await api.get<readonly Task[]>("/tasks", operation, {
      query: { filters: JSON.stringify({ service: [id] }) },
    });
    for (const task of all) if (problem(task) !== undefined) failed.set(task.ID, task);
    if (failed.size > 0 || Date.now() > end)
      return [...failed.values()].sort((a, b) => b.CreatedAt.localeCompare(a.CreatedAt)).slice(0, 1);
    await sleep(newsEveryMs, undefined, { signal: operation.signal });
  }
}

/** Undefined of a global service. */
function replicasOf({ Spec }: ApiService): number | undefined {
  const { Replicated, Global } = (Spec.Mode ?? {}) as JsonObject;
  if (Global !== undefined) return undefined;
  return ((Replicated as JsonObject | undefined)?.Replicas as number | undefined) ?? 1;
}

function endsByItself({ Spec }: ApiService): boolean {
  const policy = (Spec.TaskTemplate as JsonObject | undefined)?.RestartPolicy as JsonObject | undefined;
  return policy?.Condition === "none" || policy?.Condition === "on-failure";
}

/** One task for each slot, or node: an old one may still be there beside its successor. */
function bySlot(tasks: readonly Task[]): Task[] {
  const slots = new Map<number | string, Task>();
  for (const task of tasks) {
    const known = slots.get(slotOf(task));
    if (!known || rank(task) < rank(known)) slots.set(slotOf(task), task);
  }
  return [...slots.values()];
}

/** How many slots rest with a task that was meant to end and has done so: as good as a running one. */
function finished(tasks: readonly Task[], slots: readonly Task[]): number {
  const newest = newestBySlot(tasks);
  for (const task of slots) newest.delete(slotOf(task));
  return [...newest.values()].filter(({ Status }) => Status.State === "complete").length;
}

function rank({ DesiredState, Status }: Task): number {
  return states.indexOf(DesiredState) * states.length + states.indexOf(Status.State);
}

/** Tasks usually run by then. */
const slowMs = 60_000;

/**
 * `3/5 running, 1 preparing, 1 starting`, and the newest problem. Docker calls a task `starting` until its health check passes.
 *
 * @param sinceMs how long it has been waited for
 */
export function progress(
  running: number,
  replicas: number,
  counts: ReadonlyMap<string, number>,
  found: readonly string[],
  sinceMs: number,
): string {
  const others = [...counts]
    .filter(([state]) => state !== "running")
    .sort(([a], [b]) => states.indexOf(b) - states.indexOf(a))
    .map(([state, count]) => `${count} ${state}`);
  const line = [`${running}/${replicas} running`, ...others].join(", ");
  if (found.length > 0) return `${line} (${found[0]})`;
  if (sinceMs <= slowMs || running >= replicas) return line;
  const checked = counts.has("starting") ? ": a task is starting until its health check passes" : "";
  return `${line} (slow, still starting after ${Math.round(sinceMs / 1000)} s${checked})`;
}

/** What tasks themselves say is wrong, the newest first, each once. */
function problems(tasks: readonly Task[]): string[] {
  const newest = [...tasks].sort((a, b) => b.CreatedAt.localeCompare(a.CreatedAt));
  return [...new Set(newest.map(problem).filter((text): text is string => text !== undefined))];
}

function problem({ Status }: Task): string | undefined {
  const { Err, ContainerStatus } = Status;
  if (!Err) return undefined;
  // The exit code is in most messages already.
  const code = ContainerStatus?.ExitCode;
  return code === undefined || code <= 0 || Err.includes(String(code)) ? Err : `${Err} (exit code ${code})`;
}

function givenUp(tasks: readonly Task[], service: ApiService): string | undefined {
  const rejected = new Map<number | string, number>();
  for (const { Slot, NodeID = "", Status } of tasks) {
    const slot = Slot ?? NodeID;
    if (Status.State === "rejected") rejected.set(slot, (rejected.get(slot) ?? 0) + 1);
  }
  const ran = tasks.some(({ Status }) => Status.State === "running" || Status.State === "starting");
  if (!ran && [...rejected.values()].some((times) => times >= rejectionsToGiveUp)) {
    return "its nodes refuse its tasks";
  }
  const over =
    tasks.length > 0 &&
    tasks.every(({ DesiredState }) => states.indexOf(DesiredState) > states.indexOf("running"));
  const maximum = (
    (service.Spec.TaskTemplate as JsonObject | undefined)?.RestartPolicy as JsonObject | undefined
  )?.MaxAttempts as number | undefined;
  const never =
    ((service.Spec.TaskTemplate as JsonObject | undefined)?.RestartPolicy as JsonObject | undefined)
      ?.Condition === "none";
  const failed = tasks.filter(
    ({ Status }) => Status.State === "failed" || Status.State === "rejected",
  ).length;
  return over && failed > 0 && (never || (maximum !== undefined && maximum > 0 && failed > maximum))
    ? "its tasks have failed as often as its restart policy allows"
    : undefined;
}

function failure(service: ApiService, reason: string, tasks: readonly Task[]): UserError {
  const found = problems(tasks);
  return new UserError(
    `service ${String(service.Spec.Name)} did not converge: ${reason}`,
    found.length === 0 ? undefined : `its tasks say: ${found.join("; ")}`,
  );
}
