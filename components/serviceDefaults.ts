/** How long `up` waits for the tasks of a service to run, and how often it looks. An emulated node needs minutes. */
export const convergeConfig = { delay: "2s", timeout: "15m" };

export const onManager = { constraints: ["node.role==manager"] };

/** A port on every node's address, whichever node runs the tasks (the routing mesh). */
export function ingress(publishedPort: import("@pulumi/pulumi").Input<number>, targetPort: number) {
  return { ports: [{ targetPort, publishedPort, protocol: "tcp", publishMode: "ingress" }] };
}
