/**
 * The `build` block of RemoteImage and RegistryImage, as @pulumi/docker 5.2.0 has it, and the build that it asks for.
 * Specified by kreuzwerker/terraform-provider-docker: internal/provider/resource_docker_image.go.
 */
import { isAbsolute, join } from "node:path";
import type { CheckFailure } from "../rpc/check";
import { boolean, integer, list, map, object, type Property, string } from "../rpc/property";
import { isPropertyMap, type PropertyMap, type PropertyValue } from "../rpc/values";
import type { BuildRequest } from "./build";
import { type BuildContext, expandHome } from "./buildContext";
import { rows, text, texts, whole } from "./containerSpec";
import type { RegistryLogin } from "./settings";

const replaces = { replaces: true };

/** What needs buildx or another machine than the daemon's; the plugin has it. */
const needsBuildx = [
  "additionalContexts",
  "builder",
  "buildLogFile",
  "cacheTos",
  "provenance",
  "remoteContext",
  "sbom",
  "secrets",
  "sessionId",
] as const;

export function buildBlock(typeName: string): Property {
  return object(typeName, {
    context: string({ required: true, ...replaces }),
    dockerfile: string({ default: "Dockerfile", ...replaces }),
    tags: list(string()),
    remove: boolean({ default: true }),
    label: map(string()),
    labels: map(string(), replaces),
    buildArgs: map(string(), replaces),
    target: string(replaces),
    platform: string(replaces),
    noCache: boolean(replaces),
    pullParent: boolean(replaces),
    forceRemove: boolean(replaces),
    suppressOutput: boolean(replaces),
    squash: boolean(replaces),
    useLegacyBuilder: boolean(replaces),
    version: string(replaces),
    buildId: string(replaces),
    cacheFroms: list(string(), replaces),
    extraHosts: list(string(), replaces),
    securityOpts: list(string(), replaces),
    networkMode: string(replaces),
    isolation: string(replaces),
    cgroupParent: string(replaces),
    cpuSetCpus: string(replaces),
    cpuSetMems: string(replaces),
    cpuShares: integer(replaces),
    cpuQuota: integer(replaces),
    cpuPeriod: integer(replaces),
    memory: integer(replaces),
    memorySwap: integer(replaces),
    shmSize: integer(replaces),
    ulimits: list(
      object(`${typeName}Ulimit`, {
        name: string({ required: true, ...replaces }),
        soft: integer({ required: true, ...replaces }),
        hard: integer({ required: true, ...replaces }),
      }),
    ),
    authConfigs: list(
      object(`${typeName}AuthConfig`, {
        hostName: string({ required: true }),
        userName: string(),
        password: string(),
        auth: string(),
        email: string(),
        serverAddress: string(),
        identityToken: string(),
        registryToken: string(),
      }),
    ),
    additionalContexts: list(string(), replaces),
    builder: string(replaces),
    buildLogFile: string(replaces),
    cacheTos: list(string(), replaces),
    provenance: string(replaces),
    remoteContext: string(replaces),
    sbom: string(replaces),
    secrets: list(
      object(`${typeName}Secret`, {
        id: string({ required: true, ...replaces }),
        src: string(replaces),
        env: string(replaces),
      }),
    ),
    sessionId: string(replaces),
  });
}

export function checkBuild({ build }: PropertyMap): CheckFailure[] {
  if (!isPropertyMap(build)) return [];
  return needsBuildx
    .filter((key) => build[key] !== undefined && build[key] !== "")
    .map((key) => ({
      property: `build.${key}`,
      reason:
        "is not supported by vmcluster's own docker provider; install Pulumi's: pulumi plugin install resource docker 5.2.0",
    }));
}

/** The Dockerfile is looked for in the context. */
function contextOf(build: PropertyMap): BuildContext {
  const folder = expandHome(String(build.context));
  const dockerfile = text(build.dockerfile) ?? "Dockerfile";
  return { folder, dockerfile: isAbsolute(dockerfile) ? dockerfile : join(folder, dockerfile) };
}

export function buildRequest(
  name: string,
  build: PropertyMap,
  platform: string | undefined,
  logins: readonly RegistryLogin[],
): BuildRequest {
  const set = (value: PropertyValue | undefined): true | undefined => (value === true ? true : undefined);
  const json = (value: PropertyValue | undefined): string | undefined =>
    value === undefined ? undefined : JSON.stringify(value);
  const labels = { ...((build.labels ?? {}) as PropertyMap), ...((build.label ?? {}) as PropertyMap) };
  return {
    context: contextOf(build),
    tags: [name, ...(texts(build.tags) ?? [])],
    builder: build.useLegacyBuilder === true || build.version === "1" ? "1" : "2",
    logins: [...logins, ...rows(build.authConfigs).map(loginOf)],
    query: {
      rm: build.remove !== false,
      forcerm: set(build.forceRemove),
      q: set(build.suppressOutput),
      nocache: set(build.noCache),
      pull: set(build.pullParent),
      squash: set(build.squash),
      target: text(build.target),
      platform: text(build.platform) ?? platform,
      networkmode: text(build.networkMode),
      isolation: text(build.isolation),
      cgroupparent: text(build.cgroupParent),
      cpusetcpus: text(build.cpuSetCpus),
      cpusetmems: text(build.cpuSetMems),
      cpushares: whole(build.cpuShares),
      cpuquota: whole(build.cpuQuota),
      cpuperiod: whole(build.cpuPeriod),
      memory: whole(build.memory),
      memswap: whole(build.memorySwap),
      shmsize: whole(build.shmSize),
      buildid: text(build.buildId),
      buildargs: json(build.buildArgs),
      labels: Object.keys(labels).length > 0 ? JSON.stringify(labels) : undefined,
      cachefrom: json(texts(build.cacheFroms)),
      securityopt: json(texts(build.securityOpts)),
      extrahosts: texts(build.extraHosts),
      ulimits: json(
        build.ulimits &&
          rows(build.ulimits).map(
            ({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard }) as PropertyMap,
          ),
      ),
    },
  };
}

function loginOf({ hostName, serverAddress, userName, password }: PropertyMap): RegistryLogin {
  return {
    address: text(serverAddress) ?? String(hostName),
    username: text(userName),
    password: text(password),
  };
}
