import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { serviceImageRefs } from "../images/refs";
import { convergeConfig, ingress, inherited } from "./serviceDefaults";

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
}

/** The visitor counter of Docker's get-started guide: answers with its container's name and a count kept in Redis. */
export class WebService extends pulumi.ComponentResource {
  readonly serviceId: pulumi.Output<string>;
  /** Port on every node's address. */
  readonly port: pulumi.Output<number>;

  constructor(name: string, args: WebServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:WebService", name, {}, opts);
    this.port = pulumi.output(args.port ?? 4000);
    const service = new docker.Service(
      `${name}-service`,
      {
        name: args.serviceName ?? "web",
        taskSpec: {
          containerSpec: { image: args.image ?? serviceImageRefs().web },
          networksAdvanceds: [{ id: args.networkId }],
          resources: {
            limits: {
              nanoCpus: pulumi.output(args.cpuLimit ?? 0.1).apply((share) => Math.round(share * 1e9)),
              memoryBytes: pulumi
                .output(args.memoryLimit ?? 50)
                .apply((megabytes) => Math.round(megabytes * 2 ** 20)),
            },
          },
          // With all of these: what the swarm fills in by itself would be a difference at every `up`.
          restartPolicy: { condition: "on-failure", delay: "5s", window: "0s" },
        },
        mode: { replicated: { replicas: args.replicas ?? 5 } },
        endpointSpec: ingress(this.port, 80),
        convergeConfig,
      },
      { ...inherited(opts), parent: this, deleteBeforeReplace: true },
    );
    this.serviceId = service.id;
    this.registerOutputs({ serviceId: this.serviceId, port: this.port });
  }
}
