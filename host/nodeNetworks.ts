/** Networks that each node of a swarm has, and that its services may be on. */
export const nodeNetworks = ["host", "bridge"] as const;
export type NodeNetwork = (typeof nodeNetworks)[number];

export const isNodeNetwork = (name: string | undefined): name is NodeNetwork =>
  nodeNetworks.some((one) => one === name);
