/**
 * Sets what the Docker plugin has no fields for on a service that the plugin made or updated. The plugin writes whole specifications, and so one without
 * these fields, which is an update of its own: what ran before it stays what the swarm goes back to.
 */
import { z } from "zod";
import { type TaskFields, taskFields } from "../../components/service/taskFields";
import { parseDuration } from "../../host/duration";
import { UserError } from "../../host/userError";
import type { Progress } from "../../machine/progress";
import { type DockerApi, DockerError, orGone } from "../../providers/docker/api";
import { converged } from "../../providers/docker/converge";
import { expandService } from "../../providers/docker/expandService";
import type { ApiService } from "../../providers/docker/flattenService";
import type { Json, JsonObject } from "../../providers/docker/json";
import { registryHeader } from "../../providers/docker/registry";
import type { Operation } from "../../providers/rpc/resource";
import type { PropertyMap } from "../../providers/rpc/values";
import { onHost } from "./host";
import { differing, isWhole, labelOf, refuseTooNew, withFields } from "./taskFields";

const question = {
  /** The swarm's address, as the docker provider has it. */
  host: z.string().optional(),
  serviceId: z.string(),
  fields: taskFields,
};
export const fieldsQuestion = z.strictObject(question);

export const serviceFieldsSpec = z.strictObject({
  ...question,
  /** As the Docker plugin is told it. */
  service: z.looseObject({ name: z.string() }),
  timeout: z.string(),
});
export type ServiceFieldsSpec = z.infer<typeof serviceFieldsSpec>;

/** Others may change a service between our look and our update. */
const outOfSequenceTries = 5;
const everyMs = 1000;
/** A preview does not wait longer for a swarm that does not answer. */
const lookSeconds = 20;

const inspect = (api: DockerApi, id: string, operation: Operation): Promise<ApiService | undefined> =>
  orGone(api.get<ApiService>(`/services/${encodeURIComponent(id)}`, operation));

/** Sets the fields, all others of their kind taken off, and waits until the tasks run. @throws UserError with what the tasks say */
export async function setFields(spec: ServiceFieldsSpec, progress: Progress): Promise<void> {
  await onHost(spec.host, progress, async (api, operation) => {
    await refuseTooNew(`service ${spec.service.name}`, spec.fields, api, operation);
    await written(api, spec, progress, operation);
    await convergedWithin(api, spec, operation);
  });
}

/** Takes the fields off, unless the service is gone, or is to have them: then it is about to go, or to be made anew. */
export async function resetFields(spec: ServiceFieldsSpec, progress: Progress): Promise<void> {
  await onHost(spec.host, progress, async (api, operation) => {
    const changed = await inSequence(async () => {
      const there = await inspect(api, spec.serviceId, operation);
      if (there === undefined || differing(there.Spec, {}).length === 0) return false;
      if (labelOf(there.Spec) !== undefined && isWhole(there.Spec)) return false;
      progress("taking off what the program no longer gives the service");
      await update(api, there, withTask(there.Spec, {}), operation);
      return true;
    });
    if (changed) await convergedWithin(api, spec, operation);
  });
}

/** `ok`, or what is not as it should be; each time in other words, so that it is a difference for Pulumi. */
export async function lookAtFields(
  { host, serviceId, fields }: z.infer<typeof fieldsQuestion>,
  progress: Progress,
): Promise<string> {
  try {
    return await onHost(
      host,
      progress,
      async (api, operation) => {
        const there = await inspect(api, serviceId, operation);
        if (there === undefined) return "ok";
        const names = differing(there.Spec, fields);
        const at = `(version ${there.Version.Index} of the service)`;
        if (names.length > 0) return `not as wanted: ${names.join(", ")} ${at}`;
        return there.UpdateStatus?.State === "updating" ? `its update is under way ${at}` : "ok";
      },
      { seconds: lookSeconds },
    );
  } catch (error) {
    // Of a machine that is off, say, other resources tell.
    progress(`not looked at: ${(error as Error).message}`);
    return "ok";
  }
}

