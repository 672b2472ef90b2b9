import type { PropertyMap } from "../../../../providers/rpc/values";
import { Secret, Unknown } from "../../../../providers/rpc/values";

/** What a program writes, and what it writes instead later. */
export interface Case {
  readonly name: string;
  /** `Container`, `Network`, … */
  readonly type: string;
  readonly inputs: PropertyMap;
  /** Only checked: needs nothing of a daemon. */
  readonly checkOnly?: boolean;
  readonly changes?: { readonly [name: string]: PropertyMap };
  /** Changes that are also carried out, one after the other; all of them in place. */
  readonly updates?: readonly string[];
  /** It needs the registry. */
  readonly registry?: boolean;
  /** `docker` commands that must have run before. */
  readonly before?: readonly (readonly string[])[];
  readonly after?: readonly (readonly string[])[];
}

/** Where the registry of the recording is, and of its replay. Nobody else uses this address. */
export const registryAddress = { host: "127.9.8.7", port: 15990 };
const inRegistry = `${registryAddress.host}:${registryAddress.port}`;
const registryLogin = { username: "user1", password: "letmein1" };
const authConfig = { address: `http://${inRegistry}`, ...registryLogin };

const box = "vmcluster.internal/box:1";
const contexts = "test/providers/docker/conformance/contexts";

/** Inputs without some, and with others. */
function but(
  inputs: PropertyMap,
  changed: { readonly [key: string]: PropertyMap[string] | undefined },
): PropertyMap {
  return Object.fromEntries(
    Object.entries({ ...inputs, ...changed }).filter(
      (entry): entry is [string, PropertyMap[string]] => entry[1] !== undefined,
    ),
  );
}

const plain: PropertyMap = { name: "plain", image: box };

const full: PropertyMap = {
  name: "full",
  image: box,
  command: ["sleep", "1000"],
  hostname: "host1",
  domainname: "example.org",
  user: "0:0",
  workingDir: "/bin",
  envs: ["A=1", "B=2"],
  labels: [
    { label: "one", value: "1" },
    { label: "two", value: "2" },
  ],
  ports: [
    { internal: 80, external: 18080 },
    { internal: 53, external: 18053, protocol: "udp", ip: "127.0.0.1" },
  ],
  volumes: [
    { containerPath: "/named", volumeName: "conformance" },
    { containerPath: "/host", hostPath: "/tmp", readOnly: true },
    { containerPath: "/anonymous" },
  ],
  mounts: [
    { target: "/tmpfs", type: "tmpfs", tmpfsOptions: { sizeBytes: 1_048_576, mode: 0o777 } },
    { target: "/bound", type: "bind", source: "/tmp", bindOptions: { propagation: "rprivate" } },
    { target: "/volume", type: "volume", source: "conformance", readOnly: true },
  ],
  uploads: [{ file: "/etc/uploaded/file", content: "hello", executable: true }],
  restart: "on-failure",
  maxRetryCount: 3,
  healthcheck: { tests: ["CMD", "true"], interval: "90s", retries: 2 },
  capabilities: { adds: ["CAP_NET_ADMIN"], drops: ["CAP_CHOWN"] },
  memory: 64,
  memoryReservation: 32,
  memorySwap: 128,
  cpuShares: 512,
  cpuSet: "0",
  cpus: "0.5",
  shmSize: 32,
  ulimits: [{ name: "nofile", soft: 100, hard: 200 }],
  hosts: [{ host: "other", ip: "10.0.0.1" }],
  dns: ["10.0.0.2"],
  dnsOpts: ["ndots:2"],
  dnsSearches: ["example.org"],
  tmpfs: { "/run": "rw,size=1m" },
  sysctls: { "net.ipv4.ip_forward": "1" },
  devices: [{ hostPath: "/dev/null", containerPath: "/dev/nothing" }],
  logDriver: "json-file",
  logOpts: { "max-size": "1m" },
  stopSignal: "SIGINT",
  stopTimeout: 3,
  tty: true,
  stdinOpen: true,
  init: false,
  ipcMode: "private",
  pidMode: "host",
  cgroupnsMode: "private",
  groupAdds: ["5"],
  securityOpts: ["no-new-privileges"],
  destroyGraceSeconds: 1,
};

