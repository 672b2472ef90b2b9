/** One service of a compose file as the arguments of `SwarmService`. */
import { isNodeNetwork } from "../../host/nodeNetworks";
import { type Conversion, externalName, isJob, withoutUndefined } from "./conversion";
import { convertMounts } from "./convertMounts";
import { environment, labelFiles } from "./environment";
import { ignoredFields } from "./ignored";
import {
  imageLabel,
  type Planned,
  type PlannedArgs,
  type PlannedFile,
  type PlannedService,
  type PlannedTaskArgs,
} from "./plan";
import type { Deploy } from "./schema/deploy";
import type { FileUse } from "./schema/mounts";
import type { Service } from "./schema/service";
import { securityOptions } from "./securityOptions";

const mebibyte = 2 ** 20;

export function convertService(conversion: Conversion, name: string, service: Service): PlannedService {
  const path = ["services", name];
  const { deploy = {} } = service;
  return convertTasks(conversion, name, service, {
    ...mode(conversion, path, service, deploy),
    ports: filled(ports(conversion, path, service)),
    endpointMode: deploy.endpoint_mode,
    restartPolicy: restartPolicy(service, deploy),
    updateConfig: rollout(conversion, [...path, "deploy", "update_config"], deploy.update_config),
    rollbackConfig: rollout(conversion, [...path, "deploy", "rollback_config"], deploy.rollback_config),
  });
}

/** @param more arguments that are not of its tasks */
export function convertTasks<More extends object>(
  conversion: Conversion,
  name: string,
  service: Service,
  more: More,
): Planned<PlannedTaskArgs & More> {
  const path = ["services", name];
  const { deploy = {} } = service;
  warnOfIgnored(conversion, path, service, deploy);
  warnOfTwo(conversion, path, service, deploy);
  const { image } = service;
  if (image === undefined || image === "")
    throw conversion.wrong(
      path,
      "image" in service || !("build" in service)
        ? "has no image"
        : "has `build` and no `image`: swarm runs images that are built already; build it, push it to a registry, and name it in `image`",
    );
  const args: PlannedTaskArgs = {
    image,
    serviceName: conversion.scoped(name),
    entrypoint: filled(service.entrypoint),
    command: filled(service.command),
    env: filledMap(environment(conversion, name, service)),
    // Docker takes an empty text, as it comes from a variable that has no value, for none.
    workingDir: service.working_dir || undefined,
    user: service.user || undefined,
    groups: service.group_add,
    hostname: service.hostname || undefined,
    init: service.init,
    readOnly: service.read_only,
    stopSignal: service.stop_signal || undefined,
    stopGracePeriod: service.stop_grace_period,
    capAdd: filled(service.cap_add),
    capDrop: filled(service.cap_drop),
    sysctls: filledMap(service.sysctls ?? {}),
    dns: filled(service.dns),
    dnsSearch: filled(service.dns_search),
    dnsOptions: filled(service.dns_opt),
    extraHosts: extraHosts(conversion, path, service),
    labels: { ...conversion.labelled(deploy.labels), [imageLabel]: image },
    containerLabels: conversion.labelled({ ...labelFiles(conversion, name, service), ...service.labels }),
    mounts: filled(convertMounts(conversion, name, service)),
    ...resources(service, deploy),
    constraints: filled(deploy.placement?.constraints),
    spreadOver: filled(deploy.placement?.preferences?.map(({ spread }) => spread)),
    maxReplicasPerNode: deploy.placement?.max_replicas_per_node,
    healthCheck: healthCheck(conversion, path, service),
    logging: logging(conversion, path, service),
    ulimits: filledMap(service.ulimits ?? {}),
    tty: service.tty || undefined,
    stdinOpen: service.stdin_open || undefined,
    ...securityOptions(conversion, path, service),
  };
  return {
    args: withoutUndefined({ ...args, ...more }),
    networks: networks(conversion, path, name, service),
    secrets: fileUses(conversion, path, "secrets", service.secrets),
    configs: fileUses(conversion, path, "configs", service.configs),
    dependsOn: dependsOn(conversion, path, service),
  };
}

const filled = <T>(list: T[] | undefined): T[] | undefined =>
  list === undefined || list.length === 0 ? undefined : list;

const filledMap = <T>(map: Record<string, T>): Record<string, T> | undefined =>
  Object.keys(map).length === 0 ? undefined : map;

function warnOfIgnored(conversion: Conversion, path: string[], service: Service, deploy: Deploy): void {
  for (const [field, instead] of Object.entries(ignoredFields))
    if (field in service) conversion.warn([...path, field], `is ignored: ${instead}`);
  const unsupported = "is ignored: the Docker provider of Pulumi has no field for it";
  const { reservations } = deploy.resources ?? {};
  if (reservations?.generic_resources !== undefined)
    conversion.warn([...path, "deploy", "resources", "reservations", "generic_resources"], unsupported);
  if (reservations?.devices !== undefined)
    conversion.warn(
      [...path, "deploy", "resources", "reservations", "devices"],
      "is ignored: swarm gives no devices to tasks",
    );
}

