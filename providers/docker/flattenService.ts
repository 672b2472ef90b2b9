/**
 * A service of the Docker Engine API as properties, in the shape in which the plugin keeps them. Specified by the Docker Engine API ("Service",
 * ServiceSpec) and kreuzwerker/terraform-provider-docker: internal/provider/resource_docker_service_structures.go.
 */
import { formatDuration } from "../../host/duration";
import type { PropertyMap, PropertyValue } from "../rpc/values";
import type { Json, JsonObject } from "./json";
import { flattenLabels } from "./labels";
import { pairOf } from "./pair";
import { bridgeMeta } from "./state";

export interface ApiService extends JsonObject {
  readonly ID: string;
  readonly Version: JsonObject & { readonly Index: number };
  readonly Spec: JsonObject;
  readonly Endpoint?: JsonObject;
  readonly UpdateStatus?: JsonObject;
}

export function flattenService(service: ApiService): PropertyMap {
  const spec = service.Spec;
  // A service without a virtual address has nothing in its endpoint.
  const mode =
    (service.Endpoint?.Spec as JsonObject | undefined)?.Mode ??
    (spec.EndpointSpec as JsonObject | undefined)?.Mode;
  return present({
    id: service.ID,
    name: spec.Name as string,
    labels: flattenLabels(spec.Labels),
    taskSpec: flattenTask((spec.TaskTemplate ?? {}) as JsonObject),
    mode: flattenMode((spec.Mode ?? {}) as JsonObject),
    updateConfig: inside(spec.UpdateConfig, flattenRollout),
    rollbackConfig: inside(spec.RollbackConfig, flattenRollout),
    endpointSpec: present({
      mode: (mode as string | undefined) ?? "vip",
      ports: flattenPorts((spec.EndpointSpec as JsonObject | undefined)?.Ports, service.Endpoint?.Ports),
    }),
    ...bridgeMeta(2),
  });
}

function flattenMode(mode: JsonObject): PropertyMap {
  return present({
    replicated: inside(mode.Replicated, ({ Replicas }) => ({
      replicas: (Replicas as number | undefined) ?? 1,
    })),
    global: mode.Global !== undefined && mode.Global !== null,
  });
}

/** The specification's ports, with those numbers that the swarm chose. */
function flattenPorts(ports: Json | undefined, published: Json | undefined): PropertyValue | undefined {
  const chosen = items(published);
  return some(
    items(ports).map((port, index) => ({
      name: (port.Name as string | undefined) ?? "",
      protocol: (port.Protocol as string | undefined) ?? "tcp",
      targetPort: (port.TargetPort as number | undefined) ?? 0,
      publishedPort: ((port.PublishedPort || chosen[index]?.PublishedPort) as number | undefined) ?? 0,
      publishMode: (port.PublishMode as string | undefined) ?? "ingress",
    })),
  );
}

function flattenTask(task: JsonObject): PropertyMap {
  return present({
    containerSpec: inside(task.ContainerSpec, flattenContainer),
    resources: inside(task.Resources, ({ Limits, Reservations }) =>
      present({
        limits: inside(Limits, flattenLimits),
        reservation: inside(Reservations, (reserved) => ({
          ...flattenLimits(reserved),
          ...present({ genericResources: flattenGenericResources(reserved.GenericResources) }),
        })),
      }),
    ),
    restartPolicy: inside(task.RestartPolicy, ({ Condition, Delay, MaxAttempts, Window }) =>
      present({
        condition: text(Condition),
        delay: durationText(Delay),
        maxAttempts: MaxAttempts as number | undefined,
        window: durationText(Window),
      }),
    ),
    placement: inside(task.Placement, ({ Constraints, Preferences, Platforms, MaxReplicas }) =>
      present({
        constraints: strings(Constraints),
        prefs: some(
          items(Preferences).map(({ Spread }) =>
            String((Spread as JsonObject | undefined)?.SpreadDescriptor),
          ),
        ),
        platforms: some(
          items(Platforms).map(({ Architecture, OS }) => ({
            architecture: (Architecture as string | undefined) ?? "",
            os: (OS as string | undefined) ?? "",
          })),
        ),
        maxReplicas: (MaxReplicas as number | undefined) ?? 0,
      }),
    ),
    forceUpdate: (task.ForceUpdate as number | undefined) ?? 0,
    runtime: text(task.Runtime),
    networksAdvanceds: some(
      items(task.Networks).map(({ Target, Aliases, DriverOpts }) =>
        present({
          id: Target as string,
          aliases: strings(Aliases),
          driverOpts: some(
            Object.entries((DriverOpts ?? {}) as JsonObject).map(([key, value]) => `${key}=${String(value)}`),
          ),
        }),
      ),
    ),
    logDriver: inside(task.LogDriver, ({ Name, Options }) =>
      present({ name: Name as string, options: textMap(Options) }),
    ),
  });
}

