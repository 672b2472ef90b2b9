/**
 * A service's properties as the Docker Engine API has them. What a program does not set stays out, so that the daemon's own default holds. Specified by the Docker Engine API ("Service",
 * ServiceSpec) and kreuzwerker/terraform-provider-docker: internal/provider/resource_docker_service_structures.go.
 */
import { parseDuration } from "../../host/duration";
import { isPropertyMap, type PropertyMap, type PropertyValue } from "../rpc/values";
import type { Json, JsonObject } from "./json";
import { expandLabels } from "./labels";
import { pairOf } from "./pair";

/** The part of a service's specification that the inputs set. */
export function expandService(inputs: PropertyMap): JsonObject {
  return compact({
    Name: inputs.name as string,
    Labels: expandLabels(inputs.labels),
    TaskTemplate: within(inputs.taskSpec, expandTask),
    Mode: within(inputs.mode, ({ replicated, global }) =>
      global === true
        ? { Global: {} }
        : isPropertyMap(replicated)
          ? { Replicated: compact({ Replicas: (replicated.replicas as number | undefined) ?? 1 }) }
          : undefined,
    ),
    UpdateConfig: within(inputs.updateConfig, expandRollout),
    RollbackConfig: within(inputs.rollbackConfig, expandRollout),
    EndpointSpec: within(inputs.endpointSpec, ({ mode, ports }) => ({
      Mode: mode as string | undefined,
      Ports: each(ports, (port) => ({
        Name: port.name as string | undefined,
        Protocol: (port.protocol ?? "tcp") as string,
        TargetPort: port.targetPort as number,
        PublishedPort: port.publishedPort as number | undefined,
        PublishMode: (port.publishMode ?? "ingress") as string,
      })),
    })),
  });
}

function expandTask(task: PropertyMap): JsonObject {
  return {
    ContainerSpec: within(task.containerSpec, expandContainer),
    Resources: within(task.resources, ({ limits, reservation }) => ({
      Limits: within(limits, expandLimits),
      Reservations: within(reservation, (reserved) => ({
        ...expandLimits(reserved),
        GenericResources: isPropertyMap(reserved.genericResources)
          ? expandGenericResources(reserved.genericResources)
          : undefined,
      })),
    })),
    RestartPolicy: within(task.restartPolicy, ({ condition, delay, maxAttempts, window }) => ({
      Condition: condition as string | undefined,
      Delay: nanoseconds(delay),
      MaxAttempts: maxAttempts as number | undefined,
      Window: nanoseconds(window),
    })),
    Placement: within(task.placement, ({ constraints, prefs, maxReplicas, platforms }) => ({
      Constraints: texts(constraints),
      Preferences: texts(prefs)?.map((spread) => ({ Spread: { SpreadDescriptor: spread } })),
      MaxReplicas: maxReplicas as number | undefined,
      Platforms: each(platforms, ({ architecture, os }) => ({
        Architecture: architecture as string,
        OS: os as string,
      })),
    })),
    ForceUpdate: task.forceUpdate as number | undefined,
    Runtime: task.runtime as string | undefined,
    Networks: each(task.networksAdvanceds, ({ id, name, aliases, driverOpts }) => ({
      Target: String(id || name),
      Aliases: texts(aliases),
      DriverOpts: pairs(driverOpts),
    })),
    LogDriver: within(task.logDriver, ({ name, options }) => ({
      Name: name as string,
      Options: options as JsonObject | undefined,
    })),
  };
}

function expandContainer(container: PropertyMap): JsonObject {
  const { env } = container;
  return {
    Image: container.image as string,
    Labels: expandLabels(container.labels),
    Command: texts(container.commands),
    Args: texts(container.args),
    Hostname: container.hostname as string | undefined,
    Env: isPropertyMap(env)
      ? Object.keys(env)
          .sort()
          .map((key) => `${key}=${String(env[key])}`)
      : undefined,
    Dir: container.dir as string | undefined,
    User: container.user as string | undefined,
    Groups: texts(container.groups),
    Privileges: within(container.privileges, ({ credentialSpec, seLinuxContext }) => ({
      CredentialSpec: within(credentialSpec, ({ file, registry }) => ({
        File: file as string | undefined,
        Registry: registry as string | undefined,
      })),
      SELinuxContext: within(seLinuxContext, ({ disable, user, role, type, level }) => ({
        Disable: disable as boolean | undefined,
        User: user as string | undefined,
        Role: role as string | undefined,
        Type: type as string | undefined,
        Level: level as string | undefined,
      })),
    })),
    ReadOnly: container.readOnly as boolean | undefined,
    Mounts: each(container.mounts, expandMount),
    StopSignal: container.stopSignal as string | undefined,
    StopGracePeriod: nanoseconds(container.stopGracePeriod),
    Healthcheck: within(container.healthcheck, ({ tests, interval, timeout, startPeriod, retries }) => ({
      Test: texts(tests),
      Interval: nanoseconds(interval),
      Timeout: nanoseconds(timeout),
      StartPeriod: nanoseconds(startPeriod),
      Retries: retries as number | undefined,
    })),
    Hosts: each(container.hosts, ({ ip, host }) => `${String(ip)} ${String(host)}`),
    DNSConfig: within(container.dnsConfig, ({ nameservers, searches, options }) => ({
      Nameservers: texts(nameservers),
      Search: texts(searches),
      Options: texts(options),
    })),
    Secrets: each(container.secrets, (secret) => ({
      SecretID: secret.secretId as string,
      SecretName: secret.secretName as string | undefined,
      File: expandFile(secret),
    })),
    Configs: each(container.configs, (config) => ({
      ConfigID: config.configId as string,
      ConfigName: config.configName as string | undefined,
      File: expandFile(config),
    })),
    Isolation: container.isolation as string | undefined,
    Sysctls: container.sysctl as JsonObject | undefined,
    CapabilityAdd: texts(container.capAdds),
    CapabilityDrop: texts(container.capDrops),
    Init: container.init as boolean | undefined,
  };
}