/** What older files say in fields of the service counts where `deploy` says nothing. */
function warnOfTwo(conversion: Conversion, path: string[], service: Service, deploy: Deploy): void {
  const { limits = {}, reservations = {} } = deploy.resources ?? {};
  const fields = [
    ["scale", "replicas", deploy.replicas],
    ["cpus", "resources.limits.cpus", limits.cpus],
    ["mem_limit", "resources.limits.memory", limits.memory],
    ["mem_reservation", "resources.reservations.memory", reservations.memory],
    ["pids_limit", "resources.limits.pids", limits.pids],
  ] as const;
  for (const [field, where, value] of fields)
    if (service[field] !== undefined && value !== undefined && value !== service[field])
      conversion.warn([...path, field], `is ignored: deploy.${where} says otherwise`);
}

function extraHosts(
  conversion: Conversion,
  path: string[],
  service: Service,
): Record<string, string> | undefined {
  const found = new Map<string, string>();
  for (const [host, addresses] of service.extra_hosts ?? []) {
    const [address = ""] = addresses;
    const where = [...path, "extra_hosts", host];
    if (address === "host-gateway")
      conversion.warn(where, "is ignored: host-gateway has no meaning in a swarm; write the address");
    else if (found.has(host) || addresses.length > 1)
      conversion.warn(
        where,
        "the Docker provider of Pulumi takes one address for a name: the others are ignored",
      );
    if (address !== "host-gateway" && !found.has(host)) found.set(host, address);
  }
  return filledMap(Object.fromEntries(found));
}

function mode(
  conversion: Conversion,
  path: string[],
  service: Service,
  deploy: Deploy,
): Pick<PlannedArgs, "mode" | "replicas"> {
  return { mode: deploy.mode, replicas: replicas(conversion, path, service, deploy) };
}

export function replicas(
  conversion: Conversion,
  path: string[],
  service: Service,
  { mode = "replicated", replicas: deployed }: Deploy,
): number | undefined {
  const number = deployed ?? service.scale;
  if (mode.startsWith("global") && number !== undefined)
    throw conversion.wrong(
      [...path, ...(deployed === undefined ? ["scale"] : ["deploy", "replicas"])],
      `a ${mode === "global" ? "global service" : mode} has one task on every node: replicas are not allowed`,
    );
  return number;
}

function ports(conversion: Conversion, path: string[], service: Service): PlannedArgs["ports"] {
  const seen = new Set<string>();
  return (service.ports ?? []).flatMap(
    ({ entry, hostIp, range, protocol = "tcp", mode = "ingress", ...numbers }) => {
      if (range !== undefined)
        conversion.warn(
          [...path, "ports", entry, "published"],
          `${numbers.published} is taken of ${range}: a swarm publishes no port out of a range`,
        );
      const port = { ...numbers, protocol, mode };
      if (hostIp !== undefined && hostIp !== "0.0.0.0" && hostIp !== "::")
        conversion.warn(
          [...path, "ports", entry],
          `the address ${hostIp} is ignored: swarm publishes at all addresses of every node`,
        );
      const key = JSON.stringify(port);
      if (seen.has(key)) return [];
      seen.add(key);
      return [port];
    },
  );
}

function resources(
  service: Service,
  { resources: { limits = {}, reservations = {} } = {} }: Deploy,
): Partial<PlannedTaskArgs> {
  const inMebibytes = (bytes: number | undefined): number | undefined => bytes && bytes / mebibyte;
  const orNone = (amount: number | undefined): number | undefined => amount || undefined;
  const positive = (amount: number | undefined): number | undefined =>
    amount !== undefined && amount > 0 ? amount : undefined;
  return {
    cpuLimit: orNone(limits.cpus ?? service.cpus),
    memoryLimit: orNone(inMebibytes(limits.memory ?? service.mem_limit)),
    cpuReservation: orNone(reservations.cpus),
    pidsLimit: positive(limits.pids ?? service.pids_limit),
    memoryReservation: orNone(inMebibytes(reservations.memory ?? service.mem_reservation)),
  };
}

/** `restart` counts where there is no `deploy.restart_policy`. */
export function restartPolicy(service: Service, deploy: Deploy): PlannedArgs["restartPolicy"] {
  const policy = deploy.restart_policy;
  if (policy)
    return withoutUndefined({
      condition: policy.condition,
      delay: policy.delay,
      maxAttempts: policy.max_attempts,
      window: policy.window,
    });
  const [kind, attempts] = (service.restart ?? "").split(":");
  switch (kind) {
    case "no":
    case "false":
      return { condition: "none" };
    case "on-failure":
      return { condition: "on-failure", ...(attempts && { maxAttempts: Number(attempts) }) };
    default:
      return undefined;
  }
}

