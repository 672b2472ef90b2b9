import * as pulumi from "@pulumi/pulumi";
import { serviceImageRefs } from "../images/refs";
import type { SwarmNode } from "./cluster/args";
import { clusterArguments, clusterRules } from "./cluster/argumentSchemas";
import { Component } from "./component";
import { virtualMachine } from "./machineArguments";
import { OverlayNetwork } from "./overlayNetwork";
import { redisUrl } from "./redis/configuration";
import { RedisService } from "./redisService";
import { type ArgumentSchemas, checkArguments, type Rule } from "./service/arguments";
import { count, port, secretText } from "./service/checks";
import { imageName } from "./service/schemas";
import { SwarmCluster } from "./swarmCluster";
import { VisualizerService } from "./visualizerService";
import { WebService } from "./webService";

export interface GetStartedStackArgs {
  /** Start of the machines' host names. Default `myvm`: `myvm1` is the manager, `myvm2` a worker. */
  clusterName?: pulumi.Input<string>;
  /** Number of machines, 1 to 50. Default 2. */
  nodeCount?: number;
  /** How many of them manage the swarm: 1, 3, 5 or 7. Default 1. */
  managers?: number;
  /** What makes the machines: `qemu` or `virtualbox`. Default `qemu`. */
  driver?: pulumi.Input<string>;
  /** Virtual CPUs of each machine. Default 1. */
  cpus?: pulumi.Input<number>;
  /** Memory of each machine in MiB. Default 1024. */
  memory?: pulumi.Input<number>;
  /** Disk of each machine in GiB. Default 10. */
  disk?: pulumi.Input<number>;
  /** Private network of the cluster. Default `192.168.56.0/24`. */
  subnet?: pulumi.Input<string>;
  /** Debian suite of the node image. Default `trixie`. */
  suite?: pulumi.Input<string>;
  /** Name of a pulled image to clone instead of the node image; see `Machine`. Default none. */
  image?: pulumi.Input<string>;
  /** Tasks of the web service. Default 5. */
  replicas?: pulumi.Input<number>;
  /** Port of the web service. Default 4000. */
  webPort?: pulumi.Input<number>;
  /** Port of the visualizer. Default 8080. */
  visualizerPort?: pulumi.Input<number>;
  /** Port of Redis. Default 6379. */
  redisPort?: pulumi.Input<number>;
  /** What clients of Redis log in with. Default: a random one, made by the first `up`. */
  redisPassword?: pulumi.Input<string>;
  /** Image of the web service. Default: the one the nodes carry. */
  webImage?: pulumi.Input<string>;
  /** Image of the visualizer. Default: the one the nodes carry. */
  visualizerImage?: pulumi.Input<string>;
  /** Image of Redis. Default: the one the nodes carry. */
  redisImage?: pulumi.Input<string>;
}

const { ports: _own, images: _carried, ...machines } = virtualMachine;

const argumentSchemas: ArgumentSchemas<GetStartedStackArgs> = {
  ...machines,
  clusterName: clusterArguments.clusterName,
  nodeCount: clusterArguments.nodeCount,
  managers: clusterArguments.managers,
  replicas: count.optional(),
  webPort: port.optional(),
  visualizerPort: port.optional(),
  redisPort: port.optional(),
  redisPassword: secretText.optional(),
  webImage: imageName.optional(),
  visualizerImage: imageName.optional(),
  redisImage: imageName.optional(),
};

/** Three that differ, also from those that are not said. */
const portsDiffer: Rule = ({ webPort = 4000, visualizerPort = 8080, redisPort = 6379 }) => {
  if (visualizerPort === webPort) return ["visualizerPort", `${visualizerPort} is that of the web service`];
  if (redisPort === webPort) return ["redisPort", `${redisPort} is that of the web service`];
  return redisPort === visualizerPort ? ["redisPort", `${redisPort} is that of the visualizer`] : undefined;
};

/** Where the stack answers. */
export interface StackUrls {
  /** One for each node: the routing mesh serves all tasks at each of them. */
  readonly web: pulumi.Output<string[]>;
  readonly visualizer: pulumi.Output<string>;
  /** A secret, as it holds the password. */
  readonly redis: pulumi.Output<string>;
}

/** The stack of Docker's get-started guide on a cluster of its own: web, visualizer and redis on one overlay network. */
export class GetStartedStack extends Component {
  readonly cluster: SwarmCluster;
  readonly nodes: pulumi.Output<SwarmNode[]>;
  readonly urls: StackUrls;
  /** Command that logs in to each node, by name. */
  readonly ssh: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: GetStartedStackArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:GetStartedStack", name, opts);
    checkArguments(`GetStartedStack "${name}"`, args, argumentSchemas, [
      ...clusterRules("myvm", args),
      portsDiffer,
    ]);
    const {
      replicas,
      webPort,
      visualizerPort,
      redisPort,
      redisPassword,
      webImage,
      visualizerImage,
      redisImage,
      ...machines
    } = args;
    const ports = { web: webPort ?? 4000, visualizer: visualizerPort ?? 8080, redis: redisPort ?? 6379 };
    this.cluster = new SwarmCluster(
      `${name}-cluster`,
      {
        ...machines,
        clusterName: args.clusterName ?? "myvm",
        ports: Object.values(ports),
        images: Object.values(serviceImageRefs()),
      },
      { parent: this },
    );
    const { manager } = this.cluster;
    const onSwarm = { ...this.cluster.onSwarm, parent: this };

    // The network needs the manager alone: it is made while the others join.
    const network = new OverlayNetwork(
      `${name}-webnet`,
      { networkName: "webnet" },
      { ...onSwarm, dependsOn: [] },
    );
    const networkId = network.networkId;
    const redis = new RedisService(
      `${name}-redis`,
      {
        networkId,
        connection: manager.connection,
        node: manager.machineName,
        image: redisImage,
        port: ports.redis,
        password: redisPassword,
      },
      onSwarm,
    );
    const web = new WebService(
      `${name}-web`,
      { networkId, image: webImage, replicas, port: ports.web, redisPassword: redis.passwordSecret },
      onSwarm,
    );
    const visualizer = new VisualizerService(
      `${name}-visualizer`,
      { networkId, image: visualizerImage, port: ports.visualizer },
      onSwarm,
    );

    this.nodes = this.cluster.nodes;
    const first = this.nodes.apply(([node]) => node?.address);
    this.urls = {
      web: pulumi
        .all([this.nodes, web.port])
        .apply(([nodes, at]) => nodes.map(({ address }) => `http://${address}:${at}/`)),
      visualizer: pulumi.interpolate`http://${first}:${visualizer.port}/`,
      redis: pulumi
        .all([redis.password, first, redis.port])
        .apply(([password, address, at]) => redisUrl(password, `${address}:${at}`)),
    };
    this.ssh = this.cluster.ssh;
    this.registerOutputs({ nodes: this.nodes, urls: this.urls, ssh: this.ssh });
  }
}
