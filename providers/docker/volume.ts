/**
 * `docker:index/volume:Volume`. Specified by the Docker Engine API ("Volume") and, for the shape of its properties, by
 * kreuzwerker/terraform-provider-docker: internal/provider/resource_docker_volume.go.
 */
import { any, map, type Properties, string } from "../rpc/property";
import type { ResourceType } from "../rpc/resource";
import { type PropertyMap, reveal } from "../rpc/values";
import { type DockerApi, deleteWhenFree, orGone } from "./api";
import type { JsonObject } from "./json";
import { expandLabels, flattenLabels, labels } from "./labels";
import { bridgeMeta, driftedInputs, importedInputs, nameIsTaken, previewedOutputs } from "./state";

const replaces = { replaces: true };

const properties: Properties = {
  name: string({ autoname: true, ...replaces }),
  driver: string({ computed: true, ...replaces }),
  driverOpts: map(string(), replaces),
  labels: labels("VolumeLabel", replaces),
  cluster: any(replaces),
  mountpoint: string({ output: true }),
};

interface ApiVolume extends JsonObject {
  readonly Name: string;
  readonly Driver: string;
  readonly Mountpoint: string;
  readonly Labels?: JsonObject;
  readonly Options?: JsonObject;
}

export function volume(api: () => DockerApi): ResourceType {
  return {
    properties,
    deleteBeforeReplace: nameIsTaken,
    checkTogether: ({ cluster }) =>
      cluster === undefined
        ? []
        : [{ property: "cluster", reason: "is not supported by vmcluster's own docker provider" }],
    preview: (inputs, olds) => previewedOutputs(properties, inputs, olds),

    async create(inputs, operation) {
      const { name, driver, driverOpts, labels } = reveal(inputs) as PropertyMap;
      const made = await api().post<ApiVolume>("/volumes/create", operation, {
        body: {
          Name: name as string,
          Driver: driver as string | undefined,
          DriverOpts: driverOpts as JsonObject | undefined,
          Labels: expandLabels(labels),
        },
      });
      return { id: made.Name, outputs: flatten(made) };
    },

    async read({ id, inputs, outputs }, operation) {
      const there = await orGone(api().get<ApiVolume>(`/volumes/${encodeURIComponent(id)}`, operation));
      if (!there) return undefined;
      const actual = flatten(there);
      return {
        id: there.Name,
        outputs: actual,
        inputs:
          Object.keys(inputs).length === 0
            ? importedInputs(properties, actual)
            : driftedInputs(properties, inputs, outputs, actual),
      };
    },

    delete: ({ id }, operation) =>
      deleteWhenFree(`volume ${id}`, /volume is in use/, operation, () =>
        api().delete(`/volumes/${encodeURIComponent(id)}`, operation, { query: { force: true } }),
      ),
  };
}

function flatten(volume: ApiVolume): PropertyMap {
  const flattened = flattenLabels(volume.Labels);
  return {
    id: volume.Name,
    name: volume.Name,
    driver: volume.Driver,
    mountpoint: volume.Mountpoint,
    labels: flattened ?? [],
    ...(Object.keys(volume.Options ?? {}).length === 0 ? {} : { driverOpts: volume.Options as PropertyMap }),
    ...bridgeMeta(1),
  };
}