function flattenContainer(container: JsonObject): PropertyMap {
  return present({
    image: container.Image as string,
    labels: flattenLabels(container.Labels),
    commands: strings(container.Command),
    args: strings(container.Args),
    hostname: text(container.Hostname),
    env: flattenEnv(container.Env),
    dir: text(container.Dir),
    user: text(container.User),
    groups: strings(container.Groups),
    privileges: inside(container.Privileges, ({ CredentialSpec, SELinuxContext }) =>
      present({
        credentialSpec: inside(CredentialSpec, ({ File, Registry }) =>
          present({ file: text(File), registry: text(Registry) }),
        ),
        seLinuxContext: inside(SELinuxContext, ({ Disable, User, Role, Type, Level }) =>
          present({
            disable: Disable === true,
            user: text(User),
            role: text(Role),
            type: text(Type),
            level: text(Level),
          }),
        ),
      }),
    ),
    readOnly: container.ReadOnly === true ? true : undefined,
    mounts: some(items(container.Mounts).map(flattenMount)),
    stopSignal: text(container.StopSignal),
    stopGracePeriod: durationText(container.StopGracePeriod),
    healthcheck: inside(container.Healthcheck, ({ Test, Interval, Timeout, StartPeriod, Retries }) =>
      present({
        tests: strings(Test),
        interval: durationText(Interval ?? 0),
        timeout: durationText(Timeout ?? 0),
        startPeriod: durationText(StartPeriod ?? 0),
        retries: (Retries as number | undefined) ?? 0,
      }),
    ),
    hosts: some(
      ((container.Hosts ?? []) as readonly Json[]).map((line) => {
        const [ip = "", host = ""] = String(line).split(" ");
        return { ip, host };
      }),
    ),
    dnsConfig: inside(container.DNSConfig, ({ Nameservers, Search, Options }) => {
      const config = present({
        nameservers: strings(Nameservers),
        searches: strings(Search),
        options: strings(Options),
      });
      return Object.keys(config).length === 0 ? undefined : config;
    }),
    secrets: some(
      items(container.Secrets).map(({ SecretID, SecretName, File }) => ({
        secretId: SecretID as string,
        ...present({ secretName: text(SecretName) }),
        ...flattenFile(File),
      })),
    ),
    configs: some(
      items(container.Configs).map(({ ConfigID, ConfigName, File }) => ({
        configId: ConfigID as string,
        ...present({ configName: text(ConfigName) }),
        ...flattenFile(File),
      })),
    ),
    isolation: text(container.Isolation),
    sysctl: textMap(container.Sysctls),
    capAdds: strings(container.CapabilityAdd),
    capDrops: strings(container.CapabilityDrop),
    init: container.Init as boolean | undefined,
  });
}

function flattenEnv(env: Json | undefined): PropertyMap | undefined {
  const lines = strings(env);
  return lines && Object.fromEntries(lines.map(pairOf));
}

