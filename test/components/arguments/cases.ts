import { join } from "node:path";
import type {
  ComposeStackArgs,
  ImageRegistry,
  NetworkSubnet,
  OverlayNetworkArgs,
  PinnedImageArgs,
  RedisServiceArgs,
  ServiceImageArgs,
  SwarmConfigArgs,
  SwarmJobArgs,
  SwarmSecretArgs,
  TaskArgs,
  VisualizerServiceArgs,
  WebServiceArgs,
} from "../../../index";

/** One for every argument, which is in it: the compiler says where one lacks. */
type Cases<Args> = { readonly [Name in keyof Args]-?: Partial<Args> & Required<Pick<Args, Name>> };

const files = join(__dirname, "files");
const labels = { a: "b", empty: "" };
const subnet: Required<NetworkSubnet> = {
  subnet: "10.88.0.0/24",
  gateway: "10.88.0.9",
  ipRange: "10.88.0.128/25",
};

export const networks: Cases<OverlayNetworkArgs> = {
  networkName: { networkName: "called" },
  attachable: { attachable: true },
  internal: { internal: true },
  encrypted: { encrypted: true },
  driverOptions: { driverOptions: { "com.docker.network.driver.mtu": "1400" }, encrypted: true },
  ipv6: { ipv6: true, subnets: [{ subnet: "10.89.0.0/24" }, { subnet: "fd00:89::/64" }] },
  subnets: { subnets: [subnet] },
  ipamDriver: { ipamDriver: "default" },
  ipamOptions: { ipamOptions: { a: "b" } },
  labels: { labels },
};

export const secrets: Cases<SwarmSecretArgs> = {
  data: { data: "hunter2\n" },
  secretName: { data: "1", secretName: "called" },
  labels: { data: "é", labels },
};

export const configs: Cases<SwarmConfigArgs> = {
  data: { data: "hello\n" },
  configName: { data: "1", configName: "called" },
  labels: { data: "é", labels },
};

/** What jobs have besides what their tasks are. */
export const jobs: Cases<Omit<SwarmJobArgs, keyof TaskArgs>> = {
  everyNode: { everyNode: true },
  completions: { completions: 2 },
  concurrency: { completions: 2, concurrency: 1 },
  retries: { retries: 1 },
  runAgain: { runAgain: "1" },
  timeout: { timeout: "90s" },
};

/** @param bySsh how this host reaches the registry */
export const images = (
  registry: Required<ImageRegistry>,
  bySsh: Required<ImageRegistry>["docker"],
): Cases<ServiceImageArgs> => ({
  context: { context: files },
  registry: { registry },
  imageName: { imageName: "you/app" },
  tags: { tags: ["one", "two"] },
  dockerfile: { dockerfile: "Other.dockerfile" },
  buildArgs: { buildArgs: { GREETING: "two words" } },
  target: { target: "base" },
  platform: { platform: `linux/${process.arch === "x64" ? "amd64" : process.arch}` },
  builder: {
    ...{ builder: "buildah", registry: { ...registry, docker: bySsh } },
    ...{ dockerfile: "Scratch.dockerfile", target: "base", platform: "linux/arm64", tags: ["one", "two"] },
    buildArgs: { GREETING: "two words" },
  },
});

export const pinned = (
  image: PinnedImageArgs["image"],
  registry: Required<ImageRegistry>,
): Cases<PinnedImageArgs> => ({ image: { image, registry }, registry: { image, registry } });

type NetworkId = WebServiceArgs["networkId"];

export const webs = (
  networkId: NetworkId,
  redisPassword: Required<WebServiceArgs>["redisPassword"],
): Cases<WebServiceArgs> => ({
  networkId: { networkId },
  serviceName: { serviceName: "called" },
  image: { image: "test:1" },
  replicas: { image: "test:1", replicas: 1 },
  port: { port: 4100 },
  cpuLimit: { cpuLimit: 0.25 },
  memoryLimit: { memoryLimit: 64.5 },
  redisPassword: { redisPassword },
});

export const visualizers = (networkId: NetworkId): Cases<VisualizerServiceArgs> => ({
  networkId: { networkId },
  serviceName: { serviceName: "drawn" },
  image: { image: "test:1" },
  port: { port: 4101 },
  hosts: { hosts: ["swarm.example.org", "lab.example"] },
});

export const redises = (
  networkId: NetworkId,
  connection: RedisServiceArgs["connection"],
  dataFolder: string,
): Cases<RedisServiceArgs> => ({
  networkId: { networkId },
  connection: { connection },
  node: { node: "m1" },
  serviceName: { serviceName: "kept" },
  image: { image: "test:1" },
  port: { port: 4102 },
  dataFolder: { dataFolder },
  password: { password: "s3cret" },
});

const file = join(files, "compose.yml");
const web = "image: test:1, deploy: { replicas: 0 }";

/** @param ids of a network, a secret and a config that are called `theirs` */
export const composeStacks = (
  ids: Record<"network" | "secret" | "config", NonNullable<ComposeStackArgs["externalNetworks"]>>,
): Cases<ComposeStackArgs> => ({
  file: { file },
  files: { files: [file, join(files, "over.yml")] },
  yaml: { yaml: `services: { web: { ${web} } }` },
  folder: {
    yaml: `services: { web: { ${web}, configs: [c] } }\nconfigs: { c: { file: over.yml } }`,
    folder: files,
  },
  stackName: { file, stackName: "called" },
  profiles: { yaml: `services: { web: { ${web}, profiles: [some] } }`, profiles: ["some"] },
  variables: { file, variables: { IMAGE: "test:1" } },
  externalNetworks: {
    yaml: `services: { web: { ${web}, networks: [theirs] } }\nnetworks: { theirs: { external: true, name: theirs } }`,
    externalNetworks: ids.network,
  },
  externalSecrets: {
    yaml: `services: { web: { ${web}, secrets: [theirs] } }\nsecrets: { theirs: { external: true, name: theirs } }`,
    externalSecrets: ids.secret,
  },
  externalConfigs: {
    yaml: `services: { web: { ${web}, configs: [theirs] } }\nconfigs: { theirs: { external: true, name: theirs } }`,
    externalConfigs: ids.config,
  },
  jobTimeout: {
    yaml: "services: { once: { image: test:1, command: 'true', deploy: { mode: replicated-job } } }",
    jobTimeout: "10m",
  },
});
