/** A Pulumi program: a component for every case of `cases.ts`, on the swarm at `DOCKER`. */
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import {
  ComposeStack,
  type ImageDocker,
  OverlayNetwork,
  PinnedImage,
  RedisService,
  ServiceImage,
  SwarmConfig,
  SwarmJob,
  SwarmSecret,
  SwarmService,
  VisualizerService,
  WebService,
} from "../../../index";
import * as cases from "./cases";
import { taskCase } from "./taskCase";

const {
  DOCKER: host = "",
  CONTEXT: context = "",
  DATA_FOLDER: dataFolder = "",
  SSH = "{}",
  WAY = "{}",
} = process.env;
const on = { provider: new docker.Provider("swarm", { host }) };
/** Without tasks: their images, the daemon's socket and the folder are things that a machine has. */
const withoutTasks = {
  ...on,
  transformations: [
    ({ type, props, opts }: pulumi.ResourceTransformationArgs) =>
      type === "docker:index/service:Service"
        ? { props: { ...props, mode: { replicated: { replicas: 0 } } }, opts }
        : undefined,
  ],
};
const entries = <Case extends object>(all: Record<string, Case>): [string, Case][] => Object.entries(all);
let port = 4000;

const { networkId } = new OverlayNetwork("net", {}, on);
for (const [name, args] of entries(cases.networks)) new OverlayNetwork(`net-${name}`, args, on);
for (const [name, args] of entries(cases.secrets))
  new SwarmSecret(`secret-${name}`, { data: "x", ...args }, on);
for (const [name, args] of entries(cases.configs))
  new SwarmConfig(`config-${name}`, { data: "x", ...args }, on);

const run = { image: "test:1", entrypoint: ["true"] };
for (const [name, args] of entries(cases.jobs)) new SwarmJob(`job-${name}`, { ...run, ...args }, on);
const secret = new SwarmSecret("password", { data: "hunter2" }, on);
const config = new SwarmConfig("site", { data: "hello\n" }, on);
new SwarmJob("job-tasks", { ...taskCase({ networkId, secret, config }), ...run, command: [] }, on);

const registry = {
  server: "127.0.0.1:5000",
  username: "ada",
  password: pulumi.secret("sesame"),
  docker: { host },
  contentsId: "1",
};
for (const [name, args] of entries(cases.images(registry, JSON.parse(WAY) as ImageDocker)))
  new ServiceImage(`image-${name}`, { context, registry, imageName: name.toLowerCase(), ...args }, on);
const app = new ServiceImage("app", { context, registry }, on);
const tagged = app.publishedRef.apply(() => "127.0.0.1:5000/app:latest");
for (const [name, args] of entries(cases.pinned(tagged, registry))) {
  const { imageRef } = new PinnedImage(`pinned-${name}`, { image: tagged, ...args });
  new SwarmService(`pinned-${name}`, { image: imageRef, replicas: 0 }, on);
}

for (const [name, args] of entries(cases.webs(networkId, { id: secret.secretId, name: secret.secretName })))
  new WebService(
    `web-${name}`,
    { networkId, serviceName: `web-${name}`, replicas: 0, port: port++, ...args },
    on,
  );
for (const [name, args] of entries(cases.visualizers(networkId)))
  new VisualizerService(
    `visualizer-${name}`,
    { networkId, serviceName: `visualizer-${name}`, port: port++, ...args },
    withoutTasks,
  );
const connection = JSON.parse(SSH) as { host: string };
for (const [name, args] of entries(cases.redises(networkId, connection, dataFolder)))
  new RedisService(
    `redis-${name}`,
    { networkId, connection, serviceName: `redis-${name}`, port: port++, dataFolder, ...args },
    withoutTasks,
  );

const theirs = { name: "theirs", data: Buffer.from("theirs").toString("base64") };
const external = {
  network: new docker.Network("theirs", { name: "theirs", driver: "overlay" }, on),
  secret: new docker.Secret("theirs", theirs, on),
  config: new docker.ServiceConfig("theirs", theirs, on),
};
const ids = {
  network: { theirs: external.network.id },
  secret: { theirs: external.secret.id },
  config: { theirs: external.config.id },
};
for (const [name, args] of entries(cases.composeStacks(ids))) new ComposeStack(`stack-${name}`, args, on);
