/**
 * The request that makes a container, from the inputs of `docker:index/container:Container`.
 * Specified by the Docker Engine API ("ContainerCreate") and, for units and for what is left out, by
 * kreuzwerker/terraform-provider-docker: internal/provider/resource_docker_container_funcs.go.
 */

import { parseDuration } from "../../host/duration";
import { UserError } from "../../host/userError";
import { isPropertyMap, type PropertyMap, type PropertyValue } from "../rpc/values";
import type { JsonObject } from "./json";
import { expandLabels } from "./labels";
import { pairOf } from "./pair";

export const mebibyte = 1024 * 1024;

/** Empty, zero and false mean "not set", as they do to the daemon. */
export function text(value: PropertyValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function whole(value: PropertyValue | undefined): number | undefined {
  return typeof value === "number" && value !== 0 ? value : undefined;
}

function flag(value: PropertyValue | undefined): true | undefined {
  return value === true ? true : undefined;
}

export function texts(value: PropertyValue | undefined): string[] | undefined {
  return Array.isArray(value) && value.length > 0 ? value.map((item) => String(item ?? "")) : undefined;
}

export function rows(value: PropertyValue | undefined): PropertyMap[] {
  return Array.isArray(value) ? value.filter(isPropertyMap) : [];
}

function textMap(value: PropertyValue | undefined): Record<string, string> | undefined {
  if (!isPropertyMap(value) || Object.keys(value).length === 0) return undefined;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !key.startsWith("__"))
      .map(([key, item]): [string, string] => [key, String(item)]),
  );
}

function filled<T extends readonly unknown[]>(list: T): T | undefined {
  return list.length > 0 ? list : undefined;
}

export function expandContainer(inputs: PropertyMap): JsonObject {
  const binds = expandVolumes(rows(inputs.volumes));
  const command = texts(inputs.command);
  if (command?.includes(""))
    throw new UserError("command: an item is empty", "Docker takes no empty arguments here");
  return {
    Image: String(inputs.image),
    Hostname: text(inputs.hostname),
    Domainname: text(inputs.domainname),
    User: text(inputs.user),
    Tty: flag(inputs.tty),
    OpenStdin: flag(inputs.stdinOpen),
    Env: texts(inputs.envs),
    Cmd: command,
    Entrypoint: texts(inputs.entrypoints),
    WorkingDir: text(inputs.workingDir),
    StopSignal: text(inputs.stopSignal),
    StopTimeout: whole(inputs.stopTimeout),
    Labels: expandLabels(inputs.labels),
    Healthcheck: isPropertyMap(inputs.healthcheck) ? expandHealthcheck(inputs.healthcheck) : undefined,
    ExposedPorts: expandExposed(rows(inputs.ports)),
    Volumes: binds.paths,
    HostConfig: {
      ...expandLimits(inputs),
      AutoRemove: flag(inputs.rm),
      Privileged: flag(inputs.privileged),
      PublishAllPorts: flag(inputs.publishAllPorts),
      ReadonlyRootfs: flag(inputs.readOnly),
      Init: inputs.init === true,
      NetworkMode: text(inputs.networkMode),
      PidMode: text(inputs.pidMode),
      IpcMode: text(inputs.ipcMode),
      UsernsMode: text(inputs.usernsMode),
      CgroupnsMode: text(inputs.cgroupnsMode),
      CgroupParent: text(inputs.cgroupParent),
      Runtime: text(inputs.runtime),
      NanoCpus: inputs.cpus === undefined ? undefined : nanoCpus(String(inputs.cpus)),
      BlkioDeviceReadBps: throttles(inputs.deviceReadBps),
      BlkioDeviceReadIOps: throttles(inputs.deviceReadIops),
      BlkioDeviceWriteBps: throttles(inputs.deviceWriteBps),
      BlkioDeviceWriteIOps: throttles(inputs.deviceWriteIops),
      ShmSize: mebibytes(inputs.shmSize),
      PortBindings: expandBindings(rows(inputs.ports)),
      Binds: binds.binds,
      VolumesFrom: binds.from,
      Mounts: filled(rows(inputs.mounts).map(expandMount)),
      Tmpfs: textMap(inputs.tmpfs),
      Sysctls: textMap(inputs.sysctls),
      StorageOpt: textMap(inputs.storageOpts),
      GroupAdd: texts(inputs.groupAdds),
      ExtraHosts: filled(rows(inputs.hosts).map(({ host, ip }) => `${String(host)}:${String(ip)}`)),
      Dns: texts(inputs.dns),
      DnsOptions: texts(inputs.dnsOpts),
      DnsSearch: texts(inputs.dnsSearches),
      ...expandSecurity(texts(inputs.securityOpts)),
      ...expandCapabilities(inputs.capabilities),
      Ulimits: filled(
        rows(inputs.ulimits).map(({ name, soft, hard }) => ({
          Name: name as string,
          Soft: soft as number,
          Hard: hard as number,
        })),
      ),
      Devices: filled(rows(inputs.devices).map(expandDevice)),
      DeviceRequests:
        text(inputs.gpus) === undefined
          ? filled(rows(inputs.deviceRequests).map(expandDeviceRequest))
          : [expandGpus(String(inputs.gpus))],
      LogConfig:
        inputs.logDriver === undefined && inputs.logOpts === undefined
          ? undefined
          : { Type: text(inputs.logDriver) ?? "", Config: textMap(inputs.logOpts) },
    },
  };
}

