/** A service in the state as the arguments it was made from, without what is the default. */

import { withoutUndefined } from "../../components/compose/conversion";
import type { PlannedArgs, PlannedFile, PlannedMount } from "../../components/compose/plan";
import { namespaceLabel } from "../../host/contentName";
import { fieldsLabel } from "../../host/fieldsLabel";
import { Opened } from "./opened";
import { fields, flag, items, number, text, texts, type Value } from "./stateValues";

const mebibyte = 2 ** 20;

export interface ServiceState<Args = PlannedArgs> {
  readonly name: string;
  /** Stack that `docker stack` counts it to. */
  readonly stack: string | undefined;
  readonly args: Args;
  readonly networks: readonly { readonly id: string; readonly aliases: readonly string[] }[];
  readonly secrets: readonly FileState[];
  readonly configs: readonly FileState[];
  /** Names of variables that stand for secrets. */
  readonly hidden: readonly string[];
}

type FileState = Omit<PlannedFile, "source"> & { readonly id: string; readonly name: string };

/** @param variables texts that the file's variables stand for, by name */
export function serviceOf(inputs: Record<string, Value>, variables: Map<string, string>): ServiceState {
  const task = fields(inputs.taskSpec);
  const container = fields(task.containerSpec);
  const name = text(inputs.name) ?? "";
  const open = new Opened(name, variables);
  const { [fieldsLabel]: _, ...labels } = open.labels(inputs.labels);
  const { limits, reservation } = fields(task.resources);
  const placement = fields(task.placement);
  const endpoint = fields(inputs.endpointSpec);
  const mode = fields(inputs.mode);
  const dns = fields(container.dnsConfig);
  const log = fields(task.logDriver);
  const args: PlannedArgs = {
    image: text(container.image) ?? "",
    serviceName: name,
    entrypoint: filled(open.list(container.commands, "entrypoint")),
    command: filled(open.list(container.args, "command")),
    env: open.map(container.env),
    workingDir: text(container.dir),
    user: text(container.user),
    groups: filled(texts(container.groups)),
    hostname: text(container.hostname),
    init: flag(container.init),
    readOnly: flag(container.readOnly),
    stopSignal: text(container.stopSignal),
    stopGracePeriod: text(container.stopGracePeriod),
    capAdd: filled(texts(container.capAdds)),
    capDrop: filled(texts(container.capDrops)),
    sysctls: open.map(container.sysctl, "sysctl"),
    dns: filled(texts(dns.nameservers)),
    dnsSearch: filled(texts(dns.searches)),
    dnsOptions: filled(texts(dns.options)),
    extraHosts: hosts(container.hosts),
    labels,
    containerLabels: open.labels(container.labels, "container_label"),
    mode: mode.global === true ? "global" : undefined,
    replicas: replicas(mode),
    ports: filled(items(endpoint.ports).map(port)),
    endpointMode: text(endpoint.mode) === "vip" ? undefined : text(endpoint.mode),
    mounts: filled(items(container.mounts).map((one) => mount(one, open))),
    cpuLimit: cpus(fields(limits).nanoCpus),
    memoryLimit: memory(fields(limits).memoryBytes),
    cpuReservation: cpus(fields(reservation).nanoCpus),
    memoryReservation: memory(fields(reservation).memoryBytes),
    constraints: filled(texts(placement.constraints)),
    spreadOver: filled(texts(placement.prefs)),
    maxReplicasPerNode: number(placement.maxReplicas) || undefined,
    restartPolicy: restartPolicy(fields(task.restartPolicy)),
    updateConfig: rollout(inputs.updateConfig),
    rollbackConfig: rollout(inputs.rollbackConfig),
    healthCheck: healthCheck(container.healthcheck, open),
    logging:
      text(log.name) === undefined
        ? undefined
        : withoutUndefined({
            driver: text(log.name) as string,
            options: open.map(log.options, "logging"),
          }),
  };
  return {
    name,
    stack: labels[namespaceLabel],
    args: withoutUndefined(args),
    networks: items(task.networksAdvanceds).map((one) => ({
      id: text(fields(one).id) ?? text(fields(one).name) ?? "",
      aliases: texts(fields(one).aliases) ?? [],
    })),
    secrets: items(container.secrets).map((one) => file(fields(one), "secret")),
    configs: items(container.configs).map((one) => file(fields(one), "config")),
    hidden: open.variables,
  };
}

