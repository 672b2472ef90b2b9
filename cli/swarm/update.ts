/** Changing a service on a running swarm, and waiting until its tasks run. */
import { UserError } from "../../host/userError";
import { type ApiRequest, DockerError } from "../../providers/docker/api";
import { type Asked, converged } from "../../providers/docker/converge";
import type { Json, JsonObject } from "../../providers/docker/json";
import type { Operation } from "../../providers/rpc/resource";
import type { ApiService, ApiServiceSpec, ApiTask } from "./api";
import { untilInterrupted } from "./interrupt";
import { quietly, type Swarm } from "./swarm";

/** Others may change a service between our look and our update. */
const outOfSequenceTries = 5;
const patience = { every: 1000, timeout: 15 * 60_000, limit: "vmcluster does not wait longer" };

/** Says each news of a wait once. */
export type Say = (line: string) => void;

/** What `converged` asks, with the swarm's bound on each answer. */
const asked = (swarm: Swarm, look: (path: string, answer: unknown) => void): Asked => ({
  get: async <T extends Json>(path: string, _operation: Operation, options?: ApiRequest) => {
    const answer = await swarm.get<T>(path, options?.query);
    look(path, answer);
    return answer;
  },
});

/** So many failed tasks are enough, not counting those of before. */
interface Failures {
  readonly most: number;
  readonly before: ReadonlySet<string>;
}

function refuseFailing(tasks: readonly ApiTask[], { most, before }: Failures): void {
  const failed = tasks.filter(
    ({ ID, Status }) => !before.has(ID) && (Status.State === "failed" || Status.State === "rejected"),
  );
  if (failed.length < most) return;
  throw new UserError(`${failed.length} of its tasks have failed`, failed.at(-1)?.Status.Err);
}

/** @param change the new specification; default: none, as for a rollback */
export async function update(
  swarm: Swarm,
  id: string,
  query: Readonly<Record<string, string>>,
  change: (spec: ApiServiceSpec) => ApiServiceSpec = (spec) => spec,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const there = await swarm.get<ApiService>(`/services/${id}`);
    const version = there.Version.Index;
    try {
      await swarm.post(`/services/${id}/update`, { ...query, version }, change(there.Spec) as JsonObject);
      return;
    } catch (error) {
      const outdated = error instanceof DockerError && /out of sequence/.test(error.said);
      if (!outdated || tries >= outOfSequenceTries) throw error;
    }
  }
}

/** Waits until the tasks run as the service now says; Ctrl-C ends the waiting alone. */
export async function settled(
  swarm: Swarm,
  id: string,
  say: Say,
  {
    rollback,
    failures,
  }: {
    readonly rollback?: boolean;
    /** Default: as many as there is time for. */
    readonly failures?: Failures;
  } = {},
): Promise<void> {
  const look = (path: string, answer: unknown): void => {
    if (failures !== undefined && path === "/tasks") refuseFailing(answer as ApiTask[], failures);
  };
  let last = "";
  const status = (text: string): void => {
    if (text !== last) say(text);
    last = text;
  };
  await untilInterrupted(async (signal) => {
    try {
      await converged(asked(swarm, look), id, { ...patience, rollback }, quietly(signal, status));
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new UserError(
        "not waited for",
        "the swarm goes on by itself",
        "vmcluster services shows how far it is",
      );
    }
  });
}
