import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { Component } from "./component";
import { builtByBuildah } from "./image/buildahBuild";
import { currentDigest, repositoryOf } from "./image/digest";
import { builtByDocker } from "./image/dockerBuild";
import { type ImageRegistry, registrySchema } from "./image/registry";
import { warnWithoutSwarm } from "./program";
import { type ArgumentSchemas, atOnce, checkArguments } from "./service/arguments";
import { Checker, oneOf, text } from "./service/checks";
import { variables } from "./service/schemas";
import { inherited } from "./serviceDefaults";

export interface ServiceImageArgs {
  /** Folder that the Dockerfile copies from, relative to the project's; what `.dockerignore` there names is left out. */
  context: pulumi.Input<string>;
  /** Where it is published: `RegistryService.access`, or any other registry with its login. */
  registry: ImageRegistry;
  /** Its path in the registry, such as `app` or `you/app`. Default: the resource's name. */
  imageName?: pulumi.Input<string>;
  /** What it is published as; services follow the first one. Default `["latest"]`. */
  tags?: string[];
  /** Path relative to the context. Default `Dockerfile`. */
  dockerfile?: pulumi.Input<string>;
  /** Values of the Dockerfile's `ARG`s. They can be read from the image: none of them is for secrets. */
  buildArgs?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Stage to build. Default: the last one. */
  target?: pulumi.Input<string>;
  /** Such as `linux/arm64`. Default: Linux on the kind of CPU that this host has. */
  platform?: pulumi.Input<string>;
  /**
   * `docker`: the Docker of the provider builds and publishes it, with `cluster.onSwarm` the manager's. `buildah`: the Buildah of this host
   * does, with or without root, and needs no provider. Default `docker`.
   */
  builder?: string;
}

const imageName = z
  .string()
  .regex(
    /^[a-z0-9]+((\.|_{1,2}|-+|\/)[a-z0-9]+)*$/,
    "must be lower-case letters and digits, with single . _ - or / between them",
  );
const tags = z
  .array(
    z
      .string()
      .regex(
        /^\w[\w.-]{0,127}$/,
        "must be up to 128 letters, digits, dots, hyphens and underscores, neither dot nor hyphen first",
      ),
  )
  .min(1, "must name a tag")
  .refine((all) => new Set(all).size === all.length, "must not name a tag twice");

const builders = oneOf("docker", "buildah");
const platforms = z
  .string()
  .regex(/^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/, "must be a system and a kind of CPU, such as linux/arm64");

const argumentSchemas: ArgumentSchemas<ServiceImageArgs> = {
  context: text,
  registry: registrySchema,
  imageName: imageName.optional(),
  tags: atOnce(tags).optional(),
  dockerfile: text.optional(),
  buildArgs: variables.optional(),
  target: text.optional(),
  platform: platforms.optional(),
  builder: atOnce(builders).optional(),
};

const hostPlatform = `linux/${process.arch === "x64" ? "amd64" : process.arch}`;

/**
 * An image that is built from a Dockerfile and published: built when something in its context has changed.
 *
 * @example
 * const registry = new RegistryService("registry", { manager: cluster.manager }, cluster.onSwarm);
 * const app = new ServiceImage("app", { context: "./app", registry: registry.access }, cluster.onSwarm);
 * new SwarmService("app", { image: app.imageRef, replicas: 4 }, cluster.onSwarm);
 */
export class ServiceImage extends Component {
  /**
   * What services are given: repository and digest that the first tag has now, `registry.example.com/app@sha256:…`. That is what was
   * published here, unless somebody has published the tag again since: then the next preview shows it. If the registry cannot be
   * asked, it is what was published here.
   */
  readonly imageRef: pulumi.Output<string>;
  /** Repository and digest of what was published here last. */
  readonly publishedRef: pulumi.Output<string>;

  constructor(name: string, args: ServiceImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:ServiceImage", name, opts);
    checkArguments(`ServiceImage "${name}"`, args, argumentSchemas);
    const check = new Checker(`ServiceImage "${name}"`);
    const { registry } = args;
    const context = check.field("context", text, args.context);
    const builder = check.now("builder", builders, args.builder ?? "docker");
    // Its registry is the nodes' own: another Docker would publish to another one, or to none.
    if (builder === "docker" && registry.docker !== undefined)
      warnWithoutSwarm(this, `ServiceImage "${name}"`, opts);
    const built = (builder === "buildah" ? builtByBuildah : builtByDocker)({
      ...{ name, registry, check },
      path: check.field("imageName", imageName, args.imageName ?? name),
      tags: check.now("tags", tags, args.tags ?? ["latest"]),
      build: {
        context,
        dockerfile: pulumi
          .all([context, check.field("dockerfile", text, args.dockerfile ?? "Dockerfile")])
          .apply(([folder, file]) => join(folder, file)),
        args: check.optional("buildArgs", variables, args.buildArgs),
        target: check.optional("target", text, args.target),
        platform: check.field("platform", platforms, args.platform ?? hostPlatform),
      },
      opts: { ...inherited(opts), parent: this },
    });
    this.publishedRef = built.ref;
    this.imageRef = pulumi
      .all([built.ref, built.image, currentDigest(check, built.image, registry)])
      .apply(([own, tagged, answer]) => this.following(own, tagged, answer));
    this.registerOutputs({ imageRef: this.imageRef, publishedRef: this.publishedRef });
  }

  private following(own: string, image: string, answer: { digest?: string; error?: string }): string {
    const say = (message: string): void => void pulumi.log.warn(`${image}: ${message}`, this);
    if (answer.error !== undefined) {
      say(`its registry cannot be asked whether it was published again elsewhere: ${answer.error}`);
      return own;
    }
    if (answer.digest === undefined) {
      say("is no longer in its registry; up --replace with the image's URN publishes it again");
      return own;
    }
    const now = `${repositoryOf(own)}@${answer.digest}`;
    if (now !== own) say("was published again elsewhere since it was published here; services get that one");
    return now;
  }
}