const containers: Case[] = [
  {
    name: "plain",
    type: "Container",
    inputs: plain,
    changes: {
      same: plain,
      image: but(plain, { image: "other:1" }),
      command: but(plain, { command: ["sleep", "1"] }),
      entrypoints: but(plain, { entrypoints: ["/bin/sh"] }),
      env: but(plain, { envs: ["A=1"] }),
      port: but(plain, { ports: [{ internal: 80 }] }),
      label: but(plain, { labels: [{ label: "a", value: "b" }] }),
      limits: but(plain, { memory: 64, memorySwap: 128, cpuShares: 512, cpuSet: "0" }),
      restart: but(plain, { restart: "always" }),
      "limits and restart": but(plain, {
        memory: 96,
        memorySwap: 128,
        cpuShares: 512,
        cpuSet: "0",
        restart: "always",
      }),
      retries: but(plain, { restart: "on-failure", maxRetryCount: 3 }),
      "how it is run": but(plain, {
        removeVolumes: false,
        destroyGraceSeconds: 3,
        waitTimeout: 5,
        logs: true,
      }),
      "grace and wait": but(plain, { containerReadRefreshTimeoutMilliseconds: 1, wait: true, attach: true }),
      network: but(plain, { networksAdvanced: [{ name: "webnet", aliases: ["a"] }] }),
      "network mode": but(plain, { networkMode: "host" }),
      upload: but(plain, { uploads: [{ file: "/x", content: "y" }] }),
      mount: but(plain, { mounts: [{ target: "/x", type: "tmpfs" }] }),
      volume: but(plain, { volumes: [{ containerPath: "/x", volumeName: "y" }] }),
      healthcheck: but(plain, { healthcheck: { tests: ["CMD", "true"] } }),
      init: but(plain, { init: true }),
      rm: but(plain, { rm: true }),
      tmpfs: but(plain, { tmpfs: { "/run": "" } }),
      throttle: but(plain, { deviceReadBps: [{ path: "/dev/null", rate: 1000 }] }),
      "cpu quota": but(plain, { cpuPeriod: 100_000, cpuQuota: 50_000 }),
      privileged: but(plain, { privileged: true }),
      "read-only": but(plain, { readOnly: true }),
      capabilities: but(plain, { capabilities: { adds: ["CAP_NET_ADMIN"] } }),
      hostname: but(plain, { hostname: "other" }),
      gpus: but(plain, { gpus: "all" }),
      "stop signal": but(plain, { stopSignal: "SIGINT", stopTimeout: 1 }),
      log: but(plain, { logDriver: "none" }),
      name: but(plain, { name: "renamed" }),
      stop: but(plain, { mustRun: false }),
      unknown: but(plain, { command: Unknown.value }),
    },
    updates: ["limits", "limits and restart"],
  },
  {
    name: "full",
    type: "Container",
    before: [["volume", "create", "conformance"]],
    inputs: full,
    changes: {
      same: full,
      "order of sets": but(full, {
        envs: ["B=2", "A=1"],
        labels: [...(full.labels as PropertyMap[])].reverse(),
        ports: [...(full.ports as PropertyMap[])].reverse(),
      }),
      "nothing the image gives": but(full, { command: undefined, envs: undefined, labels: undefined }),
      "nothing the daemon gives": but(full, {
        stopSignal: undefined,
        logDriver: undefined,
        shmSize: undefined,
      }),
      "no ports": but(full, { ports: undefined }),
      "no volumes": but(full, { volumes: undefined, mounts: undefined }),
      "no limits": but(full, { memory: undefined, memorySwap: undefined, memoryReservation: undefined }),
      "other limits": but(full, { memory: 96, memorySwap: 256, memoryReservation: 16, cpuShares: 256 }),
      "no restart": but(full, { restart: undefined, maxRetryCount: undefined }),
      port: but(full, { ports: [{ internal: 80, external: 18081 }] }),
      upload: but(full, { uploads: [{ file: "/etc/uploaded/file", content: "other", executable: true }] }),
      "no user": but(full, { user: undefined, workingDir: undefined }),
      "no capabilities": but(full, { capabilities: undefined }),
      "no dns": but(full, { dns: undefined, dnsOpts: undefined, dnsSearches: undefined }),
      "no healthcheck": but(full, { healthcheck: undefined }),
      "other interval": but(full, { healthcheck: { tests: ["CMD", "true"], interval: "1m30s", retries: 2 } }),
    },
    updates: ["other limits"],
    after: [
      ["rm", "-f", "full"],
      ["volume", "rm", "conformance"],
    ],
  },
  {
    name: "a short job",
    type: "Container",
    inputs: {
      name: "job",
      image: box,
      command: ["echo", "hi there"],
      attach: true,
      logs: true,
      mustRun: false,
    },
  },
  {
    name: "a job with a terminal",
    type: "Container",
    inputs: {
      name: "job2",
      image: box,
      command: ["echo", "hi"],
      attach: true,
      logs: true,
      mustRun: false,
      tty: true,
    },
  },
  {
    name: "ended, but must run",
    type: "Container",
    inputs: { name: "dead", image: box, command: ["false"] },
    changes: { same: { name: "dead", image: box, command: ["false"] } },
  },
  {
    name: "not started",
    type: "Container",
    inputs: {
      name: "idle",
      image: box,
      start: false,
      mustRun: false,
      ports: [{ internal: 80, external: 18082 }],
    },
    changes: {
      same: {
        name: "idle",
        image: box,
        start: false,
        mustRun: false,
        ports: [{ internal: 80, external: 18082 }],
      },
      start: { name: "idle", image: box, mustRun: false, ports: [{ internal: 80, external: 18082 }] },
    },
  },
  {
    name: "waits for its health",
    type: "Container",
    inputs: {
      name: "healthy",
      image: box,
      wait: true,
      healthcheck: { tests: ["CMD", "true"], interval: "1s" },
    },
  },
  {
    name: "on two networks",
    type: "Container",
    before: [
      ["network", "create", "--subnet", "10.77.0.0/16", "conf-a"],
      ["network", "create", "--subnet", "10.78.0.0/16", "conf-b"],
    ],
    inputs: {
      name: "networked",
      image: box,
      networksAdvanced: [
        { name: "conf-a", aliases: ["one", "two"], ipv4Address: "10.77.1.1" },
        { name: "conf-b" },
      ],
    },
    changes: {
      "one left": { name: "networked", image: box, networksAdvanced: [{ name: "conf-b" }] },
      "other order": {
        name: "networked",
        image: box,
        networksAdvanced: [
          { name: "conf-b" },
          { name: "conf-a", aliases: ["two", "one"], ipv4Address: "10.77.1.1" },
        ],
      },
    },
    after: [
      ["rm", "-f", "networked"],
      ["network", "rm", "conf-a", "conf-b"],
    ],
  },
  {
    name: "volume options",
    type: "Container",
    inputs: {
      name: "optioned",
      image: box,
      mounts: [
        {
          target: "/v",
          type: "volume",
          source: "optioned",
          volumeOptions: { noCopy: true, labels: [{ label: "x", value: "y" }] },
        },
      ],
    },
    after: [
      ["rm", "-f", "optioned"],
      ["volume", "rm", "-f", "optioned"],
    ],
  },
  {
    name: "devices for later",
    type: "Container",
    inputs: {
      name: "requests",
      image: box,
      start: false,
      mustRun: false,
      deviceRequests: [{ capabilities: ["gpu"], count: 1 }],
      cpuPeriod: 100_000,
      cpuQuota: 50_000,
      cgroupParent: "/conformance",
      storageOpts: {},
    },
  },
  {
    name: "generated name",
    type: "Container",
    checkOnly: true,
    inputs: { image: box },
  },
  {
    name: "refused",
    type: "Container",
    checkOnly: true,
    inputs: {
      image: box,
      restart: "sometimes",
      cpuSet: "x",
      memorySwap: -2,
      mounts: [{ target: "/t", type: "other" }],
      volumes: [{ containerPath: "relative" }],
      uploads: [{ file: "/x", contentBase64: "!" }],
      healthcheck: { interval: "soon" },
      bogus: 1,
    },
  },
  { name: "no image", type: "Container", checkOnly: true, inputs: { name: "x" } },
  {
    name: "texts for numbers",
    type: "Container",
    checkOnly: true,
    inputs: { name: "x", image: box, memory: "64", rm: "true", envs: [1, true] },
  },
  {
    name: "both kinds of devices",
    type: "Container",
    checkOnly: true,
    inputs: { name: "x", image: box, gpus: "all", deviceRequests: [{}] },
  },
  {
    name: "secrets",
    type: "Container",
    inputs: {
      name: "secret",
      image: box,
      envs: new Secret(["A=1"]),
      labels: [{ label: "a", value: new Secret("b") }],
      uploads: [{ file: "/x", content: new Secret("text") }],
    },
    changes: {
      "other text": {
        name: "secret",
        image: box,
        envs: new Secret(["A=1"]),
        labels: [{ label: "a", value: "b" }],
        uploads: [{ file: "/x", content: "other" }],
      },
    },
  },
];

