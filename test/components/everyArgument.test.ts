/** Every argument of every component refuses what it may not be, at once and by its name. */
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { known, Recorder } from "./mocks";

const recorder = new Recorder();
recorder.start();

import * as lib from "../../index";

const provider = new docker.Provider("swarm", { host: "ssh://my" });
const on = { provider };
const machine = { machineName: "m1", machineId: "i", sshConfig: "/c" };
const token = `SWMTKN-1-${"a".repeat(50)}-${"b".repeat(25)}`;
const registry = { server: "docker.io" };

type Make = (args: object) => unknown;
interface Component {
  readonly make: Make;
  /** Arguments with which it is made. */
  readonly good: Readonly<Record<string, unknown>>;
  /** A wrong value of each argument, at least one. */
  readonly bad: Readonly<Record<string, readonly unknown[]>>;
}

/** A case that is missing does not compile. */
const component = <Args>(
  one: Component & { readonly bad: { readonly [N in keyof Args]-?: readonly unknown[] } },
): Component => one;

const notText = [5, null, ""];
const notFlag = ["yes", 1, null];
const notPairs = [["A=1"], { A: 1 }, { "": "x" }, null];
const notTexts = ["a", [1], null];
const notPort = [0, 65536, 80.5, "80", -1, null, Number.NaN];
const notDuration = ["10", "soon", 10, "-1s", null];
const notImage = ["", "red is", "Redis", "redis:", "redis:7:8", "redis@sha", null, 5];
const notName = ["", "a b", "a.b", "-a", "a".repeat(64), 5, null];
const notMebibytes = [1e30, 1, 0, -5, "64m", null];
const notShare = [1e30, 0, -1, "0.5", Number.POSITIVE_INFINITY, null];
const notCount = [-1, 1.5, "2", null];

const tasks = {
  image: notImage,
  serviceName: notName,
  entrypoint: notTexts,
  command: notTexts,
  env: [...notPairs, { "A=B": "c" }, { A: null }],
  envFiles: ["a.env", [""], ["no.env"], [1]],
  workingDir: [...notText, "app", "./app"],
  user: notText,
  groups: notTexts,
  hostname: notText,
  init: notFlag,
  readOnly: notFlag,
  stopSignal: notText,
  stopGracePeriod: notDuration,
  capAdd: notTexts,
  capDrop: notTexts,
  sysctls: notPairs,
  dns: [...notTexts, ["example.com"]],
  dnsSearch: notTexts,
  dnsOptions: notTexts,
  extraHosts: [...notPairs, { db: "nowhere" }, { "a b": "10.0.0.1" }],
  labels: notPairs,
  containerLabels: notPairs,
  networks: [{}, [{ networkId: "" }], [{ networkId: "n", alias: ["a"] }]],
  mounts: [
    [{ type: "volume", target: "/a", source: "xy", volume: {} }],
    [
      { type: "volume", target: "/a" },
      { type: "tmpfs", target: "/a/" },
    ],
    [{ type: "tmpfs", target: "/a", size: 0 }],
    // What Docker on the node rejects.
    ...["a b", "a", "-ab", "a/b"].map((source) => [{ type: "volume", target: "/a", source }]),
    ...["/", "//", "/a/.."].map((target) => [{ type: "volume", target, source: "ab" }]),
    [{ type: "tmpfs", target: "/" }],
  ],
  secrets: [
    ["password"],
    [
      { id: "i", name: "n", target: "t" },
      { id: "j", name: "m", target: "/run/secrets/t" },
    ],
  ],
  configs: [
    [{ id: "i", name: "n" }],
    [
      { id: "i", name: "n", target: "/t" },
      { id: "j", name: "m", target: "/t" },
    ],
  ],
  cpuLimit: notShare,
  memoryLimit: notMebibytes,
  cpuReservation: notShare,
  memoryReservation: notMebibytes,
  constraints: [
    "node.role==manager",
    ...["node.label.disk==ssd", "node.labels.==a", "node.role", "node.role=manager", "node.role===manager"],
    ...[
      "node.role==boss",
      "node.labels.a==",
      "node.labels.a==b,c",
      "==a",
      "",
      "node.ip==here",
      "role==manager",
    ],
    ...["node.labels.a>b", "node.labels.a b==c"],
  ].map((one, index) => (index === 0 ? one : [one])),
  spreadOver: [["node.label.zone"], ["zone"], ["node.hostname"], [""]],
  maxReplicasPerNode: notCount,
  healthCheck: [
    ...["interval", "timeout", "startPeriod", "startInterval"].map((field) => ({
      test: ["CMD", "a"],
      [field]: "999us",
    })),
    {},
    { test: ["CMD", "a"], intervall: "1s" },
    { test: ["CMD", "a"], retries: -1 },
  ],
  logging: [{}, { driver: "local", opts: {} }],
  registry: [{}, { server: "a.b", user: "x" }],
  ulimits: [{ nofile: 5 }, { nofile: { soft: 1 } }],
  tty: notFlag,
  stdinOpen: notFlag,
  pidsLimit: [0, ...notCount],
  seccomp: ["off", null],
  apparmor: ["off", null],
  noNewPrivileges: notFlag,
};

