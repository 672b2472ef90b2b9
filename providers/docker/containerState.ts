/**
 * A container as the daemon has it, as outputs of `docker:index/container:Container`. What a container takes over from
 * its image (labels, environment) and what only its making knows is given as the inputs have it.
 * Specified by the Docker Engine API ("ContainerInspect") and, for what is read back, by
 * kreuzwerker/terraform-provider-docker: internal/provider/resource_docker_container_funcs.go.
 */
import { formatDuration } from "../../host/duration";
import type { Property } from "../rpc/property";
import { isPropertyMap, type PropertyMap, type PropertyValue, reveal } from "../rpc/values";
import { containerProperties } from "./containerProperties";
import { mebibyte, rows } from "./containerSpec";
import type { Json, JsonObject } from "./json";
import { flattenLabels } from "./labels";
import { bridgeMeta, filledBlock, present, withoutInternals } from "./state";

export interface ApiContainer extends JsonObject {
  readonly Id: string;
  readonly Name: string;
  readonly Image: string;
  readonly Platform: string;
  readonly State: JsonObject & {
    readonly Running: boolean;
    readonly ExitCode: number;
    readonly Health?: JsonObject & { readonly Status: string };
  };
  readonly Config: JsonObject & { readonly Image: string; readonly Healthcheck?: JsonObject };
  readonly HostConfig: JsonObject & { readonly RestartPolicy: JsonObject; readonly LogConfig: JsonObject };
  readonly NetworkSettings: JsonObject & {
    readonly Ports?: { readonly [port: string]: readonly JsonObject[] | null };
    readonly Networks?: { readonly [name: string]: JsonObject };
  };
}

/** Of no concern to the daemon, or not told by it. */
const onlyInputs = [
  "cpuPeriod",
  "cpuQuota",
  "cgroupParent",
  "cgroupnsMode",
  "destroyGraceSeconds",
  "deviceRequests",
  "devices",
  "gpus",
  "networksAdvanced",
  "pidMode",
  "ports",
  "ulimits",
  "uploads",
  "volumes",
  "envs",
  "labels",
];

const flags: Readonly<Record<string, boolean>> = {
  attach: false,
  logs: false,
  mustRun: true,
  removeVolumes: true,
  start: true,
  wait: false,
};

