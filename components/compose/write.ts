/** A plan as a compose file that `docker stack deploy` and this project read: all in long forms, all names written out. */

import { Scalar, stringify } from "yaml";
import { namespaceLabel } from "../../host/contentName";
import { withoutUndefined } from "./conversion";
import { Keys } from "./keys";
import {
  imageLabel,
  type Planned,
  type PlannedArgs,
  type PlannedData,
  type PlannedFile,
  type PlannedJobArgs,
  type PlannedMount,
  type PlannedNetwork,
  type PlannedService,
  type PlannedTaskArgs,
  type StackPlan,
} from "./plan";
import { recordOf } from "./recordOf";

type Fields = Record<string, unknown>;

export interface WriteOptions {
  /** Leave out what Docker's own client does not read: the name of the stack; contents in the file are external. */
  readonly forDocker?: boolean;
}

/** The file's text. Dollar signs are written twice, as the reader replaces variables. */
export function composeText(plan: StackPlan, options: WriteOptions = {}): string {
  // Docker's tools read YAML 1.1, where `no` and `0:0` are no texts.
  return stringify(escaped(composeFile(plan, options)), {
    lineWidth: 0,
    aliasDuplicateObjects: false,
    compat: "yaml-1.1",
  });
}

/** Text of a value in the file that is a reference to a variable; other dollar signs are escaped. */
export class VariableReference {
  constructor(readonly text: string) {}
}

function escaped(value: unknown): unknown {
  if (value instanceof VariableReference) return value.text;
  // The library would write it as a block, of which no reader knows how far it is indented.
  if (typeof value === "string" && /^\s*\n\s*$/.test(value)) return quoted(value);
  if (typeof value === "string") return value.replace(/\$/g, "$$$$");
  if (Array.isArray(value)) return value.map(escaped);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, escaped(one)]));
}

function quoted(text: string): Scalar {
  const scalar = new Scalar(text);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}

function composeFile(plan: StackPlan, { forDocker }: WriteOptions): Fields {
  const volumes: Volumes = { fields: recordOf<Fields>([]), keys: new Keys(plan.name) };
  const services = {
    ...mapped(plan.services, (service) => ({
      ...taskFields(plan, service, volumes),
      ...serviceFields(service.args),
    })),
    ...mapped(plan.jobs, (job) => ({ ...taskFields(plan, job, volumes), ...jobFields(job.args) })),
  };
  const data = (all: StackPlan["secrets"]): Fields | undefined =>
    filled(
      mapped(all, (one, key) =>
        dataFields(plan, key, forDocker && !one.file ? { ...one, external: true } : one),
      ),
    );
  return withoutUndefined({
    ...(forDocker ? { version: "3.13" } : { name: plan.name }),
    services,
    networks: filled(mapped(plan.networks, (network, key) => networkFields(plan, key, network))),
    volumes: filled(volumes.fields),
    secrets: data(plan.secrets),
    configs: data(plan.configs),
  });
}

/** Volumes that services use. */
interface Volumes {
  readonly fields: Record<string, Fields>;
  readonly keys: Keys;
}

const mapped = <T, R>(
  map: Readonly<Record<string, T>>,
  change: (value: T, key: string) => R,
): Record<string, R> =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value, key)]));

/** Undefined for a mapping of nothing. */
const filled = <T extends object>(map: T): T | undefined => {
  const left = withoutUndefined(map);
  return Object.keys(left).length === 0 ? undefined : left;
};

const own = (labels: Readonly<Record<string, string>> = {}): Fields | undefined => {
  const { [namespaceLabel]: _, [imageLabel]: __, ...rest } = labels;
  return filled(rest);
};