const vm = {
  driver: ["vmware", null],
  cpus: [0, 65, 1.5, "2", null],
  memory: [511, "1g", 1_048_577, null],
  disk: [3, "10", null],
  subnet: ["192.168.56.0", "192.168.300.0/24", "10.0.0.0/31", "", null, 24],
  ports: [4000, [0], [65536], ["80"], [80, 80], null],
  images: ["a", [""]],
  suite: notText,
  image: notText,
  imageChecksum: notText,
};
const { ports: _p, images: _i, ...stackVm } = vm;

const there = {
  host: ["", "a b", "-o", 5, null],
  sshUser: ["-l", "", null],
  sshPort: notPort,
  identity: ["id", null],
  hostKey: ["ssh-rsa AAAA", null],
  leaveSwarm: notFlag,
  privateAddress: ["10.0.0", "::1", null],
};

const nodes = {
  nodeCount: [0, 51, 1.5, "3", null],
  managers: [0, 2, 4, 9, 1.5, "1", null, 3],
  clusterName: ["My", "a_b", "-a", "", "a".repeat(30), null],
};

const components: Record<string, Component> = {
  SwarmService: component<lib.ServiceArgs>({
    make: (args) => new lib.SwarmService("api", args as lib.ServiceArgs, on),
    good: { image: "redis:7" },
    bad: {
      ...tasks,
      mode: ["daemon", null],
      replicas: notCount,
      ports: [
        ...notPort
          .filter((port) => port !== null)
          .flatMap((port) => [[{ target: port }], [{ target: 80, published: port }]]),
        [{ published: 80 }],
        [{ target: 80, publish: 80 }],
        [{ target: 80, protocol: "icmp" }],
        [{ target: 80, mode: "mesh" }],
        [
          { target: 80, published: 80 },
          { target: 81, published: 80 },
        ],
        [
          { target: 80, published: 80 },
          { target: 81, published: 80, mode: "host" },
        ],
        "80:80",
      ],
      endpointMode: ["lb", null],
      restartPolicy: [{ condition: "always" }, { max: 3 }, "always"],
      updateConfig: [{ order: "first" }, { paralelism: 2 }],
      rollbackConfig: [{ failureAction: "rollback" }],
      convergeTimeout: notDuration,
    },
  }),
  SwarmJob: component<lib.SwarmJobArgs>({
    make: (args) => new lib.SwarmJob("migrate", args as lib.SwarmJobArgs, on),
    good: { image: "redis:7" },
    bad: {
      ...tasks,
      everyNode: notFlag,
      completions: [0, ...notCount],
      concurrency: [0, ...notCount],
      retries: notCount,
      runAgain: notText,
      timeout: notDuration,
    },
  }),
  SwarmSecret: component<lib.SwarmSecretArgs>({
    make: (args) => new lib.SwarmSecret("pw", args as lib.SwarmSecretArgs, on),
    good: { data: "hunter2" },
    bad: { data: [5, "", null], secretName: ["a b", "", "a".repeat(65), 5], labels: notPairs },
  }),
  SwarmConfig: component<lib.SwarmConfigArgs>({
    make: (args) => new lib.SwarmConfig("conf", args as lib.SwarmConfigArgs, on),
    good: { data: "x" },
    bad: { data: [5, "", null], configName: ["a b", "", "a".repeat(65), 5], labels: notPairs },
  }),
  OverlayNetwork: component<lib.OverlayNetworkArgs>({
    make: (args) => new lib.OverlayNetwork("net", args as lib.OverlayNetworkArgs, on),
    good: {},
    bad: {
      networkName: notName,
      attachable: notFlag,
      internal: notFlag,
      encrypted: notFlag,
      driverOptions: notPairs,
      ipv6: notFlag,
      subnets: [[{ subnet: "10.0.0.0" }], [{ subnet: "10.0.0.0/24", gateway: "here" }], ["10.0.0.0/24"]],
      ipamDriver: notText,
      ipamOptions: notPairs,
      labels: notPairs,
    },
  }),
  PinnedImage: component<lib.PinnedImageArgs>({
    make: (args) => new lib.PinnedImage("pin", args as lib.PinnedImageArgs),
    good: { image: "nginx:1.29" },
    bad: { image: notImage, registry: [{}, { server: "docker.io", user: "a" }, "docker.io"] },
  }),
  ServiceImage: component<lib.ServiceImageArgs>({
    make: (args) => new lib.ServiceImage("built", args as lib.ServiceImageArgs, on),
    good: { context: "./app", registry },
    bad: {
      context: notText,
      registry: [undefined, {}, { ...registry, docker: { host: "ssh://a", ssh: [] } }],
      imageName: ["App", "a b", "", null],
      tags: ["a", [], ["a", "a"], ["-a"]],
      dockerfile: notText,
      buildArgs: [...notPairs, { "A=B": "c" }],
      target: notText,
      platform: ["arm64", "", null],
      builder: ["kaniko", null],
    },
  }),
  RegistryService: component<lib.RegistryServiceArgs>({
    make: (args) => new lib.RegistryService("reg", args as lib.RegistryServiceArgs, on),
    good: { manager: machine },
    bad: {
      manager: [undefined, null, "m1", {}],
      serviceName: notName,
      port: notPort,
      dataFolder: ["data", "", null],
      firewalled: notFlag,
    },
  }),
  RedisService: component<lib.RedisServiceArgs>({
    make: (args) => new lib.RedisService("redis", args as lib.RedisServiceArgs, on),
    good: { networkId: "n", connection: { host: "10.0.0.1" } },
    bad: {
      networkId: [undefined, ...notText],
      connection: [undefined, null, "10.0.0.1"],
      node: notText,
      serviceName: notName,
      image: notImage,
      port: notPort,
      dataFolder: ["data", "", null],
      password: [5, "", "a\nb", null],
    },
  }),
  VisualizerService: component<lib.VisualizerServiceArgs>({
    make: (args) => new lib.VisualizerService("vis", args as lib.VisualizerServiceArgs, on),
    good: { networkId: "n" },
    bad: {
      networkId: [undefined, ...notText],
      serviceName: notName,
      image: notImage,
      port: notPort,
      hosts: notTexts,
    },
  }),
  WebService: component<lib.WebServiceArgs>({
    make: (args) => new lib.WebService("web", args as lib.WebServiceArgs, on),
    good: { networkId: "n" },
    bad: {
      networkId: [undefined, ...notText],
      serviceName: notName,
      image: notImage,
      port: notPort,
      replicas: notCount,
      cpuLimit: notShare,
      memoryLimit: notMebibytes,
      redisPassword: ["hunter2", { id: "i" }, null],
    },
  }),
  Machine: component<lib.MachineArgs>({
    make: (args) => new lib.Machine("m1", args as lib.MachineArgs),
    good: {},
    bad: {
      machineName: ["My", "a.b", "", "a".repeat(31), null],
      clusterName: ["My", "a.b", "", "a".repeat(31), null],
      ...vm,
      ...there,
      adopt: notFlag,
      status: [],
    },
  }),
  SwarmCluster: component<lib.SwarmClusterArgs>({
    make: (args) => new lib.SwarmCluster("my", args as lib.SwarmClusterArgs),
    good: {},
    bad: {
      ...nodes,
      nodeLabels: [{ my3: {} }, { my1: { "a=b": "c" } }, { my1: { a: 1 } }, [], null],
      availability: [{ my9: "drain" }, { my1: "off" }, null],
      swarm: [
        { subnetSize: 30 },
        { autoLock: true },
        { rotateTokens: "yes" },
        { taskHistoryLimit: -1 },
        null,
      ],
      ...vm,
      subnet: [...vm.subnet, "192.168.56.0/29"],
      hosts: [
        [],
        "10.0.0.5",
        [{}],
        [{ host: "a", user: "b" }],
        [{ host: "a" }, { host: "A", sshPort: 22 }],
        ...Object.entries(there).flatMap(([field, values]) =>
          values.map((value) => [{ host: "a", [field]: value }]),
        ),
        [{ host: "a", dataPathAddress: "eth1" }],
      ],
    },
  }),
  SwarmMember: component<lib.SwarmMemberArgs>({
    make: (args) => new lib.SwarmMember("extra", args as lib.SwarmMemberArgs),
    good: { machine, manager: "10.0.0.5", token, host: "ssh://root@10.0.0.5" },
    bad: {
      machine: [undefined, null, "m1"],
      manager: ["a b", "", null],
      token: [5, null],
      host: ["10.0.0.5", null],
      availability: ["off", null],
      labels: [...notPairs, { "a=b": "c" }],
    },
  }),
  NodeImage: component<lib.NodeImageArgs>({
    make: (args) => new lib.NodeImage("image", args as lib.NodeImageArgs),
    good: {},
    bad: { suite: notText, image: notText, imageChecksum: notText },
  }),
  GetStartedStack: component<lib.GetStartedStackArgs>({
    make: (args) => new lib.GetStartedStack("stack", args as lib.GetStartedStackArgs),
    good: {},
    bad: {
      ...nodes,
      ...stackVm,
      replicas: notCount,
      webPort: notPort,
      visualizerPort: [...notPort, 4000],
      redisPort: [...notPort, 4000, 8080],
      webImage: notImage,
      visualizerImage: notImage,
      redisImage: notImage,
      redisPassword: [5, "", "a\nb", null],
    },
  }),
  ComposeStack: component<lib.ComposeStackArgs>({
    make: (args) => new lib.ComposeStack("shop", args as lib.ComposeStackArgs, on),
    good: { yaml: "services:\n  a:\n    image: redis:7\n" },
    bad: {
      file: notText,
      files: ["a.yml", [1], [""]],
      yaml: [5, null],
      folder: notText,
      stackName: notText,
      profiles: ["a", [1]],
      variables: notPairs,
      externalNetworks: [...notPairs, { a: "" }],
      externalSecrets: [...notPairs, { a: "" }],
      externalConfigs: [...notPairs, { a: "" }],
      jobTimeout: notDuration,
    },
  }),
};

