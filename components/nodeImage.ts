import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "./component";
import { machineCommand } from "./machineCommand";
import { type ArgumentSchemas, checkArguments } from "./service/arguments";
import { text } from "./service/checks";

export interface NodeImageArgs {
  /** Debian suite of the node image. Default `trixie`. Existing machines keep the image they were made from. */
  suite?: pulumi.Input<string>;
  /** Name of a pulled image, or its URL: then nothing is built. Default none. */
  image?: pulumi.Input<string>;
  /** Of an `image` that is given by its URL: `sha256:…` or `sha512:…` of the file. */
  imageChecksum?: pulumi.Input<string>;
}

const argumentSchemas: ArgumentSchemas<NodeImageArgs> = {
  suite: text.optional(),
  image: text.optional(),
  imageChecksum: text.optional(),
};

/**
 * The golden disk image that machines are clones of: Debian with Docker and the service images loaded. It is built once
 * on this host (some minutes) and kept by content hash; deleting the resource leaves it in the cache
 * (`vmcluster image ls` shows it).
 */
export class NodeImage extends Component {
  /** Content hash of the image. */
  readonly imageId: pulumi.Output<string>;

  constructor(name: string, args: NodeImageArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:NodeImage", name, opts);
    checkArguments(`NodeImage "${name}"`, args, argumentSchemas);
    const build = new command.local.Command(
      `${name}-build`,
      {
        interpreter: machineCommand("image"),
        create: "ensure",
        stdin: pulumi
          .all([args.suite, args.image, args.imageChecksum])
          .apply(([suite, image, imageChecksum]) =>
            JSON.stringify(image === undefined ? { suite: suite ?? "trixie" } : { image, imageChecksum }),
          ),
        logging: command.local.Logging.Stderr,
      },
      { parent: this },
    );
    this.imageId = build.stdout.apply((stdout) => (JSON.parse(stdout) as { image: string }).image);
    this.registerOutputs({ imageId: this.imageId });
  }
}
