import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { machineCommand } from "./machineCommand";

export interface NodeImageArgs {
  /** Debian suite of the node image. Default `trixie`. Existing machines keep the image they were made from. */
  suite?: pulumi.Input<string>;
  /** Name of a pulled image: then nothing is built, and it must be there (`vmcluster image pull`). Default none. */
  image?: pulumi.Input<string>;
}

/**
 * The golden disk image that machines are clones of: Debian with Docker and the service images loaded. It is built once
 * on this host (some minutes) and kept by content hash; deleting the resource leaves it in the cache
 * (`vmcluster image ls` shows it).
 */
export class NodeImage extends pulumi.ComponentResource {
  /** Content hash of the image. */
  readonly imageId: pulumi.Output<string>;

  constructor(name: string, args: NodeImageArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:NodeImage", name, {}, opts);
    const build = new command.local.Command(
      `${name}-build`,
      {
        interpreter: machineCommand("image"),
        create: "ensure",
        stdin: pulumi
          .all([args.suite, args.image])
          .apply(([suite, image]) =>
            JSON.stringify(image === undefined ? { suite: suite ?? "trixie" } : { image }),
          ),
        logging: command.local.Logging.Stderr,
      },
      { parent: this },
    );
    this.imageId = build.stdout.apply((stdout) => (JSON.parse(stdout) as { image: string }).image);
    this.registerOutputs({ imageId: this.imageId });
  }
}
