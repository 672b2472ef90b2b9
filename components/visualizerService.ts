import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { serviceImageRefs } from "../images/refs";
import { Component } from "./component";
import { type ArgumentSchemas, checkArguments } from "./service/arguments";
import { Checker, port, text } from "./service/checks";
import { serviceResource } from "./service/resource";
import { imageName, swarmName } from "./service/schemas";
import { onManager } from "./serviceDefaults";

const hostNames = z
  .array(z.string().regex(/^[A-Za-z0-9.-]+$/, "must be a host name"))
  .transform((names) => names.join(" "));

const dockerSocket = "/var/run/docker.sock";

export interface VisualizerServiceArgs {
  /** Overlay network of the stack (`OverlayNetwork.networkId`). */
  networkId: pulumi.Input<string>;
  /** Name in the swarm. Default `visualizer`. Changing it replaces the service. */
  serviceName?: pulumi.Input<string>;
  /** Image reference. Default: the visualizer that the nodes carry. Changing it rolls the service. */
  image?: pulumi.Input<string>;
  /** Port on every node's address. Default 8080. */
  port?: pulumi.Input<number>;
  /**
   * Names with a dot by which browsers may ask for the page, such as `swarm.example.org`; others are refused, so that no other site can read it.
   * Addresses and names without a dot are always allowed. Default: none. Changing it rolls the service.
   */
  hosts?: pulumi.Input<pulumi.Input<string>[]>;
}

const argumentSchemas: ArgumentSchemas<VisualizerServiceArgs> = {
  networkId: text,
  serviceName: swarmName.optional(),
  image: imageName.optional(),
  port: port.optional(),
  hosts: hostNames.optional(),
};

/** A page that draws the swarm's nodes and tasks live. It runs on a manager and reads its Docker socket. */
export class VisualizerService extends Component {
  readonly serviceId: pulumi.Output<string>;
  /** Port on every node's address. */
  readonly port: pulumi.Output<number>;

  constructor(name: string, args: VisualizerServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:VisualizerService", name, opts);
    checkArguments(`VisualizerService "${name}"`, args, argumentSchemas);
    this.port = pulumi.output(args.port ?? 8080);
    const service = serviceResource(
      this,
      name,
      {
        serviceName: args.serviceName ?? "visualizer",
        image: args.image ?? serviceImageRefs().visualizer,
        networks: [{ networkId: args.networkId }],
        ...(args.hosts && {
          env: {
            ALLOWED_HOSTS: new Checker(`VisualizerService "${name}"`).field("hosts", hostNames, args.hosts),
          },
        }),
        mounts: [{ type: "bind", source: dockerSocket, target: dockerSocket, readOnly: true }],
        constraints: onManager,
        ports: [{ target: 8080, published: args.port ?? 8080 }],
      },
      opts,
    );
    this.serviceId = service.id;
    this.registerOutputs({ serviceId: this.serviceId, port: this.port });
  }
}
