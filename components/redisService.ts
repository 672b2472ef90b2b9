import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { serviceImageRefs } from "../images/refs";
import { Component } from "./component";
import { redisConfiguration } from "./redis/configuration";
import { type ArgumentSchemas, checkArguments } from "./service/arguments";
import { Checker, port, secretText, text } from "./service/checks";
import { randomSecret } from "./service/randomSecret";
import { serviceResource } from "./service/resource";
import { folderPath, imageName, swarmName } from "./service/schemas";
import { inherited, onManager } from "./serviceDefaults";
import { makeFolderScript } from "./swarmScripts";
import { SwarmSecret } from "./swarmSecret";

const configurationFile = "/run/secrets/redis.conf";

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
  /**
   * Image reference. Default: the Redis that the nodes carry. Another one must run the arguments `redis-server FILE`, as the official images do.
   * Changing it rolls the service.
   */
  image?: pulumi.Input<string>;
  /** Port on every node's address. Default 6379. */
  port?: pulumi.Input<number>;
  /** Folder on the manager that keeps the data over redeploys and restarts. Default `/var/lib/vmcluster/redis`. */
  dataFolder?: pulumi.Input<string>;
  /**
   * What clients log in with (`AUTH`): 1 to 512 bytes, no line breaks. Default: a random one, made by the first `up` and kept as a secret.
   * Changing it restarts Redis and the services that read it.
   */
  password?: pulumi.Input<string>;
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
  password: secretText.optional(),
};

/** A secret in the swarm that holds a password. */
export interface PasswordSecret {
  id: pulumi.Input<string>;
  /** Name in the swarm. */
  name: pulumi.Input<string>;
}

/** Its name is no secret: where it is, the plan of a service that has it shows nothing of what changes. */
const inTheOpen = ({ secretId, secretName }: SwarmSecret): PasswordSecret => ({
  id: secretId,
  name: pulumi.unsecret(secretName),
});

/**
 * Redis, append-only, on the manager; its data stays in a folder there until the machine is removed. Clients need a password: whoever reaches a
 * node's port reaches Redis.
 */
export class RedisService extends Component {
  readonly serviceId: pulumi.Output<string>;
  /** Port on every node's address. */
  readonly port: pulumi.Output<number>;
  /** What clients log in with; a secret. */
  readonly password: pulumi.Output<string>;
  /** The same as a secret in the swarm, for services that read it from a file: `redisPassword` of `WebService`. */
  readonly passwordSecret: PasswordSecret;

  constructor(name: string, args: RedisServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:RedisService", name, opts);
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
    const check = new Checker(`RedisService "${name}"`);
    this.password =
      args.password === undefined
        ? randomSecret(`${name}-password`, this)
        : pulumi.secret(check.field("password", secretText, args.password));
    const held = (what: string, data: pulumi.Output<string>): SwarmSecret =>
      new SwarmSecret(`${name}-${what}`, { data }, { ...opts, parent: this });
    const password = held("password", this.password);
    const configuration = held("configuration", this.password.apply(redisConfiguration));
    this.passwordSecret = inTheOpen(password);
    const service = serviceResource(
      this,
      name,
      {
        serviceName: args.serviceName ?? "redis",
        image: args.image ?? serviceImageRefs().redis,
        command: ["redis-server", configurationFile],
        secrets: [
          { ...inTheOpen(configuration), target: configurationFile },
          { ...this.passwordSecret, target: "redis_password" },
        ],
        networks: [{ networkId: args.networkId }],
        mounts: [{ type: "bind", source: dataFolder, target: "/data" }],
        constraints:
          args.node === undefined
            ? onManager
            : [...onManager, pulumi.interpolate`node.hostname==${args.node}`],
        ports: [{ target: 6379, published: args.port ?? 6379 }],
      },
      opts,
      { dependsOn: [folder] },
    );
    this.serviceId = service.id;
    this.registerOutputs({ serviceId: this.serviceId, port: this.port, password: this.password });
  }
}