const filled = <T>(list: T[] | undefined): T[] | undefined => (list?.length ? list : undefined);

function hosts(list: Value | undefined): Record<string, string> | undefined {
  const all = items(list).map((one) => [text(fields(one).host) ?? "", text(fields(one).ip) ?? ""] as const);
  return all.length === 0 ? undefined : Object.fromEntries(all);
}

function replicas(mode: Record<string, Value>): number | undefined {
  const count = number(fields(mode.replicated).replicas);
  return count === 1 ? undefined : count;
}

function port(value: Value): NonNullable<PlannedArgs["ports"]>[number] {
  const { targetPort, publishedPort, protocol, publishMode } = fields(value);
  return withoutUndefined({
    target: number(targetPort) ?? 0,
    published: number(publishedPort) || undefined,
    protocol: text(protocol) ?? "tcp",
    mode: text(publishMode) ?? "ingress",
  });
}

function mount(value: Value, open: Opened): PlannedMount {
  const { type, target, source, readOnly, bindOptions, volumeOptions, tmpfsOptions } = fields(value);
  const volume = fields(volumeOptions);
  const tmpfs = fields(tmpfsOptions);
  const labels = open.labels(volume.labels, "volume_label");
  const size = number(tmpfs.sizeBytes);
  return withoutUndefined({
    type: text(type) ?? "volume",
    target: text(target) ?? "",
    source: text(source) || undefined,
    readOnly: flag(readOnly) || undefined,
    propagation: text(fields(bindOptions).propagation),
    noCopy: flag(volume.noCopy) || undefined,
    driver: text(volume.driverName) || undefined,
    driverOptions: open.map(volume.driverOptions, "volume"),
    labels: Object.keys(labels).length > 0 ? labels : undefined,
    size: size ? size / mebibyte : undefined,
    permissions: number(tmpfs.mode) || undefined,
  });
}

const cpus = (value: Value | undefined): number | undefined => {
  const nano = number(value);
  return nano ? nano / 1e9 : undefined;
};

const memory = (value: Value | undefined): number | undefined => {
  const bytes = number(value);
  return bytes ? bytes / mebibyte : undefined;
};

const other = <T>(value: T | undefined, standard: T): T | undefined =>
  value === standard ? undefined : value;

function restartPolicy(policy: Record<string, Value>): PlannedArgs["restartPolicy"] {
  const found = withoutUndefined({
    condition: other(text(policy.condition), "any"),
    delay: other(text(policy.delay), "5s"),
    maxAttempts: other(number(policy.maxAttempts), 0),
    window: other(text(policy.window), "0s"),
  });
  return Object.keys(found).length > 0 ? found : undefined;
}

function rollout(value: Value | undefined): PlannedArgs["updateConfig"] {
  const config = fields(value);
  if (Object.keys(config).length === 0) return undefined;
  const ratio = Number(text(config.maxFailureRatio) ?? 0);
  return withoutUndefined({
    parallelism: number(config.parallelism),
    delay: other(text(config.delay), "0s"),
    failureAction: other(text(config.failureAction), "pause"),
    monitor: other(text(config.monitor), "5s"),
    maxFailureRatio: ratio || undefined,
    order: other(text(config.order), "stop-first"),
  });
}

function healthCheck(value: Value | undefined, open: Opened): PlannedArgs["healthCheck"] {
  const check = fields(value);
  const test = open.list(check.tests, "healthcheck");
  if (test.length === 0) return undefined;
  return withoutUndefined({
    test,
    interval: other(text(check.interval), "0s"),
    timeout: other(text(check.timeout), "0s"),
    startPeriod: other(text(check.startPeriod), "0s"),
    retries: other(number(check.retries), 0),
  });
}

function file(one: Record<string, Value>, what: "secret" | "config"): FileState {
  return withoutUndefined({
    id: text(one[`${what}Id`]) ?? "",
    name: text(one[`${what}Name`]) ?? "",
    target: text(one.fileName) ?? "",
    uid: other(text(one.fileUid), "0"),
    gid: other(text(one.fileGid), "0"),
    permissions: other(number(one.fileMode), 0o444),
  });
}
