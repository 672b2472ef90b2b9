import * as pulumi from "@pulumi/pulumi";
import { serviceImageRefs } from "../images/refs";
import { Component } from "./component";
import type { PasswordSecret } from "./redisService";
import { type ArgumentSchemas, checkArguments } from "./service/arguments";
import { count, mebibytes, port, share, strict, text } from "./service/checks";
import { serviceResource } from "./service/resource";
import { imageName, swarmName } from "./service/schemas";

export interface WebServiceArgs {
  /** Overlay network on which the service finds `redis` (`OverlayNetwork.networkId`). */
  networkId: pulumi.Input<string>;
  /** Name in the swarm. Default `web`. Changing it replaces the service. */
  serviceName?: pulumi.Input<string>;
  /** Image reference. Default: the visitor counter that the nodes carry. Changing it rolls the service. */
  image?: pulumi.Input<string>;
  /** Number of tasks. Default 5. Changed in place. */
  replicas?: pulumi.Input<number>;
  /** Port on every node's address. Default 4000. */
  port?: pulumi.Input<number>;
  /** Share of a CPU each task may use. Default 0.1. */
  cpuLimit?: pulumi.Input<number>;
  /** Memory each task may use, in MB (1,000,000 bytes are not meant: 1 MB is 1,048,576 bytes, as `docker` has it). Default 50. */
  memoryLimit?: pulumi.Input<number>;
  /** What to log in to Redis with: `passwordSecret` of `RedisService`. Default: no password. Changing it rolls the service. */
  redisPassword?: PasswordSecret;
}

const argumentSchemas: ArgumentSchemas<WebServiceArgs> = {
  networkId: text,
  serviceName: swarmName.optional(),
  image: imageName.optional(),
  replicas: count.optional(),
  port: port.optional(),
  cpuLimit: share.optional(),
  memoryLimit: mebibytes.optional(),
  redisPassword: strict({ id: text, name: text }).optional(),
};

/** With the image's health check no request is lost while tasks are replaced or scaled: docs/swarm.md. */
const withoutLostRequests = {
  updateConfig: { order: "start-first" },
  rollbackConfig: { order: "start-first" },
  // The server goes on for up to 8 s after it is told to end (images/python/server.py).
  stopGracePeriod: "15s",
};

/** The visitor counter of Docker's get-started guide: answers with its container's name and a count kept in Redis. */
export class WebService extends Component {
  readonly serviceId: pulumi.Output<string>;
  /** Port on every node's address. */
  readonly port: pulumi.Output<number>;

  constructor(name: string, args: WebServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:WebService", name, opts);
    checkArguments(`WebService "${name}"`, args, argumentSchemas);
    this.port = pulumi.output(args.port ?? 4000);
    const service = serviceResource(
      this,
      name,
      {
        serviceName: args.serviceName ?? "web",
        image: args.image ?? serviceImageRefs().web,
        networks: [{ networkId: args.networkId }],
        ...(args.redisPassword && { secrets: [{ ...args.redisPassword, target: "redis_password" }] }),
        cpuLimit: args.cpuLimit ?? 0.1,
        memoryLimit: args.memoryLimit ?? 50,
        replicas: args.replicas ?? 5,
        ...withoutLostRequests,
        ports: [{ target: 80, published: args.port ?? 4000 }],
      },
      opts,
    );
    this.serviceId = service.id;
    this.registerOutputs({ serviceId: this.serviceId, port: this.port });
  }
}