const withTask = (spec: JsonObject, fields: TaskFields): JsonObject => ({
  ...spec,
  TaskTemplate: withFields(spec.TaskTemplate as JsonObject, fields),
});

/** Resolves when the service's specification is as wanted; what tasks make of it is another question. */
async function written(
  api: DockerApi,
  { serviceId, service, fields }: ServiceFieldsSpec,
  progress: Progress,
  operation: Operation,
): Promise<void> {
  const look = async (): Promise<ApiService> => {
    const there = await inspect(api, serviceId, operation);
    if (there !== undefined) return there;
    throw new UserError(
      `service ${service.name} is gone`,
      "someone has removed it since the last run",
      "refresh the stack, then it is made anew",
    );
  };
  const write = (spec: JsonObject, headers?: Readonly<Record<string, string>>): Promise<void> =>
    inSequence(async () => update(api, await look(), spec, operation, headers));

  const there = await look();
  if (String(there.UpdateStatus?.State ?? "").startsWith("rollback")) {
    progress("updating the service, which was rolled back");
    const { ForceUpdate } = there.Spec.TaskTemplate as JsonObject;
    const wanted = expandService(service as unknown as PropertyMap);
    const task: JsonObject = { ...(wanted.TaskTemplate as JsonObject), ForceUpdate };
    const image = String((task.ContainerSpec as JsonObject).Image);
    const headers = registryHeader(image, service.auth as PropertyMap[string], []);
    return write(withTask({ ...wanted, TaskTemplate: task }, fields), headers);
  }
  const before = there.PreviousSpec as JsonObject | undefined;
  const cut = wasCut(there.Spec, before);
  const names = differing(there.Spec, fields);
  // An update that stopped because a task failed goes on by another one only.
  const paused = there.UpdateStatus?.State === "paused";
  if (names.length === 0 && cut === undefined && !paused) return;
  if (before !== undefined && !isWhole(there.Spec) && isWhole(before)) {
    // The swarm remembers one specification: it has to be the one that ran, not that without the fields.
    await write(before);
  }
  progress(names.length > 0 ? `setting ${names.join(", ")}` : "going on with an update that had stopped");
  await write(withTask(cut ?? there.Spec, fields));
}

/** What was to be written by a run that was killed when it had put back what ran before. */
function wasCut(now: JsonObject, before: JsonObject | undefined): JsonObject | undefined {
  if (before === undefined || !isWhole(now) || isWhole(before)) return undefined;
  const rest = (spec: JsonObject): string => JSON.stringify(withoutEmpty(withTask(spec, {})));
  return rest(before) === rest(now) ? undefined : before;
}

/** The daemon fills in empty objects beside what it is given. */
function withoutEmpty(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value;
  if (typeof value !== "object" || value === null) return value ?? undefined;
  const entries = Object.entries(value)
    .map(([key, one]) => [key, withoutEmpty(one)] as const)
    .filter(([, one]) => one !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

async function update(
  api: DockerApi,
  { ID, Version }: ApiService,
  body: JsonObject,
  operation: Operation,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  await api.post(`/services/${ID}/update`, operation, { query: { version: Version.Index }, body, headers });
}

async function inSequence<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      const outdated = error instanceof DockerError && /out of sequence/.test(error.said);
      if (!outdated || tries >= outOfSequenceTries) throw error;
    }
  }
}

async function convergedWithin(
  api: DockerApi,
  { serviceId, timeout }: ServiceFieldsSpec,
  operation: Operation,
): Promise<void> {
  let last = "";
  const status = (line: string): void => {
    if (line !== last) operation.status(line);
    last = line;
  };
  const patience = {
    every: everyMs,
    timeout: (parseDuration(timeout) ?? 0) / 1e6,
    limit: "convergeTimeout",
  };
  await converged(api, serviceId, patience, { ...operation, status });
}
