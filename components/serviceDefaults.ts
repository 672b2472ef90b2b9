import type * as pulumi from "@pulumi/pulumi";

export const onManager = ["node.role==manager"];

/** What the resources in a component take over from its options, besides what Pulumi hands down by itself (provider, dependsOn). */
export function inherited(opts: pulumi.ComponentResourceOptions | undefined): pulumi.CustomResourceOptions {
  return { deletedWith: opts?.deletedWith, replaceWith: opts?.replaceWith };
}
