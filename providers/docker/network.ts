/**
 * `docker:index/network:Network`. Specified by the Docker Engine API ("Network") and, for the shape of its properties, by
 * kreuzwerker/terraform-provider-docker: internal/provider/resource_docker_network*.go.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../host/userError";
import { boolean, map, object, type Properties, set, string } from "../rpc/property";
import type { Operation, ResourceType } from "../rpc/resource";
import { isPropertyMap, type PropertyMap, reveal } from "../rpc/values";
import { type DockerApi, DockerError, deleteWhenFree, orGone } from "./api";
import type { JsonObject } from "./json";
import { expandLabels, flattenLabels, labels } from "./labels";
import { bridgeMeta, driftedInputs, importedInputs, nameIsTaken, present, previewedOutputs } from "./state";

const replaces = { replaces: true };

const properties: Properties = {
  name: string({ autoname: true, ...replaces }),
  attachable: boolean(replaces),
  driver: string({ computed: true, ...replaces }),
  ingress: boolean(replaces),
  internal: boolean({ computed: true, ...replaces }),
  ipamConfigs: set(
    object("NetworkIpamConfig", {
      auxAddress: map(string()),
      gateway: string(),
      ipRange: string(),
      subnet: string(),
    }),
    { computed: true, ...replaces },
  ),
  ipamDriver: string({ default: "default", ...replaces }),
  ipamOptions: map(string(), replaces),
  ipv6: boolean(replaces),
  labels: labels("NetworkLabel", replaces),
  options: map(string(), { computed: true, ...replaces }),
  scope: string({ output: true }),
};

/** A swarm gives a network its driver's settings and addresses a moment after it was made. */
const allocatedAfterMs = 60_000;
const lastTaskAfterMs = 60_000;
const lookAgainMs = 250;

export interface ApiNetwork extends JsonObject {
  readonly Id: string;
  readonly Name: string;
  readonly Scope: string;
  readonly Driver: string;
  readonly EnableIPv6: boolean;
  readonly IPAM: JsonObject & {
    readonly Driver?: string;
    readonly Options?: JsonObject;
    readonly Config?: readonly JsonObject[];
  };
  readonly Internal: boolean;
  readonly Attachable: boolean;
  readonly Ingress: boolean;
  readonly Options?: JsonObject;
  readonly Labels?: JsonObject;
}

export function network(api: () => DockerApi): ResourceType {
  const inspect = (id: string, operation: Operation): Promise<ApiNetwork | undefined> =>
    orGone(api().get<ApiNetwork>(`/networks/${encodeURIComponent(id)}`, operation));

  return {
    properties,
    deleteBeforeReplace: nameIsTaken,
    preview: (inputs, olds) => previewedOutputs(properties, inputs, olds),

    async create(inputs, operation) {
      const wanted = expand(reveal(inputs) as PropertyMap);
      let id: string;
      try {
        id = (await api().post<{ Id: string }>("/networks/create", operation, { body: wanted })).Id;
      } catch (error) {
        if (!(error instanceof DockerError) || !/already exists/.test(error.said)) throw error;
        const there = await inspect(String(wanted.Name), operation);
        if (!there || !matches(there, wanted)) {
          throw new UserError(
            `a network named ${String(wanted.Name)} exists already, with other settings`,
            error.said,
            "remove it, or choose another name",
          );
        }
        // A run that was killed made it and could not record it any more.
        operation.log(
          "warning",
          `network ${there.Name} was there already, exactly as it is wanted: taken over`,
        );
        id = there.Id;
      }
      const end = Date.now() + allocatedAfterMs;
      let made = await inspect(id, operation);
      while (made && !allocated(made) && Date.now() < end) {
        await sleep(lookAgainMs, undefined, { signal: operation.signal });
        made = await inspect(id, operation);
      }
      if (!made) throw new UserError(`network ${String(wanted.Name)} was removed as soon as it was made`);
      return { id, outputs: flatten(made) };
    },

    async read({ id, inputs, outputs }, operation) {
      const there = await inspect(id, operation);
      if (!there) return undefined;
      const actual = flatten(there);
      const imported = Object.keys(inputs).length === 0;
      return {
        id: there.Id,
        outputs: actual,
        inputs: imported
          ? importedInputs(properties, actual)
          : driftedInputs(properties, inputs, outputs, actual),
      };
    },

    async delete({ id, outputs }, operation) {
      const what = `network ${String(outputs.name)}`;
      await deleteWhenFree(what, /active endpoints|in use/, operation, () =>
        api().delete(`/networks/${encodeURIComponent(id)}`, operation),
      );
      // A node keeps its part, and the name, until the last task that used the network has stopped.
      const end = Date.now() + lastTaskAfterMs;
      while ((await inspect(id, operation)) && Date.now() < end) {
        operation.status(`waiting for the last task on ${what} to stop`);
        await sleep(lookAgainMs, undefined, { signal: operation.signal });
      }
    },
  };
}