const build = { context: `${contexts}/plain` };
const images: Case[] = [
  {
    name: "here already",
    type: "RemoteImage",
    before: [["tag", box, "vmcluster.internal/pulled:1"]],
    inputs: { name: "vmcluster.internal/pulled:1" },
    changes: {
      same: { name: "vmcluster.internal/pulled:1" },
      "keep it": { name: "vmcluster.internal/pulled:1", keepLocally: true, forceRemove: true },
      name: { name: "vmcluster.internal/pulled:2" },
      platform: { name: "vmcluster.internal/pulled:1", platform: "linux/amd64" },
      "pull trigger": { name: "vmcluster.internal/pulled:1", pullTriggers: ["a"] },
      trigger: { name: "vmcluster.internal/pulled:1", triggers: { a: "b" } },
      build: { name: "vmcluster.internal/pulled:1", build },
    },
    updates: ["keep it"],
  },
  {
    name: "kept",
    type: "RemoteImage",
    inputs: { name: box, keepLocally: true, pullTriggers: ["a", "b"] },
    changes: {
      "other order": { name: box, keepLocally: true, pullTriggers: ["b", "a"] },
      "no triggers": { name: box, keepLocally: true },
      "not kept": { name: box, pullTriggers: ["a", "b"] },
    },
  },
  {
    name: "built",
    type: "RemoteImage",
    inputs: {
      name: "vmcluster.internal/built:1",
      forceRemove: true,
      build: {
        ...build,
        buildArgs: { TEXT: "given" },
        target: "second",
        label: { a: "b" },
        tags: ["vmcluster.internal/built:2"],
      },
      triggers: { hash: "1" },
    },
    changes: {
      trigger: {
        name: "vmcluster.internal/built:1",
        forceRemove: true,
        build: {
          ...build,
          buildArgs: { TEXT: "given" },
          target: "second",
          label: { a: "b" },
          tags: ["vmcluster.internal/built:2"],
        },
        triggers: { hash: "2" },
      },
      args: {
        name: "vmcluster.internal/built:1",
        forceRemove: true,
        build: {
          ...build,
          buildArgs: { TEXT: "other" },
          target: "second",
          label: { a: "b" },
          tags: ["vmcluster.internal/built:2"],
        },
        triggers: { hash: "1" },
      },
      tags: {
        name: "vmcluster.internal/built:1",
        forceRemove: true,
        build: { ...build, buildArgs: { TEXT: "given" }, target: "second", label: { a: "b" }, tags: [] },
        triggers: { hash: "1" },
      },
    },
    after: [["rmi", "-f", "vmcluster.internal/built:2"]],
  },
  {
    name: "everything a build takes",
    type: "RemoteImage",
    checkOnly: true,
    inputs: {
      name: "x",
      build: {
        context: ".",
        authConfigs: [{ hostName: "h", userName: "u", password: "p" }],
        ulimits: [{ name: "nofile", soft: 1, hard: 2 }],
        memory: 1,
        noCache: true,
        extraHosts: ["a:1.2.3.4"],
        useLegacyBuilder: true,
      },
    },
  },
  {
    name: "built and pulled",
    type: "RemoteImage",
    checkOnly: true,
    inputs: { name: "x", pullTriggers: ["a"], build },
  },
  { name: "nameless", type: "RemoteImage", checkOnly: true, inputs: {} },
  {
    name: "another name",
    type: "Tag",
    inputs: { sourceImage: box, targetImage: "vmcluster.internal/tagged:1" },
    changes: {
      same: { sourceImage: box, targetImage: "vmcluster.internal/tagged:1" },
      target: { sourceImage: box, targetImage: "vmcluster.internal/tagged:2" },
      source: { sourceImage: "other", targetImage: "vmcluster.internal/tagged:1" },
      trigger: { sourceImage: box, targetImage: "vmcluster.internal/tagged:1", tagTriggers: ["a"] },
    },
    after: [["rmi", "vmcluster.internal/tagged:1"]],
  },
  { name: "no target", type: "Tag", checkOnly: true, inputs: { sourceImage: box } },
  {
    name: "built here",
    type: "Image",
    inputs: {
      imageName: "vmcluster.internal/image:1",
      skipPush: true,
      build: {
        context: `${contexts}/plain`,
        dockerfile: `${contexts}/plain/Dockerfile`,
        platform: "linux/amd64",
      },
    },
    changes: {
      same: {
        imageName: "vmcluster.internal/image:1",
        skipPush: true,
        build: {
          context: `${contexts}/plain`,
          dockerfile: `${contexts}/plain/Dockerfile`,
          platform: "linux/amd64",
        },
      },
      context: {
        imageName: "vmcluster.internal/image:1",
        skipPush: true,
        build: { context: `${contexts}/ignoring`, platform: "linux/amd64" },
      },
      name: {
        imageName: "vmcluster.internal/image:2",
        skipPush: true,
        build: { context: `${contexts}/plain`, platform: "linux/amd64" },
      },
      args: {
        imageName: "vmcluster.internal/image:1",
        skipPush: true,
        build: { context: `${contexts}/plain`, platform: "linux/amd64", args: { TEXT: "x" } },
      },
      registry: {
        imageName: "vmcluster.internal/image:1",
        skipPush: true,
        registry: { server: "a" },
        build: { context: `${contexts}/plain`, platform: "linux/amd64" },
      },
      push: {
        imageName: "vmcluster.internal/image:1",
        build: { context: `${contexts}/plain`, platform: "linux/amd64" },
      },
    },
    updates: ["args"],
    after: [["rmi", "-f", "vmcluster.internal/image:1"]],
  },
  {
    name: "with a registry",
    type: "Image",
    inputs: {
      imageName: "vmcluster.internal/image:3",
      skipPush: true,
      registry: { server: "one", username: "u", password: new Secret("password1") },
      build: {
        context: `${contexts}/ignoring`,
        dockerfile: `${contexts}/elsewhere/Other.Dockerfile`,
        platform: "linux/amd64",
        target: "",
        args: { A: "b" },
      },
    },
    changes: {
      login: {
        imageName: "vmcluster.internal/image:3",
        skipPush: true,
        registry: { server: "one", username: "v", password: "password2" },
        build: {
          context: `${contexts}/ignoring`,
          dockerfile: `${contexts}/elsewhere/Other.Dockerfile`,
          platform: "linux/amd64",
          target: "",
          args: { A: "b" },
        },
      },
      server: {
        imageName: "vmcluster.internal/image:3",
        skipPush: true,
        registry: { server: "two", username: "u", password: "password1" },
        build: {
          context: `${contexts}/ignoring`,
          dockerfile: `${contexts}/elsewhere/Other.Dockerfile`,
          platform: "linux/amd64",
          target: "",
          args: { A: "b" },
        },
      },
    },
    after: [["rmi", "-f", "vmcluster.internal/image:3"]],
  },
  {
    name: "pushed",
    type: "Image",
    registry: true,
    inputs: {
      imageName: `${inRegistry}/image:1`,
      registry: { server: inRegistry, ...registryLogin },
      build: {
        context: `${contexts}/plain`,
        dockerfile: `${contexts}/plain/Dockerfile`,
        platform: "linux/amd64",
      },
    },
    changes: {
      "not pushed": {
        imageName: `${inRegistry}/image:1`,
        skipPush: true,
        registry: { server: inRegistry, ...registryLogin },
        build: {
          context: `${contexts}/plain`,
          dockerfile: `${contexts}/plain/Dockerfile`,
          platform: "linux/amd64",
        },
      },
    },
    after: [["rmi", "-f", `${inRegistry}/image:1`]],
  },
  {
    name: "ignored files",
    type: "Image",
    checkOnly: true,
    inputs: { imageName: "a", skipPush: true, build: { context: `${contexts}/ignoring` } },
  },
  {
    name: "old builder",
    type: "Image",
    checkOnly: true,
    inputs: {
      imageName: "docker.io/a/b",
      build: {
        context: `${contexts}/ignoring`,
        builderVersion: "BuilderV1",
        cacheFrom: { images: ["docker.io/a/c"] },
      },
    },
  },
  {
    name: "unknown builder",
    type: "Image",
    checkOnly: true,
    inputs: {
      imageName: "a",
      skipPush: true,
      build: { context: `${contexts}/ignoring`, builderVersion: "Other" },
    },
  },
  {
    name: "no full name",
    type: "Image",
    checkOnly: true,
    inputs: { imageName: "a", build: { context: `${contexts}/ignoring` } },
  },
  {
    name: "no Dockerfile",
    type: "Image",
    checkOnly: true,
    inputs: { imageName: "a", skipPush: true, build: { context: `${contexts}/elsewhere` } },
  },
  {
    name: "unknown context",
    type: "Image",
    checkOnly: true,
    inputs: { imageName: "a", skipPush: true, build: { context: Unknown.value, dockerfile: Unknown.value } },
  },
  {
    name: "pushed",
    type: "RegistryImage",
    registry: true,
    inputs: { name: `${inRegistry}/a/box:1`, authConfig },
    changes: {
      same: { name: `${inRegistry}/a/box:1`, authConfig },
      kept: { name: `${inRegistry}/a/box:1`, authConfig, keepRemotely: true },
      insecure: { name: `${inRegistry}/a/box:1`, authConfig, insecureSkipVerify: true, keepRemotely: true },
      login: { name: `${inRegistry}/a/box:1`, authConfig: { ...authConfig, password: "other" } },
      name: { name: `${inRegistry}/a/box:2`, authConfig },
      triggers: { name: `${inRegistry}/a/box:1`, authConfig, triggers: { a: "b" } },
      build: { name: `${inRegistry}/a/box:1`, authConfig, build: { context: `${contexts}/plain` } },
    },
    before: [["tag", box, `${inRegistry}/a/box:1`]],
    after: [["rmi", `${inRegistry}/a/box:1`]],
  },
  {
    name: "kept",
    type: "RegistryImage",
    registry: true,
    inputs: { name: `${inRegistry}/kept:1`, authConfig, keepRemotely: true },
    changes: {
      insecure: { name: `${inRegistry}/kept:1`, authConfig, insecureSkipVerify: true, keepRemotely: true },
      "not kept": { name: `${inRegistry}/kept:1`, authConfig, insecureSkipVerify: true },
    },
    updates: ["insecure", "not kept"],
    before: [["tag", box, `${inRegistry}/kept:1`]],
    after: [["rmi", `${inRegistry}/kept:1`]],
  },
  {
    name: "no such image",
    type: "RegistryImage",
    registry: true,
    inputs: { name: `${inRegistry}/nothing:1`, authConfig },
  },
  {
    name: "wrong password",
    type: "RegistryImage",
    registry: true,
    inputs: { name: `${inRegistry}/box:1`, authConfig: { ...authConfig, password: "wrong" } },
    before: [["tag", box, `${inRegistry}/box:1`]],
    after: [["rmi", `${inRegistry}/box:1`]],
  },
  {
    name: "no login",
    type: "RegistryImage",
    registry: true,
    inputs: { name: `${inRegistry}/box:1` },
    before: [["tag", box, `${inRegistry}/box:1`]],
    after: [["rmi", `${inRegistry}/box:1`]],
  },
  { name: "generated name", type: "RegistryImage", checkOnly: true, inputs: {} },
  {
    name: "with a login",
    type: "RegistryImage",
    checkOnly: true,
    inputs: {
      name: "a",
      keepRemotely: true,
      insecureSkipVerify: true,
      triggers: { a: "b" },
      authConfig: { address: "x", username: "u", password: "p" },
    },
  },
];

