/**
 * `docker:index/container:Container`. Specified by the Docker Engine API ("Container") and, for its behaviour, by
 * kreuzwerker/terraform-provider-docker: internal/provider/resource_docker_container_funcs.go.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { shellWord } from "../../host/shellWord";
import { UserError } from "../../host/userError";
import type { CheckFailure } from "../rpc/check";
import type { Change } from "../rpc/diff";
import { child } from "../rpc/property";
import type { Operation, ResourceType } from "../rpc/resource";
import { containsSecret, type PropertyMap, reveal, Secret } from "../rpc/values";
import { type DockerApi, DockerError, orGone } from "./api";
import { containerProperties as properties } from "./containerProperties";
import { expandContainer, expandEndpoint, expandLimits, rows, text, whole } from "./containerSpec";
import { type ApiContainer, flattenContainer } from "./containerState";
import { pulledImage } from "./images";
import type { JsonObject } from "./json";
import type { RegistryLogin } from "./settings";
import { driftedInputs, importedInputs, previewedOutputs, withoutInternals } from "./state";
import { bytes, withoutHeaders } from "./streams";
import { uploadArchive } from "./uploads";

const healthEveryMs = 1000;

/** What takes the container that has the name into the state; the daemon's answer has its ID. */
function importOf({ name }: Operation, said: string): string {
  const id = /container "?([0-9a-f]{12,64})/.exec(said)?.[1]?.slice(0, 12) ?? "<its ID>";
  return `import docker:index/container:Container ${shellWord(name)} ${id}`;
}

export function container(api: () => DockerApi, logins: () => readonly RegistryLogin[]): ResourceType {
  const inspect = (id: string, operation: Operation): Promise<ApiContainer | undefined> =>
    orGone(api().get<ApiContainer>(`/containers/${encodeURIComponent(id)}/json`, operation));
  const post = (id: string, verb: string, operation: Operation, body?: JsonObject): Promise<JsonObject> =>
    api().post<JsonObject>(`/containers/${id}/${verb}`, operation, { body });

  async function make(inputs: PropertyMap, operation: Operation): Promise<string> {
    const [name, body] = [String(inputs.name), expandContainer(inputs)];
    const platform = text(inputs.platform);
    try {
      const made = await api().post<{ Id: string; Warnings: readonly string[] }>(
        "/containers/create",
        operation,
        { query: { name, platform }, body },
      );
      for (const warning of made.Warnings ?? []) operation.log("warning", warning);
      return made.Id;
    } catch (error) {
      if (!(error instanceof DockerError) || error.status !== 409 || !/already in use/.test(error.said))
        throw error;
      throw new UserError(
        `a container named ${name} exists already`,
        "it was made by someone else, or by a run that was killed",
        `remove it (docker rm --force ${name}), take it over (${importOf(operation, error.said)}), or choose another name`,
      );
    }
  }

  async function connect(id: string, inputs: PropertyMap, operation: Operation): Promise<void> {
    const networks = rows(inputs.networksAdvanced);
    if (networks.length === 0) return;
    await api()
      .post("/networks/bridge/disconnect", operation, { body: { Container: id } })
      .catch((error: unknown) => {
        if (!(error instanceof DockerError) || !/is not connected/.test(error.said)) throw error;
      });
    for (const network of networks) {
      await api().post(`/networks/${encodeURIComponent(String(network.name))}/connect`, operation, {
        body: { Container: id, EndpointConfig: expandEndpoint(network) },
      });
    }
  }

  async function healthy(id: string, timeoutSeconds: number, operation: Operation): Promise<void> {
    const end = Date.now() + timeoutSeconds * 1000;
    for (;;) {
      const state = (await inspect(id, operation))?.State;
      if (state?.Health === undefined) {
        throw new UserError(
          "wait: the container has no health check",
          undefined,
          "add a healthcheck, or leave wait out",
        );
      }
      if (state.Health.Status === "healthy") return;
      if (!state.Running || Date.now() > end) {
        const problem = state.Running ? `is ${state.Health.Status} after ${timeoutSeconds} s` : "has ended";
        throw new UserError(`the container ${problem}`, lastProbe(state.Health));
      }
      operation.status(`the container is ${state.Health.Status}`);
      await sleep(healthEveryMs, undefined, { signal: operation.signal });
    }
  }

  /** Resolves to what it printed, where that is asked for. */
  async function ended(id: string, inputs: PropertyMap, operation: Operation): Promise<string | undefined> {
    operation.status("waiting for the container to end");
    const answer = await api().stream("POST", `/containers/${id}/wait`, operation, {
      query: { condition: "not-running" },
    });
    await bytes(answer);
    if (inputs.logs !== true) return undefined;
    const output = await api().stream("GET", `/containers/${id}/logs`, operation, {
      query: { stdout: true, stderr: true },
    });
    const raw = await bytes(output);
    return (inputs.tty === true ? raw : withoutHeaders(raw)).toString("utf8");
  }

  async function run(id: string, inputs: PropertyMap, operation: Operation): Promise<string | undefined> {
    await connect(id, inputs, operation);
    const uploads = rows(inputs.uploads);
    if (uploads.length > 0) {
      await api().put(`/containers/${id}/archive`, operation, {
        query: { path: "/", noOverwriteDirNonDir: true },
        archive: await uploadArchive(uploads),
      });
    }
    if (inputs.start !== false) {
      await post(id, "start", operation);
      if (inputs.wait === true) await healthy(id, whole(inputs.waitTimeout) ?? 60, operation);
    }
    return inputs.attach === true ? ended(id, inputs, operation) : undefined;
  }

  return {
    properties,
    checkTogether,
    refineChanges,
    deleteBeforeReplace: () => true,
    preview: (inputs, olds) => previewedOutputs(properties, inputs, olds),
    // A program may print what it is given.
    secretOutputs: (inputs, { containerLogs }) =>
      containsSecret(inputs) || containerLogs instanceof Secret ? ["containerLogs"] : [],

    async create(inputs, operation) {
      const opened = reveal(withoutInternals(inputs)) as PropertyMap;
      await pulledImage(
        api(),
        { name: String(opened.image), platform: text(opened.platform), logins: logins() },
        operation,
      );
      const id = await make(opened, operation);
      try {
        const logs = await run(id, opened, operation);
        const there = await inspect(id, operation);
        // With `rm` it is gone as soon as it ends.
        return {
          id,
          outputs: there ? flattenContainer(there, inputs, logs) : { ...withoutInternals(inputs), id },
        };
      } catch (error) {
        // What failed is not recorded, so it must not stay; also when the run was cancelled.
        const patient: Operation = { ...operation, signal: AbortSignal.timeout(30_000) };
        await orGone(api().delete(`/containers/${id}`, patient, { query: { force: true, v: true } })).catch(
          () => undefined,
        );
        throw error;
      }
    },

    async update({ id, oldInputs, oldOutputs, inputs }, operation) {
      const opened = reveal(withoutInternals(inputs)) as PropertyMap;
      const there = await inspect(id, operation);
      if (!there) {
        throw new UserError(
          `container ${String(opened.name)} is gone`,
          "someone has removed it since the last run",
          "refresh the stack, then it is made anew",
        );
      }
      const limits = expandLimits(opened);
      if (JSON.stringify(limits) !== JSON.stringify(expandLimits(reveal(oldInputs) as PropertyMap))) {
        // As the daemon does for a new container; it refuses a memory limit above the swap's old one.
        const swap =
          limits.MemorySwap ?? (limits.Memory === undefined ? undefined : 2 * Number(limits.Memory));
        await post(id, "update", operation, { ...limits, MemorySwap: swap });
      }
      if (opened.mustRun !== false && opened.start !== false && !there.State.Running) {
        await post(id, "start", operation);
      }
      const now = (await inspect(id, operation)) ?? there;
      return flattenContainer(now, inputs, oldOutputs.containerLogs as string | undefined);
    },

    async read({ id, inputs, outputs }, operation) {
      const there = await inspect(id, operation);
      if (!there) return undefined;
      const imported = Object.keys(inputs).length === 0;
      const actual = flattenContainer(there, imported ? {} : { ...outputs, ...inputs });
      const kept = imported
        ? importedInputs(properties, actual)
        : driftedInputs(properties, inputs, outputs, reveal(actual) as PropertyMap);
      const stopped = kept.mustRun === true && kept.start !== false && !there.State.Running;
      return { id: there.Id, outputs: actual, inputs: stopped ? { ...kept, mustRun: false } : kept };
    },

    async delete({ id, outputs }, operation) {
      const gone = (error: unknown): void => {
        if (error instanceof DockerError && (error.status === 404 || /in progress/.test(error.said))) return;
        throw error;
      };
      if (outputs.attach !== true) {
        const t = whole(outputs.destroyGraceSeconds) ?? 0;
        await api().post(`/containers/${id}/stop`, operation, { query: { t } }).catch(gone);
      }
      await api()
        .delete(`/containers/${id}`, operation, {
          query: { force: true, v: outputs.removeVolumes !== false },
        })
        .catch(gone);
      const answer = await api()
        .stream("POST", `/containers/${id}/wait`, operation, { query: { condition: "removed" } })
        .catch(gone);
      if (answer) await bytes(answer);
    },
  };
}

