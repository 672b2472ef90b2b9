/**
 * Inputs and outputs of `docker:index/container:Container` as @pulumi/docker 5.2.0 has them. Defaults, limits and what
 * replaces are specified by kreuzwerker/terraform-provider-docker: internal/provider/resource_docker_container.go.
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
/** Taken from the image or chosen by the daemon where the program says nothing. */
const replacesIfSet = { replaces: true, computed: true };
const count = { minimum: 0 };
const duration = { default: "0s", format: "duration" } as const;
const texts = (extra: Partial<Property> = {}): Property => set(string(), { ...replaces, ...extra });

const mount = object("ContainerMount", {
  target: string({ required: true }),
  source: string(),
  type: string({ required: true, oneOf: ["bind", "volume", "tmpfs"] }),
  readOnly: boolean(),
  bindOptions: object("ContainerMountBindOptions", {
    propagation: string({ oneOf: ["private", "rprivate", "shared", "rshared", "slave", "rslave"] }),
  }),
  volumeOptions: object("ContainerMountVolumeOptions", {
    noCopy: boolean(),
    labels: labels("ContainerMountVolumeOptionsLabel", replaces),
    driverName: string(),
    driverOptions: map(string()),
    subpath: string(replaces),
  }),
  tmpfsOptions: object("ContainerMountTmpfsOptions", { sizeBytes: integer(), mode: integer() }, replaces),
});

const volume = object("ContainerVolume", {
  fromContainer: string(replaces),
  containerPath: string({ format: "absolutePath", ...replaces }),
  hostPath: string({ format: "absolutePath", ...replaces }),
  volumeName: string(replaces),
  readOnly: boolean(replaces),
  selinuxRelabel: string({ oneOf: ["z", "Z"], ...replaces }),
});

const port = object("ContainerPort", {
  internal: integer({ required: true, ...replaces }),
  external: integer(replacesIfSet),
  ip: string({ default: "0.0.0.0", ...replaces }),
  protocol: string({ default: "tcp", ...replaces }),
});

const upload = object("ContainerUpload", {
  file: string({ required: true, ...replaces }),
  content: string(replaces),
  contentBase64: string({ format: "base64", ...replaces }),
  source: string(replaces),
  sourceHash: string(replaces),
  executable: boolean(replaces),
  permissions: string({ pattern: /^0[0-7]{3}$/, ...replaces }),
});

const network = object("ContainerNetworksAdvanced", {
  name: string({ required: true, ...replaces }),
  aliases: texts(),
  ipv4Address: string(replaces),
  ipv6Address: string(replaces),
  linkLocalIps: texts(),
  macAddress: string(replaces),
  driverOpts: texts(),
  gwPriority: integer({ ...count, ...replaces }),
});

const throttle = (typeName: string): Property =>
  set(
    object(typeName, { path: string({ required: true }), rate: integer({ required: true, ...count }) }),
    replaces,
  );

