/**
 * Jobs: services whose tasks end. `docker service create --mode replicated-job` or `global-job`, and waiting for the end. Specified by the
 * Docker Engine API ("Service": ReplicatedJob, GlobalJob, JobStatus; "Task": JobIteration) from version 1.41 on.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { type TaskFields, taskFields } from "../../components/service/taskFields";
import { formatDuration, parseDuration } from "../../host/duration";
import { UserError } from "../../host/userError";
import type { Progress } from "../../machine/progress";
import { type DockerApi, orGone } from "../../providers/docker/api";
import { expandService } from "../../providers/docker/expandService";
import type { ApiService } from "../../providers/docker/flattenService";
import type { JsonObject } from "../../providers/docker/json";
import { registryHeader } from "../../providers/docker/registry";
import type { Operation } from "../../providers/rpc/resource";
import type { PropertyMap } from "../../providers/rpc/values";
import { frames } from "./frames";
import { onHost } from "./host";
import { refuseTooNew, withFields } from "./taskFields";

export const jobSpec = z.strictObject({
  /** The swarm's address, as the docker provider has it. */
  host: z.string().optional(),
  /** The program that has it, `<project>/<stack>`. */
  owner: z.string(),
  service: z.looseObject({ name: z.string(), taskSpec: z.record(z.string(), z.unknown()) }),
  run: z.strictObject({
    everyNode: z.boolean().optional(),
    completions: z.number().optional(),
    concurrency: z.number().optional(),
  }),
  retries: z.number(),
  ...taskFields.shape,
  again: z.string().optional(),
  timeout: z.string(),
});
export type JobSpec = z.infer<typeof jobSpec>;

/** What `swarm-job` prints. */
export const jobResult = z.object({ serviceId: z.string() });
export type JobResult = z.infer<typeof jobResult>;

interface JobTask {
  readonly ID: string;
  readonly Slot?: number;
  readonly NodeID?: string;
  readonly JobIteration?: { readonly Index?: number };
  readonly DesiredState: string;
  readonly Status: {
    readonly State: string;
    readonly Err?: string;
    readonly ContainerStatus?: { readonly ExitCode?: number };
  };
}

const ownerLabel = "vmcluster.owner";
const lookMs = 1000;
const logLines = 20;
const failed = new Set(["failed", "rejected", "orphaned"]);

const fieldsOfJob = (spec: JobSpec): TaskFields =>
  taskFields.parse(
    Object.fromEntries(Object.keys(taskFields.shape).map((name) => [name, spec[name as keyof TaskFields]])),
  );

/** The service's specification as the API has it. */
function jobService(spec: JobSpec): JsonObject & { readonly TaskTemplate: JsonObject } {
  const { run, retries, owner } = spec;
  const service = expandService(spec.service as unknown as PropertyMap);
  const task = service.TaskTemplate as JsonObject;
  const total = run.completions ?? 1;
  return {
    ...service,
    Labels: { ...(service.Labels as JsonObject | undefined), [ownerLabel]: owner },
    TaskTemplate: {
      ...withFields(task, fieldsOfJob(spec)),
      RestartPolicy:
        retries === 0 ? { Condition: "none" } : { Condition: "on-failure", MaxAttempts: retries },
    },
    Mode: run.everyNode
      ? { GlobalJob: {} }
      : { ReplicatedJob: { TotalCompletions: total, MaxConcurrent: run.concurrency ?? total } },
  };
}

/**
 * Runs the job and waits for its end; one that is there runs again. A job that was just made and fails does not stay.
 *
 * @param before what the last call printed
 * @throws UserError with what the tasks said
 */
export async function runJob(
  spec: JobSpec,
  before: JobResult | undefined,
  progress: Progress,
): Promise<JobResult> {
  return onHost(spec.host, progress, async (api, operation) => {
    const { name } = spec.service;
    await refuseTooNew(`job ${name}`, fieldsOfJob(spec), api, operation);
    const wanted = jobService(spec);
    const image = (wanted.TaskTemplate.ContainerSpec as JsonObject).Image as string;
    const headers = registryHeader(image, spec.service.auth as PropertyMap[string], []);
    const there =
      (before && (await inspect(api, before.serviceId, operation))) ?? (await inspect(api, name, operation));
    if (there === undefined) {
      progress("starting the job");
      const { ID } = await api.post<{ ID: string }>("/services/create", operation, { body: wanted, headers });
      try {
        await ended(api, ID, spec, operation);
      } catch (error) {
        await orGone(api.delete(`/services/${ID}`, operation)).catch(() => undefined);
        throw error;
      }
      return { serviceId: ID };
    }
    refuseOthers(there, before, spec);
    progress("running the job again");
    const force = ((there.Spec.TaskTemplate as JsonObject).ForceUpdate as number | undefined) ?? 0;
    await api.post(`/services/${there.ID}/update`, operation, {
      query: { version: there.Version.Index },
      body: { ...wanted, TaskTemplate: { ...wanted.TaskTemplate, ForceUpdate: force + 1 } },
      headers,
    });
    await ended(api, there.ID, spec, operation);
    return { serviceId: there.ID };
  });
}

