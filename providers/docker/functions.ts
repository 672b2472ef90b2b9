/**
 * Functions of the docker package: what is there already. Specified by the Docker Engine API and
 * kreuzwerker/terraform-provider-docker: internal/provider/data_source_docker_*.go.
 */
import { UserError } from "../../host/userError";
import { boolean, list, map, object, type Properties, string } from "../rpc/property";
import type { FunctionType, Operation } from "../rpc/resource";
import { type PropertyMap, reveal } from "../rpc/values";
import { type DockerApi, orGone } from "./api";
import { text } from "./containerSpec";
import { parseImageName } from "./imageName";
import { findImage, repoDigestOf } from "./images";
import type { JsonObject } from "./json";
import { type ApiNetwork, flattenIpam } from "./network";
import { RegistryClient } from "./registryClient";
import { accessTo } from "./registryImage";
import type { RegistryLogin } from "./settings";
import { present } from "./state";
import { bytes, withoutHeaders } from "./streams";

const name = { name: string({ required: true }) };

export function getNetwork(api: () => DockerApi): FunctionType {
  const address = { ipv4Address: string(), ipv6Address: string(), macAddress: string() };
  return {
    inputs: name,
    outputs: {
      ...name,
      id: string(),
      driver: string(),
      internal: boolean(),
      options: map(string()),
      scope: string(),
      ipamConfigs: list(
        object("getNetworkIpamConfig", {
          subnet: string(),
          gateway: string(),
          ipRange: string(),
          auxAddress: map(string()),
        }),
      ),
      containers: list(
        object("getNetworkContainer", {
          containerId: string(),
          name: string(),
          endpointId: string(),
          ...address,
        }),
      ),
    },
    async invoke(inputs, operation) {
      const wanted = String(reveal(inputs.name as string));
      const path = `/networks/${encodeURIComponent(wanted)}`;
      const there = await orGone(api().get<ApiNetwork>(path, operation));
      if (!there) throw new UserError(`there is no network ${wanted}`);
      const containers = Object.entries((there.Containers ?? {}) as Record<string, JsonObject>)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([id, end]) => ({
          containerId: id,
          name: end.Name as string,
          endpointId: end.EndpointID as string,
          macAddress: end.MacAddress as string,
          ipv4Address: end.IPv4Address as string,
          ipv6Address: end.IPv6Address as string,
        }));
      return {
        id: there.Id,
        name: there.Name,
        driver: there.Driver,
        internal: there.Internal,
        scope: there.Scope,
        options: (there.Options ?? {}) as PropertyMap,
        ipamConfigs: flattenIpam(there).map((config) => ({
          auxAddress: {},
          gateway: "",
          ipRange: "",
          ...config,
        })),
        containers,
      };
    },
  };
}

export function getRemoteImage(api: () => DockerApi): FunctionType {
  return {
    inputs: name,
    outputs: { ...name, id: string(), repoDigest: string() },
    async invoke(inputs, operation) {
      const wanted = String(reveal(inputs.name as string));
      const image = await findImage(api(), wanted, operation);
      if (!image) throw new UserError(`the daemon has no image ${wanted}`);
      return { id: image.Id, name: wanted, repoDigest: repoDigestOf(wanted, image) };
    },
  };
}

export function getRegistryImage(logins: () => readonly RegistryLogin[]): FunctionType {
  const inputs = { ...name, insecureSkipVerify: boolean() };
  return {
    inputs,
    outputs: { ...inputs, id: string(), sha256Digest: string() },
    async invoke(given, operation) {
      const opened = reveal(given) as PropertyMap;
      const image = parseImageName(String(opened.name));
      const client = new RegistryClient(
        image.registry,
        accessTo(image.registry, opened, logins()),
        operation,
      );
      const digest = await client.digest(image);
      if (digest === undefined) {
        throw new UserError(`registry ${image.registry} has no image ${image.repository}:${image.reference}`);
      }
      return {
        id: digest,
        name: String(opened.name),
        insecureSkipVerify: opened.insecureSkipVerify === true,
        sha256Digest: digest,
      };
    },
  };
}

const logSettings: Properties = {
  ...name,
  details: boolean({ default: false }),
  discardHeaders: boolean({ default: true }),
  follow: boolean({ default: false }),
  logsListStringEnabled: boolean({ default: true }),
  showStderr: boolean({ default: true }),
  showStdout: boolean({ default: true }),
  since: string(),
  tail: string(),
  timestamps: boolean({ default: false }),
  until: string(),
};

export function getLogs(api: () => DockerApi): FunctionType {
  return {
    inputs: logSettings,
    outputs: { ...logSettings, id: string(), logsListStrings: list(string()) },
    async invoke(inputs, operation) {
      const opened = reveal(inputs) as PropertyMap;
      const container = String(opened.name);
      const lines =
        opened.logsListStringEnabled === false
          ? undefined
          : await logLines(api(), container, opened, operation);
      return present({ ...opened, id: container, logsListStrings: lines });
    },
  };
}

async function logLines(
  api: DockerApi,
  container: string,
  wanted: PropertyMap,
  operation: Operation,
): Promise<string[]> {
  const path = `/containers/${encodeURIComponent(container)}`;
  const answer = await api.stream("GET", `${path}/logs`, operation, {
    query: {
      stdout: wanted.showStdout === true,
      stderr: wanted.showStderr === true,
      timestamps: wanted.timestamps === true,
      details: wanted.details === true,
      follow: wanted.follow === true,
      since: text(wanted.since),
      until: text(wanted.until),
      tail: text(wanted.tail),
    },
  });
  const raw = await bytes(answer);
  // What a terminal printed has no headers.
  const { Config } = await api.get<JsonObject & { readonly Config: JsonObject }>(`${path}/json`, operation);
  const plain = wanted.discardHeaders === false || Config.Tty === true ? raw : withoutHeaders(raw);
  const lines = plain.toString("utf8").split(/\r?\n/);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