export const containerProperties: Properties = {
  name: string({ autoname: true, ...replaces }),
  image: string({ required: true, ...replaces }),

  // How the container is run; of no concern to the container itself.
  attach: boolean(),
  containerReadRefreshTimeoutMilliseconds: integer({ default: 15_000 }),
  destroyGraceSeconds: integer(),
  logs: boolean(),
  mustRun: boolean({ default: true }),
  removeVolumes: boolean({ default: true }),
  start: boolean({ default: true }),
  wait: boolean(),
  waitTimeout: integer({ default: 60 }),

  // What the daemon changes while the container runs.
  cpuPeriod: integer(count),
  cpuQuota: integer(count),
  cpuSet: string({ pattern: /^\d+([,-]\d+)*$/ }),
  cpuShares: integer(count),
  maxRetryCount: integer(),
  memory: integer(count),
  memoryReservation: integer(count),
  memorySwap: integer({ minimum: -1 }),
  restart: string({ default: "no", oneOf: ["no", "on-failure", "always", "unless-stopped"] }),

  // Pulumi's plugin reports these as changed in place, and the daemon changes nothing.
  deviceReadBps: throttle("ContainerDeviceReadBp"),
  deviceReadIops: throttle("ContainerDeviceReadIop"),
  deviceWriteBps: throttle("ContainerDeviceWriteBp"),
  deviceWriteIops: throttle("ContainerDeviceWriteIop"),
  healthcheck: object(
    "ContainerHealthcheck",
    {
      tests: list(string()),
      interval: string(duration),
      timeout: string(duration),
      startPeriod: string(duration),
      startInterval: string(duration),
      retries: integer(count),
    },
    replacesIfSet,
  ),
  init: boolean(replacesIfSet),
  rm: boolean(replaces),
  tmpfs: map(string(), replaces),

  capabilities: object("ContainerCapabilities", { adds: texts(), drops: texts() }, replaces),
  cgroupParent: string(replaces),
  cgroupnsMode: string({ oneOf: ["private", "host"], ...replaces }),
  command: list(string(), replacesIfSet),
  cpus: string(replaces),
  devices: set(
    object("ContainerDevice", {
      hostPath: string({ required: true, ...replaces }),
      containerPath: string(replaces),
      permissions: string({ default: "rwm", ...replaces }),
    }),
    replaces,
  ),
  deviceRequests: set(
    object("ContainerDeviceRequest", {
      driver: string({ default: "cdi", ...replaces }),
      count: integer(replaces),
      deviceIds: texts(),
      capabilities: texts(),
      options: map(string(), replaces),
    }),
    replaces,
  ),
  dns: texts(),
  dnsOpts: texts(),
  dnsSearches: texts(),
  domainname: string(replaces),
  entrypoints: list(string(), replacesIfSet),
  envs: texts({ computed: true }),
  gpus: string(replaces),
  groupAdds: texts(),
  hostname: string(replacesIfSet),
  hosts: set(
    object("ContainerHost", {
      host: string({ required: true, ...replaces }),
      ip: string({ required: true, ...replaces }),
    }),
    replaces,
  ),
  ipcMode: string(replacesIfSet),
  labels: labels("ContainerLabel", replacesIfSet),
  logDriver: string(replacesIfSet),
  logOpts: map(string(), replaces),
  mounts: set(mount, replaces),
  networkMode: string({ default: "bridge", ...replaces }),
  networksAdvanced: set(network, replaces),
  pidMode: string(replaces),
  platform: string(replacesIfSet),
  // The daemon knows no order among them.
  ports: set(port, replaces),
  privileged: boolean(replaces),
  publishAllPorts: boolean(replaces),
  readOnly: boolean(replaces),
  runtime: string(replacesIfSet),
  securityOpts: texts({ computed: true }),
  shmSize: integer({ ...count, ...replacesIfSet }),
  stdinOpen: boolean(replaces),
  stopSignal: string(replacesIfSet),
  stopTimeout: integer(replacesIfSet),
  storageOpts: map(string(), replaces),
  sysctls: map(string(), replaces),
  tty: boolean(replaces),
  ulimits: set(
    object("ContainerUlimit", {
      name: string({ required: true, ...replaces }),
      soft: integer({ required: true, ...replaces }),
      hard: integer({ required: true, ...replaces }),
    }),
    replaces,
  ),
  uploads: set(upload, replaces),
  user: string({ computed: true, ...replaces }),
  usernsMode: string(replaces),
  volumes: set(volume, replaces),
  workingDir: string({ computed: true, ...replaces }),

  bridge: string({ output: true }),
  containerLogs: string({ output: true }),
  exitCode: integer({ output: true }),
  networkDatas: list(
    object("ContainerNetworkData", {
      networkName: string(),
      ipAddress: string(),
      ipPrefixLength: integer(),
      gateway: string(),
      globalIpv6Address: string(),
      globalIpv6PrefixLength: integer(),
      ipv6Gateway: string(),
      macAddress: string(),
    }),
    { output: true },
  ),
};