function taskFields(plan: StackPlan, service: Planned<PlannedTaskArgs>, volumes: Volumes): Fields {
  const { args } = service;
  return withoutUndefined({
    image: args.image,
    entrypoint: args.entrypoint,
    command: args.command,
    environment: args.env,
    working_dir: args.workingDir,
    user: args.user,
    group_add: args.groups,
    hostname: args.hostname,
    init: args.init,
    read_only: args.readOnly,
    stop_signal: args.stopSignal,
    stop_grace_period: args.stopGracePeriod,
    cap_add: args.capAdd,
    cap_drop: args.capDrop,
    sysctls: args.sysctls,
    dns: args.dns,
    dns_search: args.dnsSearch,
    dns_opt: args.dnsOptions,
    extra_hosts:
      args.extraHosts && Object.entries(args.extraHosts).map(([host, address]) => `${host}:${address}`),
    labels: own(args.containerLabels),
    depends_on: service.dependsOn.length > 0 ? service.dependsOn : undefined,
    networks: networkUses(service),
    volumes: args.mounts?.map((mount) => mountFields(plan, mount, volumes)),
    secrets: fileUses(service.secrets),
    configs: fileUses(service.configs),
    healthcheck: healthCheck(args),
    logging: args.logging,
    ulimits: args.ulimits,
    tty: args.tty,
    stdin_open: args.stdinOpen,
    security_opt: securityOptions(args),
  });
}

function securityOptions({ noNewPrivileges, seccomp, apparmor }: PlannedTaskArgs): string[] | undefined {
  const options = [
    ...(noNewPrivileges ? ["no-new-privileges:true"] : []),
    ...(seccomp === "unconfined" ? ["seccomp:unconfined"] : []),
    ...(apparmor === "disabled" ? ["apparmor:unconfined"] : []),
  ];
  return options.length > 0 ? options : undefined;
}

function serviceFields(args: PlannedArgs): Fields {
  const { restartPolicy: restart } = args;
  return withoutUndefined({
    ports: args.ports?.map(({ target, published, protocol, mode }) =>
      withoutUndefined({ target, published, protocol: protocol ?? "tcp", mode: mode ?? "ingress" }),
    ),
    deploy: deploy(args, {
      mode: args.mode,
      replicas: args.replicas,
      endpoint_mode: args.endpointMode,
      restart_policy:
        restart &&
        withoutUndefined({
          condition: restart.condition,
          delay: restart.delay,
          max_attempts: restart.maxAttempts,
          window: restart.window,
        }),
      update_config: rollout(args.updateConfig),
      rollback_config: rollout(args.rollbackConfig),
    }),
  });
}

/** With a restart policy in any case: without one `docker stack deploy` tries for ever. */
function jobFields(args: PlannedJobArgs): Fields {
  return withoutUndefined({
    deploy: deploy(args, {
      mode: args.everyNode ? "global-job" : "replicated-job",
      replicas: args.completions,
      restart_policy: args.retries
        ? { condition: "on-failure", max_attempts: args.retries }
        : { condition: "none" },
    }),
  });
}

/** Of a network of one's own, the name of the service is always among the aliases. */
function networkUses({ networks }: Pick<PlannedService, "networks">): Fields | undefined {
  if (
    networks.every(({ network }) => network === "default") &&
    networks.every(({ aliases }) => aliases.length < 2)
  )
    return undefined;
  return Object.fromEntries(
    networks.map(({ network, aliases }) => [
      network,
      aliases.length > 1 ? { aliases: aliases.slice(0, -1) } : null,
    ]),
  );
}

function fileUses(uses: readonly PlannedFile[]): Fields[] | undefined {
  return uses.length === 0
    ? undefined
    : uses.map(({ source, target, uid, gid, permissions }) =>
        withoutUndefined({ source, target, uid, gid, mode: permissions }),
      );
}

function healthCheck({ healthCheck: check }: PlannedTaskArgs): Fields | undefined {
  if (check === undefined) return undefined;
  if (check.test[0] === "NONE") return { disable: true };
  const { test, interval, timeout, startPeriod, startInterval, retries } = check;
  return withoutUndefined({
    test,
    interval,
    timeout,
    start_period: startPeriod,
    start_interval: startInterval,
    retries,
  });
}

