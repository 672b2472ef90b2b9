import * as pulumi from "@pulumi/pulumi";
import { Component } from "./component";
import { currentDigest, repositoryOf } from "./image/digest";
import { type ImageRegistry, registrySchema } from "./image/registry";
import { type ArgumentSchemas, checkArguments } from "./service/arguments";
import { Checker } from "./service/checks";
import { imageName } from "./service/schemas";

export interface PinnedImageArgs {
  /** Name and tag of an image in a registry, such as `nginx:1.29` or `registry.example.com/app:3`. */
  image: pulumi.Input<string>;
  /** Login of its registry, `server`, which must be that of `image`; or `RegistryService.access`. Default: what `docker login` has kept on this host. */
  registry?: ImageRegistry;
}

const argumentSchemas: ArgumentSchemas<PinnedImageArgs> = {
  image: imageName,
  registry: registrySchema.optional(),
};

/**
 * The image that a tag stands for while the program runs. When the tag is published again, the next preview shows that the services
 * with `imageRef` roll to it; as long as it is not, nothing happens.
 *
 * @example
 * const nginx = new PinnedImage("nginx", { image: "nginx:1.29" });
 * new SwarmService("site", { image: nginx.imageRef }, cluster.onSwarm);
 */
export class PinnedImage extends Component {
  /** `nginx@sha256:…`. Not known in a preview for which the registry cannot be asked. */
  readonly imageRef: pulumi.Output<string>;

  constructor(name: string, args: PinnedImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:PinnedImage", name, opts);
    checkArguments(`PinnedImage "${name}"`, args, argumentSchemas);
    const check = new Checker(`PinnedImage "${name}"`);
    const image = check.field("image", imageName, args.image);
    this.imageRef = pulumi
      .all([image, currentDigest(check, args.image, args.registry)])
      .apply(([tagged, answer]) => this.pinned(tagged, answer));
    this.registerOutputs({ imageRef: this.imageRef });
  }

  private pinned(image: string, answer: { digest?: string; error?: string }): string {
    if (answer.digest !== undefined) return `${repositoryOf(image)}@${answer.digest}`;
    const reason = answer.error ?? "its registry has no such image";
    // A machine that is to be repaired, or a registry that is to be made, answers when `up` has come so far.
    if (!pulumi.runtime.isDryRun()) throw new pulumi.RunError(`${image}: ${reason}`);
    pulumi.log.warn(`${image}: which image this is cannot be told yet: ${reason}`, this);
    return pulumi.unknown as unknown as string;
  }
}
