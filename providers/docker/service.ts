/**
 * `docker:index/service:Service`. Specified by the Docker Engine API ("Service") and, for its behaviour, by
 * kreuzwerker/terraform-provider-docker: internal/provider/resource_docker_service_funcs.go.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseDuration } from "../../host/duration";
import { fieldsLabel } from "../../host/fieldsLabel";
import { UserError } from "../../host/userError";
import type { CheckFailure } from "../rpc/check";
import type { Change } from "../rpc/diff";
import { child } from "../rpc/property";
import { NotReady, type Operation, type ResourceType } from "../rpc/resource";
import { isPropertyMap, type PropertyMap, type PropertyValue, reveal } from "../rpc/values";
import { type DockerApi, DockerError, orGone } from "./api";
import { converged, type Patience } from "./converge";
import { expandService } from "./expandService";
import { type ApiService, flattenService } from "./flattenService";
import type { JsonObject } from "./json";
import { registryHeader } from "./registry";
import { serviceProperties as properties } from "./serviceProperties";
import { mergedSpec } from "./serviceUpdate";
import type { RegistryLogin } from "./settings";
import { driftedInputs, importedInputs, nameIsTaken, previewedOutputs, withoutInternals } from "./state";

/** Others (a person, the orchestrator) may change a service between our look and our update. */
const outOfSequenceTries = 5;
/** The swarm chooses ports a moment after a service was made. */
const portsAfterMs = 5000;
const lookAgainMs = 250;
/** For a look after an operation was cancelled. */
const lookMs = 10_000;
/** Docker's own time for a container to stop, and what an emulated machine needs on top. */
const defaultGraceMs = 10_000;
const stopMarginMs = 30_000;