/** What the daemon changes in place as well. */
export function expandLimits(inputs: PropertyMap): JsonObject {
  return {
    RestartPolicy: { Name: text(inputs.restart) ?? "no", MaximumRetryCount: whole(inputs.maxRetryCount) },
    Memory: mebibytes(inputs.memory),
    MemoryReservation: mebibytes(inputs.memoryReservation),
    MemorySwap: whole(inputs.memorySwap) === -1 ? -1 : mebibytes(inputs.memorySwap),
    CpuShares: whole(inputs.cpuShares),
    CpusetCpus: text(inputs.cpuSet),
    CpuPeriod: text(inputs.cpus) === undefined ? whole(inputs.cpuPeriod) : undefined,
    CpuQuota: text(inputs.cpus) === undefined ? whole(inputs.cpuQuota) : undefined,
  };
}

function mebibytes(value: PropertyValue | undefined): number | undefined {
  const amount = whole(value);
  return amount === undefined ? undefined : amount * mebibyte;
}

/** Billionths of a CPU, of a number such as `0.5`. */
function nanoCpus(value: string): number {
  const amount = /^\d*\.?\d+$|^\d+\.$/.test(value) ? Number(value) * 1e9 : Number.NaN;
  if (!Number.isFinite(amount) || Math.abs(amount - Math.round(amount)) > 1e-3) {
    throw new UserError(
      `cpus ${JSON.stringify(value)} cannot be used`,
      'it is a number of CPUs such as "1.5"',
    );
  }
  return Math.round(amount);
}

function throttles(value: PropertyValue | undefined): JsonObject[] | undefined {
  return filled(rows(value).map(({ path, rate }) => ({ Path: path as string, Rate: rate as number })));
}

function expandHealthcheck(check: PropertyMap): JsonObject {
  const nanoseconds = (value: PropertyValue | undefined): number | undefined =>
    parseDuration(String(value ?? "0s")) || undefined;
  return {
    Test: texts(check.tests),
    Interval: nanoseconds(check.interval),
    Timeout: nanoseconds(check.timeout),
    StartPeriod: nanoseconds(check.startPeriod),
    StartInterval: nanoseconds(check.startInterval),
    Retries: whole(check.retries),
  };
}

function portKey({ internal, protocol }: PropertyMap): string {
  return `${String(internal)}/${text(protocol) ?? "tcp"}`;
}

function expandExposed(ports: readonly PropertyMap[]): JsonObject | undefined {
  return ports.length === 0 ? undefined : Object.fromEntries(ports.map((port) => [portKey(port), {}]));
}

function expandBindings(ports: readonly PropertyMap[]): JsonObject | undefined {
  if (ports.length === 0) return undefined;
  const bindings: Record<string, JsonObject[]> = {};
  for (const port of ports) {
    bindings[portKey(port)] = [
      ...(bindings[portKey(port)] ?? []),
      { HostIp: text(port.ip) ?? "0.0.0.0", HostPort: String(port.external ?? 0) },
    ];
  }
  return bindings;
}