/** What was recorded before that would look like someone else's change later. */
function allocated({ Scope, Driver, IPAM }: ApiNetwork): boolean {
  return Scope !== "swarm" || (Driver !== "" && (IPAM.Config ?? []).length > 0);
}

function expand(inputs: PropertyMap): JsonObject {
  const configs = Array.isArray(inputs.ipamConfigs) ? inputs.ipamConfigs.filter(isPropertyMap) : [];
  return {
    Name: inputs.name as string,
    CheckDuplicate: true,
    Driver: inputs.driver as string | undefined,
    Internal: inputs.internal as boolean | undefined,
    Attachable: inputs.attachable as boolean | undefined,
    Ingress: inputs.ingress as boolean | undefined,
    EnableIPv6: inputs.ipv6 as boolean | undefined,
    Options: inputs.options as JsonObject | undefined,
    Labels: expandLabels(inputs.labels),
    IPAM: {
      Driver: inputs.ipamDriver as string | undefined,
      Options: inputs.ipamOptions as JsonObject | undefined,
      Config:
        configs.length === 0
          ? undefined
          : configs.map((config) => ({
              Subnet: config.subnet as string | undefined,
              IPRange: config.ipRange as string | undefined,
              Gateway: config.gateway as string | undefined,
              AuxiliaryAddresses: config.auxAddress as JsonObject | undefined,
            })),
    },
  };
}

function flatten(network: ApiNetwork): PropertyMap {
  const configs = flattenIpam(network);
  return present({
    id: network.Id,
    name: network.Name,
    attachable: network.Attachable,
    driver: network.Driver,
    ingress: network.Ingress,
    internal: network.Internal,
    ipv6: network.EnableIPv6,
    ipamDriver: network.IPAM.Driver,
    ipamOptions: filled(network.IPAM.Options),
    ipamConfigs: configs.length === 0 ? undefined : configs,
    labels: flattenLabels(network.Labels) ?? [],
    options: filled(network.Options),
    scope: network.Scope,
    ...bridgeMeta(1),
  });
}

function filled(map: JsonObject | null | undefined): PropertyMap | undefined {
  return map && Object.keys(map).length > 0 ? (map as PropertyMap) : undefined;
}

export function flattenIpam({ IPAM }: ApiNetwork): PropertyMap[] {
  return (IPAM.Config ?? []).map((config) =>
    present({
      subnet: text(config.Subnet),
      ipRange: text(config.IPRange),
      gateway: text(config.Gateway),
      auxAddress: filled(config.AuxiliaryAddresses as JsonObject | undefined),
    }),
  );
}

function text(value: JsonObject[string]): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Whether a network is just what a request would make. */
function matches(there: ApiNetwork, wanted: JsonObject): boolean {
  const covers = (has: JsonObject[string], wants: JsonObject[string]): boolean => {
    if (wants === undefined) return true;
    if (Array.isArray(wants)) {
      return (
        Array.isArray(has) &&
        has.length === wants.length &&
        wants.every((item, index) => covers(has[index], item))
      );
    }
    if (typeof wants === "object" && wants !== null) {
      return (
        typeof has === "object" &&
        has !== null &&
        Object.entries(wants).every(([key, value]) => covers((has as JsonObject)[key], value))
      );
    }
    return has === wants || (wants === false && !has);
  };
  const { CheckDuplicate: _, ...settings } = wanted;
  const labelled =
    Object.keys(there.Labels ?? {}).length === Object.keys((wanted.Labels ?? {}) as JsonObject).length;
  const exactly =
    there.Attachable === (wanted.Attachable ?? false) && there.Internal === (wanted.Internal ?? false);
  return labelled && exactly && covers(there, settings);
}
