import { join } from "node:path";
import type { ServiceArgs, ServiceFile } from "../../../index";

export interface Surroundings {
  readonly networkId: ServiceFile["id"];
  readonly secret: (more?: object) => ServiceFile;
  readonly config: () => ServiceFile;
}

/** Services that together have every argument there is, by name. */
export const cases = ({
  networkId,
  secret,
  config,
}: Surroundings): Record<string, Omit<ServiceArgs, "image">> => ({
  plain: {},
  entrypoint: { entrypoint: ["sleep", "10"] },
  command: { command: ["sleep", "10"] },
  env: { env: { A: "1", B: "two words", EMPTY: "" } },
  "env-files": {
    envFiles: ["common.env", "api.env"].map((file) => join(__dirname, "files", file)),
    env: { OWN: "1" },
  },
  "working-dir": { workingDir: "/tmp" },
  user: { user: "1000:1000", groups: ["1001"] },
  hostname: { hostname: "{{.Node.Hostname}}-x" },
  init: { init: true },
  "read-only": { readOnly: true },
  stop: { stopSignal: "SIGINT", stopGracePeriod: "90s" },
  capabilities: { capAdd: ["net_admin"], capDrop: ["ALL"] },
  sysctls: { sysctls: { "net.core.somaxconn": "1024" } },
  dns: { dns: ["10.0.0.1"], dnsSearch: ["example.com"], dnsOptions: ["ndots:2"] },
  "dns-servers": { dns: ["10.0.0.1", "10.0.0.2"] },
  hosts: { extraHosts: { db: "10.0.0.2", cache: "10.0.0.3" } },
  labels: { labels: { "com.example.a": "1", b: "" } },
  "container-labels": { containerLabels: { a: "1", b: "2" } },
  none: { replicas: 0 },
  global: { mode: "global", constraints: ["node.role==manager"] },
  "global-ulimits": {
    mode: "global",
    constraints: ["node.labels.none==yes"],
    ulimits: { nproc: { soft: 900, hard: 900 } },
  },
  network: { networks: [{ networkId }] },
  aliases: { networks: [{ networkId, aliases: ["two", "one"] }] },
  ports: {
    ports: [
      { target: 80, published: 8000 },
      { target: 81, published: 8001, protocol: "udp" },
    ],
  },
  "host-port": { ports: [{ target: 80, published: 8002, mode: "host" }] },
  "chosen-port": { ports: [{ target: 80 }] },
  dnsrr: { endpointMode: "dnsrr", networks: [{ networkId }] },
  vip: { endpointMode: "vip", networks: [{ networkId }] },
  bind: { mounts: [{ type: "bind", source: "/tmp", target: "/x" }] },
  "bind-options": {
    mounts: [{ type: "bind", source: "/tmp", target: "/x", readOnly: true, propagation: "rshared" }],
  },
  volume: { mounts: [{ type: "volume", source: "data", target: "/data" }] },
  "volume-options": {
    mounts: [
      { type: "volume", target: "/a" },
      { type: "volume", source: "bb", target: "/b", noCopy: true },
      {
        type: "volume",
        source: "cc",
        target: "/c",
        driver: "local",
        driverOptions: { type: "tmpfs", device: "tmpfs" },
      },
      { type: "volume", source: "dd", target: "/d", labels: { a: "1", b: "" } },
    ],
  },
  tmpfs: {
    mounts: [
      { type: "tmpfs", target: "/t" },
      { type: "tmpfs", target: "/u", size: 16, permissions: 0o770 },
    ],
  },
  secrets: { secrets: [secret(), secret({ target: "other", uid: "10", gid: "11", permissions: 0o400 })] },
  configs: { configs: [config()] },
  limits: { cpuLimit: 0.25, memoryLimit: 64 },
  memory: { memoryLimit: 64.5 },
  reservations: { cpuReservation: 0.1, memoryReservation: 16 },
  placement: {
    constraints: ["node.role==manager", "node.labels.a!=b"],
    spreadOver: ["node.labels.zone"],
    maxReplicasPerNode: 2,
  },
  "max-replicas": { maxReplicasPerNode: 2 },
  restart: { restartPolicy: { condition: "on-failure", delay: "90s", maxAttempts: 3, window: "2m" } },
  "no-restart": { restartPolicy: { condition: "none" } },
  update: {
    updateConfig: {
      parallelism: 2,
      delay: "90s",
      failureAction: "rollback",
      monitor: "10s",
      maxFailureRatio: 0.3,
      order: "start-first",
    },
  },
  "update-default": { updateConfig: {} },
  rollback: {
    rollbackConfig: {
      parallelism: 0,
      delay: "1s",
      failureAction: "continue",
      monitor: "1m30s",
      maxFailureRatio: 1,
      order: "stop-first",
    },
  },
  health: {
    healthCheck: {
      test: ["CMD", "test", "-e", "/x"],
      interval: "5s",
      timeout: "3s",
      startPeriod: "90s",
      retries: 5,
    },
  },
  "health-test": { healthCheck: { test: ["CMD-SHELL", "true"] } },
  "no-health": { healthCheck: { test: ["NONE"] } },
  logging: { logging: { driver: "json-file", options: { "max-size": "1m" } } },
  "logging-driver": { logging: { driver: "local" } },
  registry: { registry: { server: "registry.example.com", username: "ada", password: "hunter2" } },
  timeout: { convergeTimeout: "90s" },
  ulimits: { ulimits: { nofile: { soft: 1024, hard: 2048 }, core: { soft: 0, hard: -1 } } },
  "no-ulimits": { ulimits: {}, labels: { a: "b" } },
  terminal: { tty: true, stdinOpen: true },
  "no-terminal": { tty: false, stdinOpen: false },
  pids: { pidsLimit: 100 },
  "pids-and-memory": { pidsLimit: 100, memoryLimit: 64 },
});

/** Those that need Docker 25. */
export const newerCases: Record<string, Omit<ServiceArgs, "image">> = {
  privileges: { seccomp: "unconfined", apparmor: "disabled", noNewPrivileges: true },
  profile: { seccomp: JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW" }) },
  "start-interval": { healthCheck: { test: ["CMD", "true"], startPeriod: "1m", startInterval: "1500ms" } },
  "default-privileges": { seccomp: "default", apparmor: "default", noNewPrivileges: false, ulimits: {} },
};
