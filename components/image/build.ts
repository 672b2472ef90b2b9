/** What is built and published, by whomever. */
import type * as pulumi from "@pulumi/pulumi";
import type { Checker } from "../service/checks";
import type { ImageRegistry } from "./registry";

export interface ImageBuild {
  readonly context: pulumi.Output<string>;
  /** Relative to the project's folder, as the context is. */
  readonly dockerfile: pulumi.Output<string>;
  readonly args: pulumi.Output<Record<string, string> | undefined> | undefined;
  readonly target: pulumi.Output<string | undefined> | undefined;
  readonly platform: pulumi.Output<string>;
}

export interface Publication {
  /** Of the resource. */
  readonly name: string;
  readonly build: ImageBuild;
  readonly registry: ImageRegistry;
  /** In the registry. */
  readonly path: pulumi.Output<string>;
  readonly tags: readonly string[];
  readonly check: Checker;
  /** Of the resources that do it. */
  readonly opts: pulumi.CustomResourceOptions;
}

export interface PublishedImage {
  /** Its name with the first tag, once it is published. */
  readonly image: pulumi.Output<string>;
  /** Repository and digest. */
  readonly ref: pulumi.Output<string>;
}