function expandVolumes(volumes: readonly PropertyMap[]): {
  readonly paths?: JsonObject;
  readonly binds?: string[];
  readonly from?: string[];
} {
  const paths: Record<string, JsonObject> = {};
  const binds: string[] = [];
  const from: string[] = [];
  for (const volume of volumes) {
    const [path, container] = [text(volume.containerPath), text(volume.fromContainer)];
    const source = text(volume.hostPath) ?? text(volume.volumeName);
    if (container !== undefined && path === undefined) from.push(container);
    else if (container === undefined && path !== undefined) {
      paths[path] = {};
      if (source === undefined) continue;
      const mode = [volume.readOnly === true ? "ro" : "rw", text(volume.selinuxRelabel)];
      binds.push(`${source}:${path}:${mode.filter((one) => one !== undefined).join(",")}`);
    } else {
      throw new UserError("volumes: an entry needs either a containerPath or a fromContainer");
    }
  }
  return {
    paths: Object.keys(paths).length > 0 ? paths : undefined,
    binds: filled(binds),
    from: filled(from),
  };
}

function expandMount(mount: PropertyMap): JsonObject {
  const { bindOptions: bind, volumeOptions: volume, tmpfsOptions: tmpfs } = mount;
  const type = mount.type as string;
  return {
    Type: type,
    Target: mount.target as string,
    Source: text(mount.source),
    ReadOnly: flag(mount.readOnly),
    BindOptions: type === "bind" && isPropertyMap(bind) ? { Propagation: text(bind.propagation) } : undefined,
    VolumeOptions:
      type === "volume" && isPropertyMap(volume)
        ? {
            NoCopy: flag(volume.noCopy),
            Labels: expandLabels(volume.labels),
            DriverConfig:
              volume.driverName === undefined && volume.driverOptions === undefined
                ? undefined
                : { Name: text(volume.driverName), Options: textMap(volume.driverOptions) },
            Subpath: text(volume.subpath),
          }
        : undefined,
    TmpfsOptions:
      type === "tmpfs" && isPropertyMap(tmpfs)
        ? { SizeBytes: whole(tmpfs.sizeBytes), Mode: whole(tmpfs.mode) }
        : undefined,
  };
}

function expandDevice({ hostPath, containerPath, permissions }: PropertyMap): JsonObject {
  return {
    PathOnHost: hostPath as string,
    PathInContainer: text(containerPath) ?? (hostPath as string),
    CgroupPermissions: text(permissions) ?? "rwm",
  };
}

function expandDeviceRequest(request: PropertyMap): JsonObject {
  const capabilities = texts(request.capabilities);
  return {
    Driver: text(request.driver) ?? "cdi",
    Count: whole(request.count),
    DeviceIDs: texts(request.deviceIds),
    Capabilities: capabilities && [capabilities],
    Options: textMap(request.options),
  };
}

/** `all`, a number, or `device=ID,ID`, with or without quotes around it. */
function expandGpus(value: string): JsonObject {
  const wanted = value.trim().replace(/^(["']+)(.*?)\1$/, "$2");
  const devices = /^device=(.+)$/.exec(wanted)?.[1];
  const amount = wanted === "all" ? -1 : /^\d+$/.test(wanted) ? Number(wanted) : undefined;
  if (devices === undefined && amount === undefined) {
    throw new UserError(
      `gpus ${JSON.stringify(value)} cannot be used`,
      'it is "all", a number, or "device=" and IDs',
    );
  }
  return {
    Count: devices === undefined ? amount : undefined,
    DeviceIDs: devices?.split(","),
    Capabilities: [["gpu"]],
  };
}

/** `systempaths=unconfined` is not for the daemon: it stands for two empty lists. */
function expandSecurity(options: readonly string[] | undefined): JsonObject {
  const unconfined = options?.includes("systempaths=unconfined") ?? false;
  return {
    SecurityOpt: filled((options ?? []).filter((option) => option !== "systempaths=unconfined")),
    ...(unconfined ? { MaskedPaths: [], ReadonlyPaths: [] } : {}),
  };
}

function expandCapabilities(value: PropertyValue | undefined): JsonObject {
  return isPropertyMap(value) ? { CapAdd: texts(value.adds), CapDrop: texts(value.drops) } : {};
}

/** How the container is connected to one network. */
export function expandEndpoint(network: PropertyMap): JsonObject {
  const options = (texts(network.driverOpts) ?? []).filter((option) => option.includes("=")).map(pairOf);
  return {
    Aliases: texts(network.aliases),
    MacAddress: text(network.macAddress),
    DriverOpts: options.length > 0 ? Object.fromEntries(options) : undefined,
    GwPriority: whole(network.gwPriority),
    IPAMConfig: {
      IPv4Address: text(network.ipv4Address),
      IPv6Address: text(network.ipv6Address),
      LinkLocalIPs: texts(network.linkLocalIps),
    },
  };
}
