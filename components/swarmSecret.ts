import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "./component";
import { rememberOrigin, warnWithoutSwarm } from "./program";
import type { ServiceFile } from "./service/args";
import { type ArgumentSchemas, checkArguments } from "./service/arguments";
import { pairs } from "./service/checks";
import { contentInputs, contentName, contentOf } from "./service/content";
import { randomSecret } from "./service/randomSecret";
import { inherited } from "./serviceDefaults";

export interface SwarmSecretArgs {
  /** The content, 1 to 511,999 bytes (swarmkit's limit); kept as a secret. Changing it rolls the services that use it. */
  data: pulumi.Input<string>;
  /** Start of its name in the swarm; a hash of content and labels follows, by a key of the stack's. Default: the resource's name. */
  secretName?: pulumi.Input<string>;
  /** Changing them rolls the services too. */
  labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

const argumentSchemas: ArgumentSchemas<SwarmSecretArgs> = {
  data: contentOf("secret"),
  secretName: contentName.optional(),
  labels: pairs.optional(),
};

/**
 * A secret in the swarm, for services to read as a file. Named by its content: with another one the services roll to a new secret, then the old one goes.
 * The name tells nothing of the content without a random key, which is kept in the state.
 *
 * @example
 * const password = new SwarmSecret("password", { data: config.requireSecret("password") }, cluster.onSwarm);
 * new SwarmService("db", { image: "postgres:17", secrets: [password.file("password")] }, cluster.onSwarm);
 */
export class SwarmSecret extends Component {
  readonly secretId: pulumi.Output<string>;
  /** Name in the swarm. */
  readonly secretName: pulumi.Output<string>;

  constructor(name: string, args: SwarmSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:SwarmSecret", name, opts);
    checkArguments(`secret "${name}"`, args, argumentSchemas);
    warnWithoutSwarm(this, `secret "${name}"`, opts);
    const secret = new docker.Secret(
      `${name}-secret`,
      contentInputs({
        kind: "secret",
        what: `secret "${name}"`,
        data: args.data,
        name: args.secretName ?? name,
        labels: args.labels,
        key: randomSecret(`${name}-key`, this),
      }),
      // Its name is another one; where it is secret, the plugin does not see that.
      { ...inherited(opts), parent: this, deleteBeforeReplace: false },
    );
    this.secretId = secret.id;
    this.secretName = secret.name;
    rememberOrigin(this.secretId, this, `secret "${name}"`);
    this.registerOutputs({ secretId: this.secretId, secretName: this.secretName });
  }

  /** For a service's `secrets`: this one as the file `target`, a name in `/run/secrets` or an absolute path. */
  file(target: pulumi.Input<string>, more: Omit<ServiceFile, "id" | "name" | "target"> = {}): ServiceFile {
    return { id: this.secretId, name: this.secretName, target, ...more };
  }
}
