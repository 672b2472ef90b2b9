import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { serviceImageRefs } from "../images/refs";
import { type ArgumentSchemas, checkArguments } from "./service/arguments";
import { port, text } from "./service/checks";
import { serviceResource } from "./service/resource";
import { folderPath, imageName, swarmName } from "./service/schemas";
import { inherited, onManager } from "./serviceDefaults";
import { makeFolderScript } from "./swarmScripts";

export interface RedisServiceArgs {
  /** Overlay network on which other services find it by its name (`OverlayNetwork.networkId`). */
  networkId: pulumi.Input<string>;
  /** SSH connection to the manager, where the data folder is made (`Machine.connection`). */
  connection: pulumi.Input<command.types.input.remote.ConnectionArgs>;
  /**
   * Host name of that manager (`Machine.machineName`): where there are several, the service must not go to one without the folder.
   * Default: any manager.
   */
  node?: pulumi.Input<string>;
  /** Name in the swarm, and so the host name for other services. Default `redis`. Changing it replaces the service. */
  serviceName?: pulumi.Input<string>;
  /** Image reference. Default: the Redis that the nodes carry. Changing it rolls the service. */
  image?: pulumi.Input<string>;
  /** Port on every node's address. Default 6379. */
  port?: pulumi.Input<number>;
  /** Folder on the manager that keeps the data over redeploys and restarts. Default `/var/lib/vmcluster/redis`. */
  dataFolder?: pulumi.Input<string>;
}

const argumentSchemas: ArgumentSchemas<RedisServiceArgs> = {
  networkId: text,
  connection: z
    .unknown()
    .refine(
      (value) => typeof value === "object" && value !== null,
      "must be a connection, such as manager.connection",
    ),
  node: text.optional(),
  serviceName: swarmName.optional(),
  image: imageName.optional(),
  port: port.optional(),
  dataFolder: folderPath.optional(),
};

/** Redis, append-only, on the manager; its data stays in a folder there until the machine is removed. */
export class RedisService extends pulumi.ComponentResource {
  readonly serviceId: pulumi.Output<string>;
  /** Port on every node's address. */
  readonly port: pulumi.Output<number>;

  constructor(name: string, args: RedisServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:RedisService", name, {}, opts);
    checkArguments(`RedisService "${name}"`, args, argumentSchemas);
    this.port = pulumi.output(args.port ?? 6379);
    const dataFolder = pulumi.output(args.dataFolder ?? "/var/lib/vmcluster/redis");
    // A machine that was made anew has no folder, and another host key.
    const machine = pulumi.unsecret(
      pulumi.output(args.connection).apply(({ host, hostKey }) => hostKey ?? host),
    );
    const folder = new command.remote.Command(
      `${name}-folder`,
      {
        connection: args.connection,
        create: makeFolderScript,
        stdin: dataFolder,
        triggers: [dataFolder, machine],
      },
      { ...inherited(opts), parent: this, deleteBeforeReplace: true },
    );
    const service = serviceResource(
      this,
      name,
      {
        serviceName: args.serviceName ?? "redis",
        image: args.image ?? serviceImageRefs().redis,
        networks: [{ networkId: args.networkId }],
        mounts: [{ type: "bind", source: dataFolder, target: "/data" }],
        constraints:
          args.node === undefined
            ? onManager
            : [...onManager, pulumi.interpolate`node.hostname==${args.node}`],
        ports: [{ target: 6379, published: this.port }],
      },
      opts,
      { dependsOn: [folder] },
    );
    this.serviceId = service.id;
    this.registerOutputs({ serviceId: this.serviceId, port: this.port });
  }
}