export function service(api: () => DockerApi, logins: () => readonly RegistryLogin[]): ResourceType {
  const inspect = (id: string, operation: Operation): Promise<ApiService | undefined> =>
    orGone(api().get<ApiService>(`/services/${encodeURIComponent(id)}`, operation));

  /** What is kept of a service: as the daemon has it, and what only the program knows. */
  const outputsOf = (there: ApiService, known: PropertyMap): PropertyMap => {
    const { auth, convergeConfig } = withoutInternals(known);
    return {
      ...flattenService(there),
      ...(auth === undefined ? {} : { auth }),
      ...(convergeConfig === undefined ? {} : { convergeConfig }),
    };
  };

  async function settled(id: string, operation: Operation): Promise<ApiService> {
    const end = Date.now() + portsAfterMs;
    for (;;) {
      const there = await inspect(id, operation);
      if (!there) throw new UserError("the service was removed while it was being made");
      const wanted = ((there.Spec.EndpointSpec as JsonObject | undefined)?.Ports ??
        []) as readonly JsonObject[];
      const given = (there.Endpoint?.Ports ?? []) as readonly JsonObject[];
      if (given.length >= wanted.length || Date.now() > end) return there;
      await sleep(lookAgainMs, undefined, { signal: operation.signal });
    }
  }

  async function request(
    inputs: PropertyMap,
    operation: Operation,
  ): Promise<{ spec: JsonObject; headers: Record<string, string> }> {
    const spec = await withNames(api(), expandService(inputs), operation);
    return { spec, headers: registryHeader(imageOf(inputs), inputs.auth, logins()) };
  }

  return {
    properties,
    deleteBeforeReplace: nameIsTaken,
    checkTogether,
    refineChanges,

    preview: (inputs, olds) => previewedOutputs(properties, inputs, olds),

    async create(inputs, operation) {
      const opened = reveal(inputs) as PropertyMap;
      const { spec, headers } = await request(opened, operation);
      let id: string;
      let ours = true;
      try {
        // As docker's command does; the Docker plugin crashes at the refresh of a service that has no endpoint.
        const body = { EndpointSpec: { Mode: "vip" }, ...spec };
        id = (await api().post<{ ID: string }>("/services/create", operation, { body, headers })).ID;
      } catch (error) {
        if (!(error instanceof DockerError) || !/already exists|name conflicts/.test(error.said)) throw error;
        id = await adopt(spec, error, operation);
        ours = false;
      }
      try {
        await convergedAs(opened, id, operation);
        return { id, outputs: outputsOf(await settled(id, operation), inputs) };
      } catch (error) {
        // What failed is not recorded, so it must not stay; also when the run was cancelled.
        if (ours) await discard(id, String(opened.name), operation);
        throw error;
      }
    },

    async update({ id, oldInputs, inputs }, operation) {
      const opened = reveal(inputs) as PropertyMap;
      const { spec, headers } = await request(opened, operation);
      const before = expandService(reveal(oldInputs) as PropertyMap);
      for (let tries = 1; ; tries++) {
        const there = await inspect(id, operation);
        if (!there) {
          throw new UserError(
            `service ${String(opened.name)} is gone`,
            "someone has removed it since the last run",
            "refresh the stack, then it is made anew",
          );
        }
        try {
          await api().post(`/services/${id}/update`, operation, {
            query: { version: there.Version.Index },
            body: mergedSpec(there.Spec, before, spec),
            headers,
          });
          break;
        } catch (error) {
          const outdated = error instanceof DockerError && /out of sequence/.test(error.said);
          if (!outdated || tries >= outOfSequenceTries) throw error;
        }
      }
      try {
        await convergedAs(opened, id, operation);
      } catch (error) {
        throw await asItIs(error, id, inputs, operation);
      }
      return outputsOf(await settled(id, operation), inputs);
    },

    async read({ id, inputs, outputs }, operation) {
      const there = await inspect(id, operation);
      if (!there) return undefined;
      const imported = Object.keys(inputs).length === 0;
      const actual = outputsOf(there, outputs);
      const revealed = reveal(actual) as PropertyMap;
      return {
        id: there.ID,
        outputs: actual,
        inputs: imported
          ? importedInputs(properties, revealed)
          : driftedInputs(properties, inputs, outputs, revealed),
      };
    },

    async delete({ id, outputs }, operation) {
      await orGone(api().delete(`/services/${encodeURIComponent(id)}`, operation));
      // A next service may need the ports, folders and networks of these tasks.
      const end = Date.now() + graceMs(reveal(outputs) as PropertyMap) + stopMarginMs;
      for (;;) {
        const left = await tasksLeft(api(), id, operation);
        if (left === 0) return;
        if (Date.now() > end) {
          operation.log("warning", `${left} tasks of ${String(outputs.name)} are still stopping`);
          return;
        }
        operation.status(`waiting for ${left} ${left === 1 ? "task" : "tasks"} to stop`);
        await sleep(lookAgainMs * 2, undefined, { signal: operation.signal });
      }
    },
  };

  async function convergedAs(inputs: PropertyMap, id: string, operation: Operation): Promise<void> {
    const patience = patienceOf(inputs);
    if (patience) await converged(api(), id, patience, operation);
  }

  /** The service is what it was told to be, though its tasks do not run so: a program that goes back has to update it. Not if the swarm has gone back by itself. */
  async function asItIs(
    failure: unknown,
    id: string,
    inputs: PropertyMap,
    operation: Operation,
  ): Promise<unknown> {
    const uncancelled = { ...operation, signal: AbortSignal.timeout(lookMs) };
    const there = await inspect(id, uncancelled).catch(() => undefined);
    if (!there || String(there.UpdateStatus?.State ?? "").startsWith("rollback")) return failure;
    return new NotReady(failure, outputsOf(there, inputs));
  }

  async function discard(id: string, name: string, operation: Operation): Promise<void> {
    const uncancelled = { ...operation, signal: new AbortController().signal };
    try {
      await orGone(api().delete(`/services/${id}`, uncancelled));
    } catch (error) {
      operation.log("warning", `service ${name} could not be removed again: ${(error as Error).message}`);
    }
  }

  /** A run that was killed made the service and could not record it any more: it is taken over if it is as wanted. */
  async function adopt(spec: JsonObject, conflict: DockerError, operation: Operation): Promise<string> {
    const there = await inspect(String(spec.Name), operation);
    const unchanged =
      there &&
      JSON.stringify(sorted(mergedSpec(there.Spec, {}, spec))) === JSON.stringify(sorted(there.Spec));
    if (!there || !unchanged) {
      throw new UserError(
        `a service named ${String(spec.Name)} exists already, with other settings`,
        conflict.said,
        "remove it (docker service rm), or choose another name",
      );
    }
    operation.log(
      "warning",
      `service ${String(spec.Name)} was there already, exactly as it is wanted: taken over`,
    );
    return there.ID;
  }
}

async function tasksLeft(api: DockerApi, id: string, operation: Operation): Promise<number> {
  // Not by a filter: the daemon refuses one that names a service which is gone.
  const tasks = await api.get<readonly JsonObject[]>("/tasks", operation);
  const ended = new Set(["complete", "shutdown", "failed", "rejected", "orphaned"]);
  return tasks.filter(
    ({ ServiceID, NodeID, Status }) =>
      ServiceID === id && Boolean(NodeID) && !ended.has(String((Status as JsonObject).State)),
  ).length;
}

