/** Volumes of a service as mounts of its tasks. */
import { type Conversion, externalName, withoutUndefined } from "./conversion";
import type { PlannedMount } from "./plan";
import type { Mount } from "./schema/mounts";
import type { Service } from "./schema/service";

const mebibyte = 2 ** 20;

export function convertMounts(conversion: Conversion, name: string, service: Service): PlannedMount[] {
  const path = ["services", name];
  return [
    ...(service.volumes ?? []).map((mount, index) =>
      convertMount(conversion, [...path, "volumes", index], mount),
    ),
    ...(service.tmpfs ?? []).map((mount, index) =>
      convertMount(conversion, [...path, "tmpfs", index], mount),
    ),
  ];
}

/** Also of those that no service has: so do Docker's tools. */
export function checkExternalVolumes(conversion: Conversion): void {
  for (const [key, volume] of Object.entries(conversion.model.volumes ?? {})) {
    if (externalName(key, volume) === undefined) continue;
    for (const field of Object.keys(volume))
      if (field !== "external" && field !== "name")
        throw conversion.wrong(
          ["volumes", key, field],
          "an external volume is there already: only its name can be given",
        );
  }
}

function convertMount(conversion: Conversion, path: PropertyKey[], mount: Mount): PlannedMount {
  if (!mount.target.startsWith("/"))
    throw conversion.wrong(path, `"${mount.target}" must be an absolute path in the containers`);
  warnOfIgnored(conversion, path, mount);
  switch (mount.type) {
    case "bind":
      return bindMount(conversion, path, mount);
    case "volume":
      return volumeMount(conversion, path, mount);
    case "tmpfs":
      return tmpfsMount(conversion, path, mount);
    default:
      throw conversion.wrong(path, `mounts of the type ${mount.type} are not supported`);
  }
}

function warnOfIgnored(
  conversion: Conversion,
  path: PropertyKey[],
  { consistency, bind, without = [] }: Mount,
): void {
  const ignored = (what: string, why: string): void => conversion.warn(path, `${what} is ignored: ${why}`);
  const plugin = "the Docker provider of Pulumi has no field for it";
  if (consistency !== undefined) ignored("consistency", "it is about Docker on other systems than Linux");
  if (bind?.selinux !== undefined) ignored("selinux", "swarm labels no files");
  if (bind?.recursive !== undefined && bind.recursive !== "enabled") ignored("bind.recursive", plugin);
  if (bind?.create_host_path === true)
    ignored("bind.create_host_path", "swarm makes no folders on nodes, make it there");
  for (const option of without) ignored(option, plugin);
}

const shared = ({ target, read_only: readOnly }: Mount) => ({ target, readOnly: readOnly || undefined });

function bindMount(conversion: Conversion, path: PropertyKey[], mount: Mount): PlannedMount {
  const { source, bind } = mount;
  if (source === undefined) throw conversion.wrong(path, "a bind mount must have a source");
  if (!source.startsWith("/"))
    throw conversion.wrong(path, `"${source}" must be an absolute path on the node: nodes run Linux`);
  if (conversion.isRelative(path) || conversion.isRelative([...path, "source"]))
    conversion.warn(
      path,
      `it is ${source} on the node that runs the task, not here: a file is better a config, data a named volume`,
    );
  return withoutUndefined({ type: "bind", source, ...shared(mount), propagation: bind?.propagation });
}

function volumeMount(conversion: Conversion, path: PropertyKey[], mount: Mount): PlannedMount {
  const { volume: options } = mount;
  const source = mount.source || undefined;
  if (options?.subpath !== undefined)
    throw conversion.wrong(path, "the Docker provider of Pulumi cannot mount a folder of a volume (subpath)");
  const noCopy = options?.nocopy;
  if (source === undefined)
    return withoutUndefined({ type: "volume", ...shared(mount), noCopy, labels: options?.labels });
  const volume = conversion.model.volumes?.[source];
  if (volume === undefined)
    throw conversion.wrong(path, `${source} is not among the file's volumes; a path starts with / or ./`);
  const external = externalName(source, volume);
  if (external !== undefined) {
    if (options?.labels !== undefined)
      conversion.warn(path, "volume.labels are ignored: the volume is external");
    return withoutUndefined({ type: "volume", source: external, ...shared(mount), noCopy });
  }
  if (volume.spec !== undefined)
    throw conversion.wrong(["volumes", source, "spec"], "cluster volumes are not supported");
  const device = ["volumes", source, "driver_opts", "device"];
  if (conversion.isRelative(device))
    conversion.warn(
      device,
      `it is ${volume.driver_opts?.device} on the node that runs the task, not here: a file is better a config, data a volume without options`,
    );
  return withoutUndefined({
    type: "volume",
    source: volume.name || conversion.scoped(source),
    ...shared(mount),
    noCopy,
    driver: volume.driver || undefined,
    driverOptions: volume.driver_opts,
    labels: conversion.labelled({ ...volume.labels, ...options?.labels }),
  });
}

function tmpfsMount(conversion: Conversion, path: PropertyKey[], mount: Mount): PlannedMount {
  const { size, mode } = mount.tmpfs ?? {};
  if (mode !== undefined && mode > 0o777 && mode !== 0o1777)
    conversion.warn(path, "the Docker provider of Pulumi loses the permissions above 0777: 1777 is taken");
  return withoutUndefined({
    type: "tmpfs",
    ...shared(mount),
    size: size === undefined || size === 0 ? undefined : size / mebibyte,
    permissions: mode !== undefined && mode <= 0o777 ? mode : undefined,
  });
}