export function flattenContainer(there: ApiContainer, known: PropertyMap, logs?: string): PropertyMap {
  const inputs = reveal(withoutInternals(known)) as PropertyMap;
  const { Config: config, HostConfig: host, NetworkSettings: network, State: state } = there;
  const mustRun = inputs.mustRun !== false;
  const kept = Object.fromEntries(onlyInputs.map((key) => [key, inputs[key]]));
  const set = Object.fromEntries(
    Object.entries(flags).map(([key, value]) => [key, (inputs[key] as boolean | undefined) ?? value]),
  );
  return present({
    ...kept,
    ...set,
    ...flattenLists(inputs),
    containerReadRefreshTimeoutMilliseconds: inputs.containerReadRefreshTimeoutMilliseconds ?? 15_000,
    waitTimeout: inputs.waitTimeout ?? 60,
    mustRun: mustRun && (state.Running || inputs.attach === true),
    ...(mustRun && !state.Running ? { mustRun: false } : {}),
    containerLogs: logs ?? inputs.containerLogs,
    exitCode: state.Running ? inputs.exitCode : state.ExitCode,
    id: there.Id,
    name: there.Name.replace(/^\/+/, ""),
    bridge: (network.Bridge as string | undefined) ?? "",
    networkDatas: flattenNetworks(network.Networks),
    ports:
      (inputs.ports as readonly PropertyValue[] | undefined)?.length && (state.Running || mustRun)
        ? flattenPorts(network.Ports)
        : (inputs.ports ?? []),
    image: String(inputs.image ?? "").startsWith("sha256:") ? there.Image : config.Image,
    hostname: config.Hostname as string,
    domainname: config.Domainname as string,
    command: list(config.Cmd),
    entrypoints: list(config.Entrypoint),
    user: config.User as string,
    workingDir: config.WorkingDir as string,
    tty: config.Tty as boolean,
    stdinOpen: config.OpenStdin as boolean,
    stopSignal: (config.StopSignal as string | undefined) ?? "",
    stopTimeout: (config.StopTimeout as number | undefined) ?? 0,
    healthcheck: config.Healthcheck && flattenHealthcheck(config.Healthcheck),
    rm: host.AutoRemove as boolean,
    readOnly: host.ReadonlyRootfs as boolean,
    privileged: host.Privileged as boolean,
    publishAllPorts: host.PublishAllPorts as boolean,
    init: host.Init === true,
    restart: host.RestartPolicy.Name as string,
    maxRetryCount: host.RestartPolicy.MaximumRetryCount as number,
    runtime: host.Runtime as string,
    platform: there.Platform,
    networkMode: host.NetworkMode as string,
    usernsMode: host.UsernsMode as string,
    ipcMode: host.IpcMode as string,
    dns: filledList(host.Dns),
    dnsOpts: filledList(host.DnsOptions),
    dnsSearches: filledList(host.DnsSearch),
    groupAdds: filledList(host.GroupAdd),
    // The daemon adds options of its own.
    securityOpts: inputs.securityOpts ?? list(host.SecurityOpt),
    capabilities: flattenCapabilities(host),
    mounts: (list(host.Mounts) as readonly JsonObject[]).map(flattenMount),
    tmpfs: filledMap(host.Tmpfs),
    sysctls: filledMap(host.Sysctls),
    storageOpts: filledMap(host.StorageOpt),
    hosts: (list(host.ExtraHosts) as readonly string[]).map(flattenHost),
    deviceReadBps: throttles(host.BlkioDeviceReadBps),
    deviceReadIops: throttles(host.BlkioDeviceReadIOps),
    deviceWriteBps: throttles(host.BlkioDeviceWriteBps),
    deviceWriteIops: throttles(host.BlkioDeviceWriteIOps),
    memory: mebibytes(host.Memory),
    memoryReservation: mebibytes(host.MemoryReservation),
    memorySwap: mebibytes(host.MemorySwap),
    shmSize: mebibytes(host.ShmSize),
    cpuShares: host.CpuShares as number,
    cpuSet: host.CpusetCpus as string,
    cpus: (host.NanoCpus as number) > 0 ? decimal(host.NanoCpus as number) : inputs.cpus,
    logDriver: host.LogConfig.Type as string,
    logOpts: inputs.logOpts === undefined ? undefined : (host.LogConfig.Config as PropertyMap | undefined),
    ...bridgeMeta(2),
  });
}

const filledBlocks = ["deviceRequests", "networksAdvanced", "volumes"];
const plainBlocks = ["devices", "envs", "labels", "ulimits"];

/** Blocks and what the image may give are empty lists where there is nothing. */
function flattenLists(inputs: PropertyMap): { readonly [key: string]: PropertyValue } {
  const blocks = (key: string): PropertyMap[] =>
    rows(inputs[key]).map((row) => filledBlock(containerProperties[key]?.items as Property, row));
  return {
    ...Object.fromEntries(plainBlocks.map((key) => [key, inputs[key] ?? []])),
    ...Object.fromEntries(filledBlocks.map((key) => [key, blocks(key)])),
    uploads: blocks("uploads").map((upload) => ({ executable: false, ...upload })),
  };
}

function list(value: Json | undefined): readonly PropertyValue[] {
  return Array.isArray(value) ? (value as readonly PropertyValue[]) : [];
}

function filledList(value: Json | undefined): PropertyValue | undefined {
  return Array.isArray(value) && value.length > 0 ? (value as readonly PropertyValue[]) : undefined;
}

function filledMap(value: Json | undefined): PropertyValue | undefined {
  const map = (value ?? {}) as PropertyMap;
  return Object.keys(map).length > 0 ? map : undefined;
}