function rollout(
  conversion: Conversion,
  path: string[],
  config: Deploy["update_config"],
): PlannedArgs["updateConfig"] {
  if (config === undefined) return undefined;
  const { max_failure_ratio: given = 0 } = config;
  const where = [...path, "max_failure_ratio"];
  if (given < 0 || given > 1) throw conversion.wrong(where, `${given} must be 0 to 1`);
  // The smaller one stops a rollout that the given one would stop.
  const ratio = Math.floor(Number((given * 10).toFixed(6))) / 10;
  if (ratio !== given)
    conversion.warn(where, `${ratio} is taken for ${given}: the Docker provider of Pulumi keeps one decimal`);
  return withoutUndefined({
    parallelism: config.parallelism,
    delay: config.delay,
    failureAction: config.failure_action,
    // The swarm's default too.
    monitor: config.monitor === "0s" ? undefined : config.monitor,
    maxFailureRatio: config.max_failure_ratio === undefined ? undefined : ratio,
    order: config.order,
  });
}

function healthCheck(
  conversion: Conversion,
  path: string[],
  service: Service,
): PlannedTaskArgs["healthCheck"] {
  const check = service.healthcheck;
  if (check === undefined) return undefined;
  const where = [...path, "healthcheck"];
  const { test, interval, timeout, start_period: startPeriod, retries } = check;
  const startInterval = check.start_interval;
  if (check.disable === true) return { test: ["NONE"] };
  if (test === undefined || test.length === 0) {
    conversion.warn(
      where,
      "is ignored: the Docker provider of Pulumi cannot change the times of the image's own check; give it a test",
    );
    return undefined;
  }
  if (test[0] === "NONE") return { test: ["NONE"] };
  if (test[0] !== "CMD" && test[0] !== "CMD-SHELL")
    throw conversion.wrong(
      [...where, "test"],
      'must start with "CMD" or "CMD-SHELL", be ["NONE"], or be one text',
    );
  if (test.length < 2) throw conversion.wrong([...where, "test"], "has no command");
  return withoutUndefined({ test, interval, timeout, startPeriod, startInterval, retries });
}

function logging(conversion: Conversion, path: string[], service: Service): PlannedTaskArgs["logging"] {
  if (service.logging === undefined) return undefined;
  const { options } = service.logging;
  const driver = service.logging.driver || undefined;
  if (driver === undefined) {
    // An empty name is the daemon's own driver for `docker stack deploy`, but not for the plugin.
    conversion.warn([...path, "logging"], "json-file is taken for the driver, as none is given");
  }
  return withoutUndefined({ driver: driver ?? "json-file", options });
}

function networks(
  conversion: Conversion,
  path: string[],
  name: string,
  service: Service,
): PlannedService["networks"] {
  const own = Object.entries(service.networks ?? {});
  const all = own.length > 0 ? own : ([["default", {}]] as typeof own);
  return all
    .map(([key, settings]) => {
      const where = [...path, "networks", key];
      const network = conversion.model.networks?.[key];
      if (network === undefined && key !== "default")
        throw conversion.wrong(where, "there is no such network under `networks`");
      for (const field of Object.keys(settings).filter((one) => one !== "aliases"))
        conversion.warn([...where, field], "is ignored: swarm chooses addresses and interfaces itself");
      const external = network && externalName(key, network);
      // There are no names in a node's own networks.
      const aliases = isNodeNetwork(external) ? [] : [...new Set([...(settings.aliases ?? []), name])];
      return { network: key, aliases };
    })
    .sort((one, other) => (one.network < other.network ? -1 : 1));
}

function fileUses(
  conversion: Conversion,
  path: string[],
  section: "secrets" | "configs",
  uses: readonly FileUse[] = [],
): PlannedFile[] {
  return uses.map(({ source, target, uid, gid, mode: permissions }, index) => {
    if (conversion.model[section]?.[source] === undefined)
      throw conversion.wrong([...path, section, index], `${source} is not among the file's ${section}`);
    // As Docker's tools have it: a secret in /run/secrets, a config in the root folder.
    const where = target || (section === "configs" ? `/${source}` : source);
    return withoutUndefined({
      source,
      target: where,
      uid: uid || undefined,
      gid: gid || undefined,
      permissions,
    });
  });
}

function dependsOn(conversion: Conversion, path: string[], service: Service): string[] {
  return Object.entries(service.depends_on ?? {}).flatMap(([other, { condition, restart, required }]) => {
    const where = [...path, "depends_on", other];
    const found = conversion.model.services[other];
    if (found === undefined) {
      // One that no profile wants is no longer in the model.
      const profiles = conversion.loaded.inactive.get(other);
      if (profiles === undefined && required !== false)
        throw conversion.wrong(where, "there is no such service");
      if (profiles !== undefined && required !== false)
        conversion.warn(
          where,
          `is ignored: ${other} is not made, as it has the profile ${profiles.join(" or ")}; with \`required: false\` nothing is said`,
        );
      return [];
    }
    const never = condition === "service_completed_successfully" && !isJob(found);
    if (never)
      conversion.warn(
        where,
        `is ignored: a swarm's services do not complete; deploy.mode replicated-job makes ${other} a job`,
      );
    if (restart === true)
      conversion.warn(where, "restart is ignored: a swarm restarts services on their own");
    return never ? [] : [other];
  });
}