const cases = Object.entries(components).flatMap(([component, { bad, good }]) =>
  Object.entries(bad).flatMap(([argument, values]) =>
    values.map((value) => [component, argument, value, { ...good, [argument]: value }] as const),
  ),
);

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(pulumi.RunError);
    return (error as Error).message;
  }
  throw new Error("was accepted");
}

it.each(cases)("%s: %s: %j is refused", (component, argument, _, args) => {
  const lines = refusal(() => components[component]?.make(args)).split("\n");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(new RegExp(`^\\S+ "[a-z0-9]+": ${argument}(\\.|:)`));
});

it.each(Object.entries(components))("%s: has a case for each of its arguments", (_, { make, good, bad }) => {
  // All known names are what is told of one that is far from all of them, or near to itself.
  for (const name of Object.keys(bad)) {
    const message = refusal(() => make({ ...good, [`${name}X`]: 1 }));
    expect(message).toMatch(new RegExp(`: ${name}X is not one of its arguments; did you mean \\w+\\?$`));
  }
});

it.each(Object.entries(components))(
  "%s: refuses arguments that there are not, all of them once",
  (_, { make, good }) => {
    const lines = refusal(() => make({ ...good, zzzzzz: 1, qqqqqq: undefined, placementt: { a: 1 } })).split(
      "\n",
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("zzzzzz is not one of its arguments");
    expect(lines[0]).toContain("placementt is not one of its arguments");
    expect(lines[0]).not.toContain("qqqqqq");
  },
);

it.each(Object.entries(components))(
  "%s: refuses no arguments at all where some are needed",
  (_, { make, good }) => {
    expect(refusal(() => make(5 as unknown as object))).toContain("arguments: must be an object, not 5");
    for (const name of Object.keys(good)) {
      if (["yaml", "host"].includes(name)) continue;
      expect(refusal(() => make({ ...good, [name]: undefined }))).toContain(`: ${name}: must be`);
    }
  },
);

it("tells each of several mistakes once, with what was probably meant", () => {
  const args = {
    image: "redis:7",
    replicas: -1,
    placement: { constraints: ["node.role==manager"] },
    ports: [{ target: 0, publish: 80 }],
    enviroment: {},
    memoryLimt: 5,
  };
  expect(refusal(() => components.SwarmService?.make(args)).split("\n")).toEqual([
    'service "api": replicas: -1 must not be negative',
    'service "api": ports.0.target: 0 must be 1 to 65535',
    'service "api": ports.0: publish is not one of its fields; did you mean published?',
    'service "api": placement is not one of its arguments; constraints is one itself: write it without placement; enviroment is not one of its arguments; memoryLimt is not one of its arguments; did you mean memoryLimit?',
  ]);
});

it("never shows a password, a token or a secret", () => {
  const wrong = { image: "redis:7", registry: { server: "a.b", password: { hush: 1 } } };
  expect(refusal(() => components.SwarmService?.make(wrong))).toMatch(
    /registry\.password: must be a string, not this$/,
  );
  expect(refusal(() => components.SwarmMember?.make({ machine, manager: "a", token: 4711 }))).not.toContain(
    "4711",
  );
  expect(refusal(() => components.SwarmSecret?.make({ data: 4711 }))).not.toContain("4711");
});

it("takes outputs for every argument that may be one, and for what is in it", async () => {
  const out = pulumi.output;
  const service = new lib.SwarmService(
    "later",
    {
      image: out("redis:7"),
      serviceName: out("later"),
      env: { A: out("1") },
      replicas: out(2),
      ports: [{ target: out(80), published: Promise.resolve(8081) }],
      mounts: [{ type: out("volume"), target: out("/a") }],
      constraints: [out("node.role==manager")],
      healthCheck: out({ test: ["CMD", "true"] }),
      networks: [out({ networkId: "n" })],
      labels: out({ a: "b" }),
    },
    on,
  );
  expect(await known(service.serviceName)).toBe("later");
});