function mebibytes(value: Json | undefined): number {
  return typeof value === "number" && value > 0 ? Math.floor(value / mebibyte) : Number(value ?? 0);
}

/** Of a billion, without zeros that say nothing: `0.5`, `2.0`. */
function decimal(nanoCpus: number): string {
  const shortest = (nanoCpus / 1e9).toFixed(9).replace(/0+$/, "");
  return shortest.endsWith(".") ? `${shortest}0` : shortest;
}

function flattenHost(entry: string): PropertyMap {
  const colon = entry.indexOf(":");
  return { host: entry.slice(0, colon), ip: entry.slice(colon + 1) };
}

function throttles(value: Json | undefined): PropertyValue {
  return (list(value) as readonly JsonObject[]).map(({ Path, Rate }) => ({
    path: Path as string,
    rate: Rate as number,
  }));
}

function flattenCapabilities({ CapAdd, CapDrop }: JsonObject): PropertyValue | undefined {
  const [adds, drops] = [list(CapAdd), list(CapDrop)];
  return adds.length + drops.length === 0 ? undefined : { adds, drops };
}

function flattenPorts(ports: ApiContainer["NetworkSettings"]["Ports"]): PropertyValue {
  return Object.entries(ports ?? {})
    .map(([key, bindings]): [number, string, readonly JsonObject[]] => {
      const [internal = "", protocol = ""] = key.split("/");
      return [Number(internal), protocol, bindings ?? []];
    })
    .sort(([a], [b]) => a - b)
    .flatMap(([internal, protocol, bindings]) =>
      bindings.map(({ HostIp, HostPort }) => ({
        internal,
        external: Number(HostPort),
        ip: HostIp as string,
        protocol,
      })),
    );
}

function flattenNetworks(networks: ApiContainer["NetworkSettings"]["Networks"]): PropertyValue {
  return Object.entries(networks ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, network]) => ({
      networkName: name,
      ipAddress: network.IPAddress as string,
      ipPrefixLength: network.IPPrefixLen as number,
      gateway: network.Gateway as string,
      globalIpv6Address: network.GlobalIPv6Address as string,
      globalIpv6PrefixLength: network.GlobalIPv6PrefixLen as number,
      ipv6Gateway: network.IPv6Gateway as string,
      macAddress: network.MacAddress as string,
    }));
}

function flattenHealthcheck(check: JsonObject): PropertyMap {
  const duration = (value: Json | undefined): string => formatDuration((value as number | undefined) ?? 0);
  return {
    tests: list(check.Test),
    interval: duration(check.Interval),
    timeout: duration(check.Timeout),
    startPeriod: duration(check.StartPeriod),
    startInterval: duration(check.StartInterval),
    retries: (check.Retries as number | undefined) ?? 0,
  };
}

function flattenMount(mount: JsonObject): PropertyMap {
  const [bind, volume, tmpfs] = [mount.BindOptions, mount.VolumeOptions, mount.TmpfsOptions] as (
    | JsonObject
    | undefined
  )[];
  const driver = volume?.DriverConfig as JsonObject | undefined;
  return present({
    target: mount.Target as string,
    source: (mount.Source as string | undefined) ?? "",
    type: mount.Type as string,
    readOnly: mount.ReadOnly === true,
    bindOptions: bind && { propagation: (bind.Propagation as string | undefined) ?? "" },
    volumeOptions:
      volume &&
      present({
        noCopy: volume.NoCopy === true,
        labels: flattenLabels(volume.Labels) ?? [],
        driverName: (driver?.Name as string | undefined) ?? "",
        driverOptions: isPropertyMap(driver?.Options as PropertyValue)
          ? (driver?.Options as PropertyMap)
          : undefined,
        subpath: (volume.Subpath as string | undefined) ?? "",
      }),
    tmpfsOptions: tmpfs && {
      sizeBytes: (tmpfs.SizeBytes as number | undefined) ?? 0,
      mode: (tmpfs.Mode as number | undefined) ?? 0,
    },
  });
}