/** Removes it; nothing to do if it is gone. */
export async function removeJob(
  spec: JobSpec,
  before: JobResult | undefined,
  progress: Progress,
): Promise<void> {
  if (before === undefined) return;
  await onHost(spec.host, progress, (api, operation) =>
    orGone(api.delete(`/services/${encodeURIComponent(before.serviceId)}`, operation)),
  );
}

const inspect = (api: DockerApi, id: string, operation: Operation): Promise<ApiService | undefined> =>
  orGone(api.get<ApiService>(`/services/${encodeURIComponent(id)}`, operation));

/** A run that was killed may have made it; anything else of that name is somebody else's. */
function refuseOthers(
  { ID, Spec }: ApiService,
  before: JobResult | undefined,
  { service, owner }: JobSpec,
): void {
  if (ID === before?.serviceId) return;
  const mode = Spec.Mode as JsonObject;
  const isJob = mode.ReplicatedJob !== undefined || mode.GlobalJob !== undefined;
  if (isJob && (Spec.Labels as JsonObject | undefined)?.[ownerLabel] === owner) return;
  throw new UserError(
    `a service named ${service.name} exists already`,
    isJob ? "it is another program's job" : "it is no job",
    isJob
      ? "remove it (docker service rm), or choose another name"
      : "remove it (docker service rm), or choose another name; a service that is to become a job is first taken out of the program, with an up",
  );
}

/** Resolves when as many tasks of the job's newest run have ended well as are wanted. */
async function ended(api: DockerApi, id: string, spec: JobSpec, operation: Operation): Promise<void> {
  const { name } = spec.service;
  const timeout = (parseDuration(spec.timeout) ?? 0) / 1e6;
  const end = Date.now() + timeout;
  let said = "";
  let all = false;
  for (;;) {
    const service = await api.get<ApiService>(`/services/${id}`, operation);
    const run = (service.JobStatus as { JobIteration?: { Index?: number } } | undefined)?.JobIteration?.Index;
    const every = await api.get<readonly JobTask[] & JsonObject>("/tasks", operation, {
      query: { filters: JSON.stringify({ service: [id] }) },
    });
    const tasks = every.filter(({ JobIteration }) => (JobIteration?.Index ?? 0) === (run ?? 0));
    const places = new Map<string, JobTask[]>();
    for (const task of tasks) {
      const place = String(task.Slot ?? task.NodeID ?? task.ID);
      places.set(place, [...(places.get(place) ?? []), task]);
    }
    const done = [...places.values()].filter((some) =>
      some.some(({ Status }) => Status.State === "complete"),
    ).length;
    const total = spec.run.everyNode ? places.size : (spec.run.completions ?? 1);
    const bad = tasks.filter(({ Status }) => failed.has(Status.State));
    const hopeless = [...places.values()].some(
      (some) => some.filter(({ Status }) => failed.has(Status.State)).length > spec.retries,
    );
    const counts = `${done} of ${total} tasks ended well`;
    if (hopeless) throw await failure(api, `job ${name} failed: ${counts}`, bad, operation);
    // The tasks of all nodes are made one after the other.
    if (total > 0 && done >= total) {
      if (all || !spec.run.everyNode) return;
      all = true;
    } else all = false;
    if (Date.now() > end) {
      const waits = tasks.filter(({ Status }) => Status.Err);
      throw await failure(
        api,
        `job ${name} did not end in ${formatDuration(timeout * 1e6)} (timeout): ${counts}`,
        waits,
        operation,
      );
    }
    const line = `${counts}${bad.length > 0 ? `, ${bad.length} failed` : ""}`;
    if (line !== said) operation.status(line);
    said = line;
    await sleep(lookMs);
  }
}

async function failure(
  api: DockerApi,
  what: string,
  tasks: readonly JobTask[],
  operation: Operation,
): Promise<UserError> {
  const reasons = [...new Set(tasks.map(({ Status }) => Status.Err).filter((err) => err))].join("; ");
  const last = tasks.find(({ Status }) => Status.State === "failed");
  const output = last === undefined ? "" : await outputOf(api, last.ID, operation).catch(() => "");
  const why = [
    reasons && `its tasks say: ${reasons}`,
    output && `the last lines of their output:\n${output}`,
  ];
  return new UserError(what, why.filter((part) => part).join("\n") || undefined);
}

async function outputOf(api: DockerApi, task: string, operation: Operation): Promise<string> {
  const query = { stdout: true, stderr: true, tail: logLines };
  const stream = await api.stream("GET", `/tasks/${task}/logs`, operation, { query });
  let text = "";
  for await (const frame of frames(stream)) text += frame.text;
  return text.trimEnd().replace(/^/gm, "  ");
}