function flattenMount(mount: JsonObject): PropertyMap {
  return present({
    target: mount.Target as string,
    source: (mount.Source as string | undefined) ?? "",
    type: mount.Type as string,
    readOnly: mount.ReadOnly === true,
    bindOptions: inside(mount.BindOptions, ({ Propagation }) => present({ propagation: text(Propagation) })),
    volumeOptions: inside(mount.VolumeOptions, ({ NoCopy, Labels, DriverConfig }) => {
      const driver = (DriverConfig ?? {}) as JsonObject;
      return present({
        noCopy: NoCopy === true,
        labels: flattenLabels(Labels),
        driverName: text(driver.Name),
        driverOptions: textMap(driver.Options),
      });
    }),
    tmpfsOptions: inside(mount.TmpfsOptions, ({ SizeBytes, Mode }) => ({
      sizeBytes: (SizeBytes as number | undefined) ?? 0,
      mode: (Mode as number | undefined) ?? 0,
    })),
  });
}

function flattenFile(file: Json | undefined): PropertyMap {
  if (typeof file !== "object" || file === null) return {};
  const { Name, UID, GID, Mode } = file as JsonObject;
  return present({
    fileName: Name as string,
    fileUid: text(UID),
    fileGid: text(GID),
    fileMode: Mode as number,
  });
}

function flattenLimits({ NanoCPUs, MemoryBytes }: JsonObject): PropertyMap {
  return {
    nanoCpus: (NanoCPUs as number | undefined) ?? 0,
    memoryBytes: (MemoryBytes as number | undefined) ?? 0,
  };
}

function flattenGenericResources(resources: Json | undefined): PropertyMap | undefined {
  const named: string[] = [];
  const discrete: string[] = [];
  for (const { NamedResourceSpec, DiscreteResourceSpec } of items(resources)) {
    const one = (NamedResourceSpec ?? DiscreteResourceSpec) as JsonObject | undefined;
    if (one) (NamedResourceSpec ? named : discrete).push(`${String(one.Kind)}=${String(one.Value)}`);
  }
  const found = present({ namedResourcesSpecs: some(named), discreteResourcesSpecs: some(discrete) });
  return Object.keys(found).length === 0 ? undefined : found;
}

function flattenRollout(config: JsonObject): PropertyMap {
  return present({
    parallelism: (config.Parallelism as number | undefined) ?? 0,
    delay: durationText(config.Delay ?? 0),
    failureAction: text(config.FailureAction),
    monitor: durationText(config.Monitor ?? 0),
    // The daemon keeps it as a 32-bit number: 0.1 comes back as 0.10000000149011612.
    maxFailureRatio: ratioText(Number(config.MaxFailureRatio ?? 0)),
    order: text(config.Order),
  });
}

function ratioText(ratio: number): string {
  const rounded = String(Number(ratio.toFixed(6)));
  return rounded.includes(".") ? rounded : `${rounded}.0`;
}

function inside(
  value: Json | undefined,
  flatten: (object: JsonObject) => PropertyMap | undefined,
): PropertyMap | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? flatten(value as JsonObject)
    : undefined;
}

function items(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as JsonObject[]) : [];
}

function strings(value: Json | undefined): readonly string[] | undefined {
  return some(((value ?? []) as readonly Json[]).map(String));
}

function some<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

function text(value: Json | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function textMap(value: Json | undefined): PropertyMap | undefined {
  const entries = Object.entries((value ?? {}) as JsonObject);
  return entries.length === 0
    ? undefined
    : Object.fromEntries(entries.map(([key, item]) => [key, String(item)]));
}

function durationText(value: Json | undefined): string | undefined {
  return typeof value === "number" ? formatDuration(value) : undefined;
}

function present(map: { readonly [key: string]: PropertyValue | undefined }): PropertyMap {
  return Object.fromEntries(
    Object.entries(map).filter((entry): entry is [string, PropertyValue] => entry[1] !== undefined),
  );
}
