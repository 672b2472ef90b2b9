import type * as docker from "@pulumi/docker";
import type { TaskArgs } from "./args";
import { type Checker, duration, flag, pairs, text, texts } from "./checks";
import { environment } from "./environment";
import {
  addresses,
  configs,
  extraHosts,
  type File,
  folderPath,
  healthCheck,
  imageName,
  type Mount,
  mounts,
  secrets,
} from "./schemas";

type ContainerSpec = docker.types.input.ServiceTaskSpecContainerSpec;

/** What a service's containers are, as the Docker plugin has it. */
export function containerSpec(args: TaskArgs, check: Checker): ContainerSpec {
  const optional = check.optional.bind(check);
  return {
    image: check.field("image", imageName, args.image),
    commands: optional("entrypoint", texts, args.entrypoint),
    args: optional("command", texts, args.command),
    // Given also when empty: the plugin reports one that is not known at each preview otherwise.
    env: environment(args, check),
    sysctl: check.field("sysctls", pairs, args.sysctls ?? {}),
    dir: optional("workingDir", folderPath, args.workingDir),
    user: optional("user", text, args.user),
    groups: optional("groups", texts, args.groups),
    hostname: optional("hostname", text, args.hostname),
    init: optional("init", flag, args.init),
    readOnly: optional("readOnly", flag, args.readOnly),
    stopSignal: optional("stopSignal", text, args.stopSignal),
    stopGracePeriod: optional("stopGracePeriod", duration, args.stopGracePeriod),
    capAdds: optional("capAdd", texts, args.capAdd, capabilities),
    capDrops: optional("capDrop", texts, args.capDrop, capabilities),
    dnsConfig: dnsConfig(args, check),
    hosts: optional("extraHosts", extraHosts, args.extraHosts, (hosts) =>
      Object.entries(hosts).map(([host, ip]) => ({ host, ip })),
    ),
    labels: optional("containerLabels", pairs, args.containerLabels, labelList),
    mounts: optional("mounts", mounts, args.mounts, (all) => all.map(mountSpec)),
    secrets: optional("secrets", secrets, args.secrets, (all) =>
      all.map((file) => ({ secretId: file.id, secretName: file.name, ...fileSpec(file) })),
    ),
    configs: optional("configs", configs, args.configs, (all) =>
      all.map((file) => ({ configId: file.id, configName: file.name, ...fileSpec(file) })),
    ),
    healthcheck: optional(
      "healthCheck",
      healthCheck,
      args.healthCheck,
      ({ test, interval, timeout, startPeriod, retries }) => ({
        tests: test,
        interval: interval ?? "0s",
        timeout: timeout ?? "0s",
        startPeriod: startPeriod ?? "0s",
        retries: retries ?? 0,
      }),
    ),
  };
}

/** Docker's answer has them in this form. */
const capabilities = (names: string[]): string[] =>
  names.map((name) => {
    const upper = name.toUpperCase();
    return upper === "ALL" || upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
  });

export const labelList = (labels: Record<string, string>): { label: string; value: string }[] =>
  Object.entries(labels).map(([label, value]) => ({ label, value }));

function dnsConfig({ dns, dnsSearch, dnsOptions }: TaskArgs, check: Checker): ContainerSpec["dnsConfig"] {
  if ([dns, dnsSearch, dnsOptions].every((part) => part === undefined)) return undefined;
  return {
    nameservers: check.field("dns", addresses, dns ?? []),
    searches: check.field("dnsSearch", texts, dnsSearch ?? []),
    options: check.field("dnsOptions", texts, dnsOptions ?? []),
  };
}

function mountSpec(mount: Mount): docker.types.input.ServiceTaskSpecContainerSpecMount {
  const { type, target, readOnly } = mount;
  const shared = { type, target, readOnly: readOnly ?? false };
  switch (mount.type) {
    case "bind":
      return {
        ...shared,
        source: mount.source,
        ...(mount.propagation ? { bindOptions: { propagation: mount.propagation } } : {}),
      };
    case "volume":
      return {
        ...shared,
        ...(mount.source === undefined ? {} : { source: mount.source }),
        ...([mount.noCopy, mount.driver, mount.driverOptions, mount.labels].every(
          (part) => part === undefined,
        )
          ? {}
          : {
              volumeOptions: {
                noCopy: mount.noCopy ?? false,
                driverName: mount.driver,
                driverOptions: mount.driverOptions,
                labels: mount.labels && labelList(mount.labels),
              },
            }),
      };
    case "tmpfs":
      return {
        ...shared,
        ...(mount.size === undefined && mount.permissions === undefined
          ? {}
          : {
              tmpfsOptions: {
                sizeBytes: mount.size === undefined ? undefined : Math.round(mount.size * 2 ** 20),
                mode: mount.permissions,
              },
            }),
      };
  }
}

function fileSpec({ target, uid, gid, permissions }: File) {
  return { fileName: target, fileUid: uid ?? "0", fileGid: gid ?? "0", fileMode: permissions ?? 0o444 };
}