/** References to secrets, configs and networks need what the program may leave out. */
async function withNames(api: DockerApi, spec: JsonObject, operation: Operation): Promise<JsonObject> {
  const task = spec.TaskTemplate as JsonObject;
  const container = task.ContainerSpec as JsonObject;
  async function named(kind: "Secret" | "Config"): Promise<readonly JsonObject[] | undefined> {
    const references = container[`${kind}s`] as readonly JsonObject[] | undefined;
    if (!references) return undefined;
    return Promise.all(
      references.map(async (reference) => {
        if (reference[`${kind}Name`]) return reference;
        const id = String(reference[`${kind}ID`]);
        const { Spec } = await api.get<JsonObject>(
          `/${kind.toLowerCase()}s/${encodeURIComponent(id)}`,
          operation,
        );
        return { ...reference, [`${kind}Name`]: (Spec as JsonObject).Name };
      }),
    );
  }
  const [Secrets, Configs] = await Promise.all([named("Secret"), named("Config")]);
  return {
    ...spec,
    TaskTemplate: {
      ...task,
      ContainerSpec: { ...container, ...(Secrets ? { Secrets } : {}), ...(Configs ? { Configs } : {}) },
    },
  };
}

function checkTogether(inputs: PropertyMap): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const mode = isPropertyMap(inputs.mode) ? inputs.mode : {};
  if (mode.global === true && mode.replicated !== undefined) {
    failures.push({ property: "mode.global", reason: "conflicts with mode.replicated" });
  }
  if (mode.global === true && inputs.convergeConfig !== undefined) {
    failures.push({ property: "convergeConfig", reason: "conflicts with mode.global" });
  }
  const task = isPropertyMap(inputs.taskSpec) ? inputs.taskSpec : {};
  const networks = Array.isArray(task.networksAdvanceds) ? task.networksAdvanceds : [];
  networks.forEach((network: PropertyValue, index: number) => {
    if (!isPropertyMap(network)) return;
    const path = child("taskSpec.networksAdvanceds", index);
    const [id, name] = [
      network.id !== undefined && network.id !== "",
      network.name !== undefined && network.name !== "",
    ];
    if (!id && !name) failures.push({ property: path, reason: "needs an id (or a name)" });
  });
  return failures;
}

/** A service cannot go from replicated to global or back. */
function refineChanges(changes: readonly Change[], olds: PropertyMap, news: PropertyMap): readonly Change[] {
  const isGlobal = ({ mode }: PropertyMap): boolean => isPropertyMap(mode) && mode.global === true;
  if (isGlobal(olds) === isGlobal(news)) return changes;
  return changes.map((change) => (/^mode\b/.test(change.path) ? { ...change, replaces: true } : change));
}

/** The plugin takes no `convergeConfig` of a global service, and does not wait for one; here it is waited for. */
const globalPatience: Patience = { every: 2000, timeout: 15 * 60_000 };

function patienceOf({ convergeConfig, mode, labels }: PropertyMap): Patience | undefined {
  // Its tasks may never run before they have the fields that are still to be set.
  const unfinished =
    Array.isArray(labels) && labels.some((one) => isPropertyMap(one) && one.label === fieldsLabel);
  if (isPropertyMap(mode) && mode.global === true && !unfinished) return globalPatience;
  if (!isPropertyMap(convergeConfig)) return undefined;
  const milliseconds = (value: PropertyValue | undefined, fallback: string): number =>
    (parseDuration(String(value ?? fallback)) ?? 0) / 1e6;
  return {
    every: Math.max(milliseconds(convergeConfig.delay, "7s"), lookAgainMs),
    timeout: milliseconds(convergeConfig.timeout, "3m"),
  };
}

function graceMs({ taskSpec }: PropertyMap): number {
  const container =
    isPropertyMap(taskSpec) && isPropertyMap(taskSpec.containerSpec) ? taskSpec.containerSpec : {};
  const nanoseconds = parseDuration(String(container.stopGracePeriod ?? ""));
  return nanoseconds === undefined ? defaultGraceMs : nanoseconds / 1e6;
}

function imageOf({ taskSpec }: PropertyMap): string {
  const container =
    isPropertyMap(taskSpec) && isPropertyMap(taskSpec.containerSpec) ? taskSpec.containerSpec : {};
  return String(container.image ?? "");
}

function sorted(value: JsonObject[string]): JsonObject[string] {
  if (Array.isArray(value)) return value.map((item) => sorted(item) ?? null);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