function lastProbe(health: JsonObject): string | undefined {
  const last = ((health.Log ?? []) as readonly JsonObject[]).at(-1);
  return last === undefined ? undefined : `its health check said: ${String(last.Output).trim()}`;
}

function checkTogether(inputs: PropertyMap): CheckFailure[] {
  const failures: CheckFailure[] = [];
  if (inputs.gpus !== undefined && inputs.deviceRequests !== undefined) {
    failures.push({ property: "deviceRequests", reason: "conflicts with gpus" });
  }
  rows(inputs.uploads).forEach((upload, index) => {
    const given = ["content", "contentBase64", "source"].filter((key) => (upload[key] ?? "") !== "");
    if (given.length === 1) return;
    const reason = "needs exactly one of content, contentBase64 and source";
    failures.push({ property: child("uploads", index), reason });
  });
  return failures;
}

/** To the daemon zero means "as it is": a limit is not lifted in place. */
const liftedByReplacing = new Set([
  "cpuPeriod",
  "cpuQuota",
  "cpuSet",
  "cpuShares",
  "memory",
  "memoryReservation",
  "memorySwap",
]);

/** A container that has stopped and must run is an update, which starts it. */
function refineChanges(
  changes: readonly Change[],
  _olds: PropertyMap,
  news: PropertyMap,
  outputs: PropertyMap,
): readonly Change[] {
  const stopped = outputs.mustRun === false && news.mustRun === true && news.start !== false;
  const refined = changes.map((change) =>
    liftedByReplacing.has(change.path) && !news[change.path] ? { ...change, replaces: true } : change,
  );
  return stopped && !changes.some(({ path }) => path === "mustRun")
    ? [...refined, { path: "mustRun", kind: "update", replaces: false }]
    : refined;
}