function deploy(args: PlannedTaskArgs, how: Fields): Fields | undefined {
  const limits = { cpus: cpus(args.cpuLimit), memory: bytes(args.memoryLimit), pids: args.pidsLimit };
  const reservations = { cpus: cpus(args.cpuReservation), memory: bytes(args.memoryReservation) };
  return filled({
    ...how,
    labels: own(args.labels),
    resources: filled({ limits: filled(limits), reservations: filled(reservations) }),
    placement: filled({
      constraints: args.constraints,
      preferences: args.spreadOver?.map((spread) => ({ spread })),
      max_replicas_per_node: args.maxReplicasPerNode,
    }),
  });
}

const cpus = (amount: number | undefined): string | undefined => amount?.toString();

const bytes = (mebibytes: number | undefined): string | undefined =>
  mebibytes === undefined
    ? undefined
    : Number.isInteger(mebibytes)
      ? `${mebibytes}M`
      : `${Math.round(mebibytes * 2 ** 20)}`;

function rollout(config: PlannedArgs["updateConfig"]): Fields | undefined {
  if (config === undefined) return undefined;
  return withoutUndefined({
    parallelism: config.parallelism,
    delay: config.delay,
    failure_action: config.failureAction,
    monitor: config.monitor,
    max_failure_ratio: config.maxFailureRatio,
    order: config.order,
  });
}

function mountFields(plan: StackPlan, mount: PlannedMount, volumes: Volumes): Fields {
  const { type, target, readOnly, noCopy, propagation, size, permissions } = mount;
  const shared = { type, target, read_only: readOnly || undefined };
  if (type === "tmpfs")
    return withoutUndefined({
      ...shared,
      tmpfs: filled({ size: size === undefined ? undefined : Math.round(size * 2 ** 20), mode: permissions }),
    });
  if (type === "bind")
    return withoutUndefined({ ...shared, source: mount.source, bind: propagation && { propagation } });
  const volume = filled({ nocopy: noCopy });
  if (mount.source === undefined)
    return withoutUndefined({ ...shared, volume: filled({ nocopy: noCopy, labels: own(mount.labels) }) });
  const { driver, driverOptions, labels } = mount;
  const settings = { driver, driver_opts: driverOptions, labels: labels && (own(labels) ?? {}) };
  // Each way in which a volume of this name is made on first use is an entry of its own.
  const key = volumes.keys.of(JSON.stringify([mount.source, settings]), mount.source);
  // One of which nothing is said is there already.
  volumes.fields[key] =
    filled(settings) === undefined
      ? { name: mount.source, external: true }
      : withoutUndefined({
          name: scopedName(plan, key, mount.source),
          ...settings,
          labels: own(labels),
        });
  return withoutUndefined({ ...shared, source: key, volume });
}

/** The name if it is not the one that the key gives. */
const scopedName = ({ name: stack }: StackPlan, key: string, name: string): string | undefined =>
  name === `${stack}_${key}` ? undefined : name;

function networkFields(plan: StackPlan, key: string, { name, external, args }: PlannedNetwork): Fields {
  if (external) return { name, external: true };
  const options = { ...args.driverOptions, ...(args.encrypted ? { encrypted: "" } : {}) };
  return withoutUndefined({
    name: scopedName(plan, key, name),
    driver: "overlay",
    driver_opts: filled(options),
    attachable: args.attachable,
    internal: args.internal,
    enable_ipv6: args.ipv6,
    ipam: filled({
      driver: args.ipamDriver,
      options: args.ipamOptions,
      config: args.subnets?.map(({ subnet, gateway, ipRange }) =>
        withoutUndefined({ subnet, gateway, ip_range: ipRange }),
      ),
    }),
    labels: own(args.labels),
  });
}

function dataFields(plan: StackPlan, key: string, data: PlannedData): Fields {
  const { name, external, file, environment, content } = data;
  if (external) return { name, external: true };
  return withoutUndefined({
    name: scopedName(plan, key, name),
    file,
    environment,
    content,
    labels: own(data.labels),
  });
}
