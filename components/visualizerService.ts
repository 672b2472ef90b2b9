import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { serviceImageRefs } from "../images/refs";
import { convergeConfig, ingress, inherited, onManager } from "./serviceDefaults";

export interface VisualizerServiceArgs {
  /** Overlay network of the stack (`OverlayNetwork.networkId`). */
  networkId: pulumi.Input<string>;
  /** Name in the swarm. Default `visualizer`. Changing it replaces the service. */
  serviceName?: pulumi.Input<string>;
  /** Image reference. Default: the visualizer that the nodes carry. Changing it rolls the service. */
  image?: pulumi.Input<string>;
  /** Port on every node's address. Default 8080. */
  port?: pulumi.Input<number>;
}

/** A page that draws the swarm's nodes and tasks live. It runs on a manager and reads its Docker socket. */
export class VisualizerService extends pulumi.ComponentResource {
  readonly serviceId: pulumi.Output<string>;
  /** Port on every node's address. */
  readonly port: pulumi.Output<number>;

  constructor(name: string, args: VisualizerServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:VisualizerService", name, {}, opts);
    this.port = pulumi.output(args.port ?? 8080);
    const service = new docker.Service(
      `${name}-service`,
      {
        name: args.serviceName ?? "visualizer",
        taskSpec: {
          containerSpec: {
            image: args.image ?? serviceImageRefs().visualizer,
            mounts: [
              {
                type: "bind",
                source: "/var/run/docker.sock",
                target: "/var/run/docker.sock",
                readOnly: true,
              },
            ],
          },
          networksAdvanceds: [{ id: args.networkId }],
          placement: onManager,
        },
        mode: { replicated: { replicas: 1 } },
        endpointSpec: ingress(this.port, 8080),
        convergeConfig,
      },
      { ...inherited(opts), parent: this, deleteBeforeReplace: true },
    );
    this.serviceId = service.id;
    this.registerOutputs({ serviceId: this.serviceId, port: this.port });
  }
}
