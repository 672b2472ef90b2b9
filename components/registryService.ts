import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { allImageRefs } from "../images/refs";
import { Component } from "./component";
import type { ImageRegistry } from "./image/registry";
import { machineCommand } from "./machineCommand";
import { type ArgumentSchemas, checkArguments } from "./service/arguments";
import { Checker, flag, port as portNumber } from "./service/checks";
import { serviceResource } from "./service/resource";
import { folderPath, swarmName } from "./service/schemas";
import { inherited } from "./serviceDefaults";

/** The machine that keeps the images; a `Machine` is one. */
export interface RegistryHost {
  machineName: pulumi.Input<string>;
  machineId: pulumi.Input<string>;
  sshConfig: pulumi.Input<string>;
}

export interface RegistryServiceArgs {
  /** Manager on which it runs and keeps the images: `cluster.manager`. */
  manager: RegistryHost;
  /** Name in the swarm. Default `registry`. Changing it replaces the service. */
  serviceName?: pulumi.Input<string>;
  /** Port at which the nodes reach it, on 127.0.0.1. Default 5000. */
  port?: pulumi.Input<number>;
  /** Folder on the manager that keeps the images over redeploys and restarts. Default `/var/lib/vmcluster/registry`. */
  dataFolder?: pulumi.Input<string>;
  /**
   * Of a cluster of existing hosts: true says that a firewall keeps `port` to the nodes. Default false: such hosts are refused, as whoever
   * reaches their port could put images there that the nodes run.
   */
  firewalled?: pulumi.Input<boolean>;
}

const machine = z.custom<RegistryHost>(
  (value) => typeof value === "object" && value !== null && "machineName" in value && "sshConfig" in value,
  "must be a machine, such as cluster.manager",
);

const argumentSchemas: ArgumentSchemas<RegistryServiceArgs> = {
  manager: machine,
  serviceName: swarmName.optional(),
  port: portNumber.optional(),
  dataFolder: folderPath.optional(),
  firewalled: flag.optional(),
};

/** What `vmcluster machine prepare` prints. */
interface Prepared {
  readonly nodeId: string;
  readonly folderId: string;
}

/**
 * The cluster's own registry of images: on every node `127.0.0.1:5000`, which Docker takes without TLS and login. Its images are in a folder of
 * the manager and stay there until the machine is removed. Who reaches a node's port reaches the registry: docs/images.md says who that is.
 */
export class RegistryService extends Component {
  readonly serviceId: pulumi.Output<string>;
  /** Start of the names of its images, `127.0.0.1:5000`, once it answers. */
  readonly server: pulumi.Output<string>;
  /** For `registry` of `ServiceImage` and `PinnedImage`. */
  readonly access: ImageRegistry;

  constructor(name: string, args: RegistryServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:RegistryService", name, opts);
    checkArguments(`RegistryService "${name}"`, args, argumentSchemas);
    const check = new Checker(`RegistryService "${name}"`);
    const port = check.field("port", portNumber, args.port ?? 5000);
    const folder = check.field("dataFolder", folderPath, args.dataFolder ?? "/var/lib/vmcluster/registry");
    const firewalled = check.field("firewalled", flag, args.firewalled ?? false);
    const { machineName, machineId, sshConfig } = args.manager;
    const image = allImageRefs().registry;
    const prepared = new command.local.Command(
      `${name}-manager`,
      {
        interpreter: machineCommand("machine"),
        create: "prepare",
        stdin: pulumi.jsonStringify({
          ...{ machine: machineName, machineId, images: [image], folder },
          nodesOnly: pulumi.all([firewalled, port]).apply(([safe, at]) => (safe ? undefined : at)),
        }),
        logging: command.local.Logging.Stderr,
        addPreviousOutputInEnv: false,
      },
      { ...inherited(opts), parent: this },
    ).stdout.apply((line) => JSON.parse(line) as Prepared);
    const service = serviceResource(
      this,
      name,
      {
        serviceName: args.serviceName ?? "registry",
        image,
        mounts: [{ type: "bind", source: folder, target: "/data" }],
        constraints: [pulumi.interpolate`node.id==${prepared.nodeId}`],
        ports: [{ target: 5000, published: port }],
        // Without a health check, as Redis is: it is there within a second, and a check takes an emulated machine five.
      },
      opts,
      { onNodes: true },
    );
    this.serviceId = service.id;
    // Of the URN, which is known in each preview: what hangs on it must not be shown as changed whenever the service is made anew.
    this.server = pulumi.all([port, service.urn]).apply(([at]) => `127.0.0.1:${at}`);
    this.access = {
      server: this.server,
      docker: { host: pulumi.interpolate`ssh://${machineName}`, sshOpts: ["-F", sshConfig] },
      contentsId: prepared.folderId,
    };
    this.registerOutputs({ serviceId: this.serviceId, server: this.server });
  }
}
