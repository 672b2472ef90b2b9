/** Work on a service's data while none of its tasks runs. */
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../../host/userError";
import type { ApiService, ApiServiceSpec } from "../api";
import type { Swarm } from "../swarm";
import { type Say, settled, update } from "../update";
import { modeOf } from "../words";

/** Holds, as long as a service is stopped for its data, how many tasks it had: who comes after one that was killed knows. */
export const stoppedLabel = "vmcluster.stopped";

/** States in which a task's container is gone. */
const over = new Set(["complete", "shutdown", "failed", "rejected", "remove", "orphaned"]);
/** Beyond the time that the service gives its tasks to end. */
const patienceMs = 120_000;
/** Of tasks that are started with other data. */
const failuresToGiveUp = 3;

function withReplicas(spec: ApiServiceSpec, replicas: number, label: string | undefined): ApiServiceSpec {
  const { [stoppedLabel]: _was, ...labels } = spec.Labels ?? {};
  return {
    ...spec,
    Labels: label === undefined ? labels : { ...labels, [stoppedLabel]: label },
    Mode: { Replicated: { Replicas: replicas } },
  };
}

/** How many tasks it is to have; also while it is stopped, or if somebody was killed who had stopped it. */
function replicasOf({ Spec }: ApiService): number {
  const noted = Spec.Labels?.[stoppedLabel];
  return noted !== undefined && /^\d+$/.test(noted) ? Number(noted) : (Spec.Mode?.Replicated?.Replicas ?? 1);
}

/** @throws UserError unless the service can be stopped and started again */
export function refuseUnstoppable(service: ApiService, remedy?: string): void {
  const mode = modeOf(service);
  if (mode === "replicated") return;
  throw new UserError(
    `service ${service.Spec.Name} is ${mode}`,
    "only a replicated service can be stopped and started again",
    remedy,
  );
}

async function untilOver(swarm: Swarm, { ID, Spec }: ApiService, signal: AbortSignal): Promise<void> {
  const graceMs = (Spec.TaskTemplate.ContainerSpec?.StopGracePeriod ?? 10e9) / 1e6;
  const end = Date.now() + graceMs + patienceMs;
  for (;;) {
    const left = (await swarm.tasks([ID])).filter(({ Status }) => !over.has(Status.State));
    if (left.length === 0) return;
    if (Date.now() > end) {
      throw new UserError(
        `service ${Spec.Name} does not stop`,
        `${left.length} of its tasks still run: is a node down?`,
        `vmcluster ps ${Spec.Name} shows them`,
      );
    }
    await sleep(500, undefined, { signal });
  }
}

export interface Stopped {
  /** Starts it, waits until its tasks run, and stops it again if they do not: then this rejects. */
  readonly tryRunning: () => Promise<void>;
}

/**
 * Stops a replicated service, does the work, and starts it again, however the work ends; waits until its tasks run.
 *
 * @param signal aborts the work, not the start after it
 */
export async function whileStopped<T>(
  swarm: Swarm,
  service: ApiService,
  { say, signal }: { readonly say: Say; readonly signal: AbortSignal },
  work: (stopped: Stopped) => Promise<T>,
): Promise<T> {
  const replicas = replicasOf(service);
  const stop = async (within: AbortSignal): Promise<void> => {
    await update(swarm, service.ID, {}, (spec) => withReplicas(spec, 0, String(replicas)));
    await untilOver(swarm, service, within);
  };
  let runs = false;
  const start = async (most?: number): Promise<void> => {
    const before = most === undefined ? [] : await swarm.tasks([service.ID]);
    await update(swarm, service.ID, {}, (spec) => withReplicas(spec, replicas, undefined));
    runs = true;
    const failures = most === undefined ? undefined : { most, before: new Set(before.map(({ ID }) => ID)) };
    if (replicas > 0) await settled(swarm, service.ID, say, { failures });
  };
  const stopped: Stopped = {
    tryRunning: async () => {
      try {
        await start(failuresToGiveUp);
      } catch (error) {
        runs = false;
        await stop(AbortSignal.timeout(10 * 60_000));
        throw error;
      }
    },
  };
  try {
    say(`stopping its ${replicas} tasks`);
    signal.throwIfAborted();
    await stop(signal);
    return await work(stopped);
  } finally {
    if (!runs) {
      say(`starting its ${replicas} tasks`);
      await start().catch((error: unknown) => {
        if (runs) throw error;
        throw new UserError(
          `service ${service.Spec.Name} is still stopped`,
          error instanceof Error ? error.message : String(error),
          `start it: docker service scale ${service.Spec.Name}=${replicas}, on a manager`,
        );
      });
    }
  }
}
