/**
 * Inputs of `docker:index/service:Service` as @pulumi/docker 5.2.0 has them. Defaults, limits and what replaces are
 * specified by kreuzwerker/terraform-provider-docker: internal/provider/resource_docker_service.go.
 */
import {
  boolean,
  integer,
  list,
  map,
  object,
  type Properties,
  type Property,
  set,
  string,
} from "../rpc/property";
import { labels } from "./labels";

const replaces = { replaces: true };
const count = { minimum: 0 };
const duration = { format: "duration" } as const;

const file: Properties = {
  fileName: string({ required: true }),
  fileUid: string({ default: "0" }),
  fileGid: string({ default: "0" }),
  fileMode: integer({ default: 0o444, ...count }),
};

const mount = object("ServiceTaskSpecContainerSpecMount", {
  target: string({ required: true }),
  source: string(),
  type: string({ required: true, oneOf: ["bind", "volume", "tmpfs"] }),
  readOnly: boolean(),
  bindOptions: object("ServiceTaskSpecContainerSpecMountBindOptions", {
    propagation: string({
      default: "rprivate",
      oneOf: ["private", "rprivate", "shared", "rshared", "slave", "rslave"],
    }),
  }),
  volumeOptions: object("ServiceTaskSpecContainerSpecMountVolumeOptions", {
    noCopy: boolean(),
    labels: labels("ServiceTaskSpecContainerSpecMountVolumeOptionsLabel", replaces),
    driverName: string(),
    driverOptions: map(string()),
  }),
  tmpfsOptions: object("ServiceTaskSpecContainerSpecMountTmpfsOptions", {
    sizeBytes: integer(count),
    mode: integer(count),
  }),
});

const containerSpec = object(
  "ServiceTaskSpecContainerSpec",
  {
    image: string({ required: true }),
    labels: labels("ServiceTaskSpecContainerSpecLabel", replaces),
    commands: list(string()),
    args: list(string()),
    hostname: string(),
    env: map(string()),
    dir: string(),
    user: string(),
    groups: list(string()),
    privileges: object("ServiceTaskSpecContainerSpecPrivileges", {
      credentialSpec: object("ServiceTaskSpecContainerSpecPrivilegesCredentialSpec", {
        file: string(),
        registry: string(),
      }),
      seLinuxContext: object("ServiceTaskSpecContainerSpecPrivilegesSeLinuxContext", {
        disable: boolean(),
        user: string(),
        role: string(),
        type: string(),
        level: string(),
      }),
    }),
    readOnly: boolean(),
    mounts: set(mount),
    stopSignal: string(),
    stopGracePeriod: string(duration),
    healthcheck: object("ServiceTaskSpecContainerSpecHealthcheck", {
      tests: list(string()),
      interval: string({ default: "0s", ...duration }),
      timeout: string({ default: "0s", ...duration }),
      startPeriod: string({ default: "0s", ...duration }),
      retries: integer(count),
    }),
    hosts: set(
      object("ServiceTaskSpecContainerSpecHost", {
        ip: string({ required: true }),
        host: string({ required: true }),
      }),
      replaces,
    ),
    dnsConfig: object("ServiceTaskSpecContainerSpecDnsConfig", {
      nameservers: list(string(), { required: true }),
      searches: list(string()),
      options: list(string()),
    }),
    secrets: set(
      object("ServiceTaskSpecContainerSpecSecret", {
        secretId: string({ required: true }),
        secretName: string({ computed: true }),
        ...file,
      }),
    ),
    configs: set(
      object("ServiceTaskSpecContainerSpecConfig", {
        configId: string({ required: true }),
        configName: string({ computed: true }),
        ...file,
      }),
    ),
    isolation: string({ default: "default", oneOf: ["default", "process", "hyperv"] }),
    sysctl: map(string(), replaces),
    capAdds: list(string()),
    capDrops: list(string()),
    init: boolean(),
  },
  { required: true },
);

const limits: Properties = { nanoCpus: integer(count), memoryBytes: integer(count) };

const taskSpec = object(
  "ServiceTaskSpec",
  {
    containerSpec,
    resources: object("ServiceTaskSpecResources", {
      limits: object("ServiceTaskSpecResourcesLimits", limits),
      reservation: object("ServiceTaskSpecResourcesReservation", {
        ...limits,
        genericResources: object("ServiceTaskSpecResourcesReservationGenericResources", {
          namedResourcesSpecs: set(string()),
          discreteResourcesSpecs: set(string()),
        }),
      }),
    }),
    restartPolicy: object("ServiceTaskSpecRestartPolicy", {
      condition: string({ oneOf: ["none", "on-failure", "any"] }),
      delay: string(duration),
      maxAttempts: integer(count),
      window: string(duration),
    }),
    placement: object("ServiceTaskSpecPlacement", {
      constraints: set(string()),
      prefs: set(string()),
      maxReplicas: integer(count),
      platforms: set(
        object("ServiceTaskSpecPlacementPlatform", {
          architecture: string({ required: true }),
          os: string({ required: true }),
        }),
      ),
    }),
    forceUpdate: integer({ computed: true, ...count }),
    runtime: string({ computed: true, oneOf: ["container", "plugin"] }),
    networksAdvanceds: set(
      object("ServiceTaskSpecNetworksAdvanced", {
        name: string(),
        id: string(),
        aliases: set(string()),
        driverOpts: set(string()),
      }),
      replaces,
    ),
    logDriver: object("ServiceTaskSpecLogDriver", {
      name: string({ required: true }),
      options: map(string()),
    }),
  },
  { required: true },
);

function rollout(typeName: string, failureActions: readonly string[]): Property {
  return object(typeName, {
    parallelism: integer({ default: 1, ...count }),
    delay: string({ default: "0s", ...duration }),
    failureAction: string({ default: "pause", oneOf: failureActions }),
    monitor: string({ default: "5s", ...duration }),
    maxFailureRatio: string({ default: "0.0", format: "ratio" }),
    order: string({ default: "stop-first", oneOf: ["stop-first", "start-first"] }),
  });
}

export const serviceProperties: Properties = {
  name: string({ autoname: true, ...replaces }),
  labels: labels("ServiceLabel"),
  auth: object(
    "ServiceAuth",
    { serverAddress: string({ required: true }), username: string(), password: string({ secret: true }) },
    replaces,
  ),
  taskSpec,
  mode: object("ServiceMode", {
    replicated: object("ServiceModeReplicated", { replicas: integer({ default: 1, ...count }) }),
    global: boolean({ default: false }),
  }),
  updateConfig: rollout("ServiceUpdateConfig", ["pause", "continue", "rollback"]),
  rollbackConfig: rollout("ServiceRollbackConfig", ["pause", "continue"]),
  endpointSpec: object("ServiceEndpointSpec", {
    mode: string({ computed: true, oneOf: ["vip", "dnsrr"] }),
    ports: list(
      object("ServiceEndpointSpecPort", {
        name: string(),
        protocol: string({ default: "tcp", oneOf: ["tcp", "udp", "sctp"] }),
        targetPort: integer({ required: true, ...count }),
        publishedPort: integer({ computed: true, ...count }),
        publishMode: string({ default: "ingress", oneOf: ["host", "ingress"] }),
      }),
    ),
  }),
  convergeConfig: object("ServiceConvergeConfig", {
    delay: string({ default: "7s", ...duration }),
    timeout: string({ default: "3m", ...duration }),
  }),
};
