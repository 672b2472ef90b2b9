/**
 * `docker:index/secret:Secret` and `docker:index/serviceConfig:ServiceConfig`: data that a swarm hands to its tasks.
 * Neither can be changed. Specified by the Docker Engine API ("Secret", "Config") and, for the shape of the properties, by
 * kreuzwerker/terraform-provider-docker: internal/provider/resource_docker_secret.go and resource_docker_config.go.
 */
import { isKeyed } from "../../host/contentName";
import { UserError } from "../../host/userError";
import type { CheckFailure } from "../rpc/check";
import { type Properties, string } from "../rpc/property";
import type { Operation, ResourceType } from "../rpc/resource";
import { type PropertyMap, reveal, Secret } from "../rpc/values";
import { type DockerApi, DockerError, deleteWhenFree, orGone } from "./api";
import type { JsonObject } from "./json";
import { expandLabels, flattenLabels, labels } from "./labels";
import { bridgeMeta, driftedInputs, nameIsTaken, previewedOutputs, withoutInternals } from "./state";

const replaces = { replaces: true };

const secretProperties: Properties = {
  name: string({ autoname: true, ...replaces }),
  data: string({ required: true, secret: true, format: "base64", ...replaces }),
  labels: labels("SecretLabel", replaces),
};

const configProperties: Properties = {
  name: string({ autoname: true, ...replaces }),
  data: string({ format: "base64", ...replaces }),
  dataRaw: string(replaces),
  labels: labels("ServiceConfigLabel", replaces),
};

interface ApiData extends JsonObject {
  readonly ID: string;
  readonly Spec: JsonObject & { readonly Name: string; readonly Labels?: JsonObject; readonly Data?: string };
}

export function secret(api: () => DockerApi): ResourceType {
  return swarmData(api, "secrets", secretProperties, bridgeMeta(1));
}

export function serviceConfig(api: () => DockerApi): ResourceType {
  return { ...swarmData(api, "configs", configProperties, {}), checkTogether: exactlyOneData };
}

function exactlyOneData({ data, dataRaw }: PropertyMap): CheckFailure[] {
  return (data === undefined) === (dataRaw === undefined)
    ? [{ property: "data", reason: "exactly one of data (base64) and dataRaw (plain) must be set" }]
    : [];
}

function swarmData(
  api: () => DockerApi,
  collection: "secrets" | "configs",
  properties: Properties,
  meta: PropertyMap,
): ResourceType {
  const kind = collection.slice(0, -1);

  /**
   * A run that was killed made it and could not record it any more, or one that failed left it when it was replaced, and the program has gone back: it is
   * taken over if it is the same. What a secret holds cannot be read, but its name may stand for it.
   */
  async function existing(
    spec: { Name: string; Labels: Record<string, string>; Data: string },
    conflict: unknown,
    operation: Operation,
  ): Promise<{ ID: string }> {
    if (!(conflict instanceof DockerError) || !/already exists|name conflicts/.test(conflict.said))
      throw conflict;
    const path = `/${collection}/${encodeURIComponent(spec.Name)}`;
    const there = await orGone(api().get<ApiData>(path, operation));
    const same =
      (there?.Spec.Data === spec.Data || isKeyed(spec.Labels)) &&
      JSON.stringify(flattenLabels(there?.Spec.Labels)) === JSON.stringify(flattenLabels(spec.Labels));
    if (!there || !same) {
      throw new UserError(
        `a ${kind} named ${spec.Name} exists already`,
        collection === "secrets" ? "what it holds cannot be read, so it is not taken over" : conflict.said,
        `remove it (docker ${kind} rm ${spec.Name}), or choose another name`,
      );
    }
    operation.log("warning", `${kind} ${spec.Name} was there already, exactly as it is wanted: taken over`);
    return there;
  }

  return {
    properties,
    deleteBeforeReplace: nameIsTaken,
    preview: (inputs, olds) => previewedOutputs(properties, inputs, olds),

    async create(inputs, operation) {
      const { name, data, dataRaw, labels } = reveal(inputs) as PropertyMap;
      const spec = {
        Name: name as string,
        Labels: expandLabels(labels) ?? {},
        Data: dataRaw === undefined ? (data as string) : Buffer.from(String(dataRaw)).toString("base64"),
      };
      const made = await api()
        .post<{ ID: string }>(`/${collection}/create`, operation, { body: spec })
        .catch((error: unknown) => existing(spec, error, operation));
      return { id: made.ID, outputs: { labels: [], ...withoutInternals(inputs), id: made.ID, ...meta } };
    },

    async read({ id, inputs, outputs }, operation) {
      const there = await orGone(api().get<ApiData>(`/${collection}/${encodeURIComponent(id)}`, operation));
      if (!there) return undefined;
      const flattened = flattenLabels(there.Spec.Labels);
      // What a bridged plugin keeps beside the properties describes its own outputs, and nothing that is put together here.
      const { labels: _, ...recorded } = withoutInternals(outputs);
      const actual: PropertyMap = {
        // The daemon never gives a secret's data back: the state is the only place that knows it.
        ...recorded,
        ...configData(there, outputs),
        id: there.ID,
        name: there.Spec.Name,
        labels: flattened ?? [],
        ...meta,
      };
      const revealed = reveal(actual) as PropertyMap;
      return {
        id: there.ID,
        outputs: actual,
        inputs:
          Object.keys(inputs).length === 0
            ? Object.fromEntries(Object.entries(actual).filter(([key]) => properties[key] !== undefined))
            : driftedInputs(properties, inputs, outputs, revealed),
      };
    },

    delete: ({ id, outputs }, operation) =>
      deleteWhenFree(`${kind} ${String(outputs.name)}`, /is in use/, operation, () =>
        api().delete(`/${collection}/${encodeURIComponent(id)}`, operation),
      ),
  };
}

/** A config's data can be read, in the notation that the program used. */
function configData({ Spec: { Data } }: ApiData, outputs: PropertyMap): PropertyMap {
  if (Data === undefined) return {};
  const [key, value] =
    outputs.dataRaw === undefined || outputs.dataRaw === null
      ? ["data", Data]
      : ["dataRaw", Buffer.from(Data, "base64").toString("utf8")];
  return { [key]: outputs[key] instanceof Secret ? new Secret(value) : value };
}