const network: PropertyMap = {
  name: "net",
  driver: "bridge",
  options: { "com.docker.network.bridge.name": "conf0" },
  ipamConfigs: [{ subnet: "10.79.0.0/16", gateway: "10.79.0.1" }],
  labels: [{ label: "a", value: "b" }],
  internal: true,
};
const service: PropertyMap = {
  name: "web",
  taskSpec: {
    containerSpec: { image: box, env: { A: "1" } },
    restartPolicy: { condition: "any", delay: "5s" },
  },
  mode: { replicated: { replicas: 1 } },
  endpointSpec: { ports: [{ targetPort: 80, publishedPort: 14000 }] },
  labels: [{ label: "a", value: "b" }],
};
const task = (changed: PropertyMap): PropertyMap => ({
  ...(service.taskSpec as PropertyMap),
  ...changed,
});
const swarm: Case[] = [
  {
    name: "bridge",
    type: "Network",
    inputs: network,
    changes: {
      same: network,
      plain: { name: "net" },
      "no labels": but(network, { labels: undefined }),
      driver: but(network, { driver: "overlay" }),
      "not internal": but(network, { internal: false }),
      subnet: but(network, { ipamConfigs: [{ subnet: "10.80.0.0/16" }] }),
      ipv6: but(network, { ipv6: true }),
    },
  },
  {
    name: "overlay",
    type: "Network",
    inputs: { name: "over", driver: "overlay", attachable: true },
    changes: { detach: { name: "over", driver: "overlay" } },
  },
  { name: "refused", type: "Network", checkOnly: true, inputs: { bogus: 1, labels: [{ label: "a" }] } },
  {
    name: "local",
    type: "Volume",
    inputs: {
      name: "conf-volume",
      driverOpts: { type: "tmpfs", device: "tmpfs" },
      labels: [{ label: "a", value: "b" }],
    },
    changes: {
      plain: { name: "conf-volume" },
      driver: { name: "conf-volume", driver: "other", driverOpts: { type: "tmpfs", device: "tmpfs" } },
      label: {
        name: "conf-volume",
        driverOpts: { type: "tmpfs", device: "tmpfs" },
        labels: [{ label: "a", value: "c" }],
      },
    },
  },
  { name: "generated name", type: "Volume", checkOnly: true, inputs: {} },
  {
    name: "secret",
    type: "Secret",
    inputs: { name: "conf-secret", data: "c2VjcmV0", labels: [{ label: "a", value: "b" }] },
    changes: {
      data: { name: "conf-secret", data: "b3RoZXI=", labels: [{ label: "a", value: "b" }] },
      "no label": { name: "conf-secret", data: "c2VjcmV0" },
      name: { name: "conf-secret2", data: "c2VjcmV0" },
    },
  },
  { name: "no data", type: "Secret", checkOnly: true, inputs: { name: "x" } },
  {
    name: "config",
    type: "ServiceConfig",
    inputs: { name: "conf-config", data: "Y29uZmln" },
    changes: {
      same: { name: "conf-config", data: "Y29uZmln" },
      data: { name: "conf-config", data: "b3RoZXI=" },
    },
  },
  {
    name: "service",
    type: "Service",
    inputs: service,
    changes: {
      same: service,
      image: but(service, { taskSpec: task({ containerSpec: { image: "other:1", env: { A: "1" } } }) }),
      replicas: but(service, { mode: { replicated: { replicas: 2 } } }),
      global: but(service, { mode: { global: true } }),
      env: but(service, { taskSpec: task({ containerSpec: { image: box, env: { A: "2" } } }) }),
      port: but(service, { endpointSpec: { ports: [{ targetPort: 80, publishedPort: 14001 }] } }),
      label: but(service, { labels: [{ label: "a", value: "c" }] }),
      name: but(service, { name: "web2" }),
      placement: but(service, { taskSpec: task({ placement: { constraints: ["node.role==manager"] } }) }),
      limits: but(service, { taskSpec: task({ resources: { limits: { memoryBytes: 50_000_000 } } }) }),
      network: but(service, { taskSpec: task({ networksAdvanceds: [{ name: "conf-net" }] }) }),
      mount: but(service, {
        taskSpec: task({
          containerSpec: { image: box, env: { A: "1" }, mounts: [{ target: "/x", type: "tmpfs" }] },
        }),
      }),
      user: but(service, { taskSpec: task({ containerSpec: { image: box, env: { A: "1" }, user: "1" } }) }),
    },
    updates: ["label"],
  },
  { name: "no task", type: "Service", checkOnly: true, inputs: { name: "x" } },
  {
    name: "refused",
    type: "Service",
    checkOnly: true,
    inputs: {
      name: "x",
      taskSpec: { containerSpec: { image: "a", healthcheck: { interval: "soon" } } },
      endpointSpec: { mode: "other" },
    },
  },
];

export const cases: readonly Case[] = [...containers, ...images, ...swarm];
