import type * as pulumi from "@pulumi/pulumi";

/** How long `up` waits for the tasks of a service to run, and how often it looks. An emulated node needs minutes. */
export const convergeConfig = { delay: "2s", timeout: "15m" };

export const onManager = { constraints: ["node.role==manager"] };

/** A port on every node's address, whichever node runs the tasks (the routing mesh). */
export function ingress(publishedPort: pulumi.Input<number>, targetPort: number) {
  return { ports: [{ targetPort, publishedPort, protocol: "tcp", publishMode: "ingress" }] };
}

/** What the resources in a component take over from its options, besides what Pulumi hands down by itself (provider, dependsOn). */
export function inherited(opts: pulumi.ComponentResourceOptions | undefined): pulumi.CustomResourceOptions {
  return { deletedWith: opts?.deletedWith, replaceWith: opts?.replaceWith };
}
