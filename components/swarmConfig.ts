import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "./component";
import { rememberOrigin, warnWithoutSwarm } from "./program";
import type { ServiceFile } from "./service/args";
import { type ArgumentSchemas, checkArguments } from "./service/arguments";
import { pairs } from "./service/checks";
import { contentInputs, contentName, contentOf } from "./service/content";
import { inherited } from "./serviceDefaults";

export interface SwarmConfigArgs {
  /** The content, 1 to 1,023,999 bytes (swarmkit's limit). Changing it rolls the services that use it. */
  data: pulumi.Input<string>;
  /** Start of its name in the swarm; a hash of content and labels follows. Default: the resource's name. */
  configName?: pulumi.Input<string>;
  /** Changing them rolls the services too. */
  labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

const argumentSchemas: ArgumentSchemas<SwarmConfigArgs> = {
  data: contentOf("config"),
  configName: contentName.optional(),
  labels: pairs.optional(),
};

/**
 * A configuration file in the swarm, for services to read. Named by its content: with another one the services roll to a new config, then the old one goes.
 *
 * @example
 * const site = new SwarmConfig("site", { data: readFileSync("nginx.conf", "utf8") }, cluster.onSwarm);
 * new SwarmService("proxy", { image: "nginx:1.29", configs: [site.file("/etc/nginx/nginx.conf")] }, cluster.onSwarm);
 */
export class SwarmConfig extends Component {
  readonly configId: pulumi.Output<string>;
  /** Name in the swarm. */
  readonly configName: pulumi.Output<string>;

  constructor(name: string, args: SwarmConfigArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:SwarmConfig", name, opts);
    checkArguments(`config "${name}"`, args, argumentSchemas);
    warnWithoutSwarm(this, `config "${name}"`, opts);
    const config = new docker.ServiceConfig(
      `${name}-config`,
      contentInputs({
        kind: "config",
        what: `config "${name}"`,
        data: args.data,
        name: args.configName ?? name,
        labels: args.labels,
      }),
      // Its name is another one; where it is secret, the plugin does not see that.
      { ...inherited(opts), parent: this, deleteBeforeReplace: false },
    );
    this.configId = config.id;
    this.configName = config.name;
    rememberOrigin(this.configId, this, `config "${name}"`);
    this.registerOutputs({ configId: this.configId, configName: this.configName });
  }

  /** For a service's `configs`: this one as the file `target`, an absolute path. */
  file(target: pulumi.Input<string>, more: Omit<ServiceFile, "id" | "name" | "target"> = {}): ServiceFile {
    return { id: this.configId, name: this.configName, target, ...more };
  }
}