function expandMount(mount: PropertyMap): JsonObject {
  return {
    Type: mount.type as string,
    Target: mount.target as string,
    Source: mount.source as string | undefined,
    ReadOnly: mount.readOnly as boolean | undefined,
    BindOptions: within(mount.bindOptions, ({ propagation }) => ({
      Propagation: (propagation ?? "rprivate") as string,
    })),
    VolumeOptions: within(mount.volumeOptions, ({ noCopy, labels, driverName, driverOptions }) => ({
      NoCopy: noCopy as boolean | undefined,
      Labels: expandLabels(labels),
      DriverConfig:
        driverName === undefined && driverOptions === undefined
          ? undefined
          : { Name: driverName as string | undefined, Options: driverOptions as JsonObject | undefined },
    })),
    TmpfsOptions: within(mount.tmpfsOptions, ({ sizeBytes, mode }) => ({
      SizeBytes: sizeBytes as number | undefined,
      Mode: mode as number | undefined,
    })),
  };
}

function expandFile(file: PropertyMap): JsonObject {
  return {
    Name: file.fileName as string,
    UID: (file.fileUid ?? "0") as string,
    GID: (file.fileGid ?? "0") as string,
    Mode: (file.fileMode ?? 0o444) as number,
  };
}

function expandLimits({ nanoCpus, memoryBytes }: PropertyMap): JsonObject {
  return { NanoCPUs: nanoCpus as number | undefined, MemoryBytes: memoryBytes as number | undefined };
}

function expandGenericResources({ namedResourcesSpecs, discreteResourcesSpecs }: PropertyMap): JsonObject[] {
  return [
    ...(texts(namedResourcesSpecs) ?? []).map((pair) => {
      const [Kind, Value] = pairOf(pair);
      return { NamedResourceSpec: { Kind, Value } };
    }),
    ...(texts(discreteResourcesSpecs) ?? []).map((pair) => {
      const [Kind, Value] = pairOf(pair);
      return { DiscreteResourceSpec: { Kind, Value: Number(Value) } };
    }),
  ];
}

function expandRollout(config: PropertyMap): JsonObject {
  return {
    Parallelism: (config.parallelism ?? 1) as number,
    Delay: nanoseconds(config.delay),
    FailureAction: config.failureAction as string | undefined,
    Monitor: nanoseconds(config.monitor),
    MaxFailureRatio: config.maxFailureRatio === undefined ? undefined : Number(config.maxFailureRatio),
    Order: config.order as string | undefined,
  };
}

function within(
  value: PropertyValue | undefined,
  expand: (map: PropertyMap) => JsonObject | undefined,
): JsonObject | undefined {
  return isPropertyMap(value) ? expand(value) : undefined;
}

function each<T extends Json>(
  value: PropertyValue | undefined,
  expand: (map: PropertyMap) => T,
): readonly T[] | undefined {
  return Array.isArray(value) ? value.filter(isPropertyMap).map(expand) : undefined;
}

function texts(value: PropertyValue | undefined): readonly string[] | undefined {
  return Array.isArray(value) ? value.map(String) : undefined;
}

/** `key=value` texts as a map. */
function pairs(value: PropertyValue | undefined): JsonObject | undefined {
  const lines = texts(value);
  return lines && Object.fromEntries(lines.map(pairOf));
}

function nanoseconds(value: PropertyValue | undefined): number | undefined {
  return typeof value === "string" ? parseDuration(value) : undefined;
}

/** Without members that are undefined, at any depth. */
function compact(object: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(object)) as JsonObject;
}
