import * as pulumi from "@pulumi/pulumi";

/** Checks the number of machines of a cluster. Throws a `pulumi.RunError` that says what is allowed. */
export function nodeCount(count: number): number {
  if (!Number.isInteger(count) || count < 1 || count > 50) {
    throw new pulumi.RunError(
      `nodeCount: ${count} is not allowed; a cluster has 1 to 50 nodes, the first is the manager`,
    );
  }
  return count;
}

/**
 * Checks the number of managers. Throws a `pulumi.RunError` that says what is allowed.
 *
 * An even number stands the loss of no more managers than one less does, and a swarm that loses the majority of its managers stops:
 * https://docs.docker.com/engine/swarm/raft/
 */
export function managerCount(managers: number, nodes: number): number {
  if (!Number.isInteger(managers) || managers < 1 || managers > 7)
    throw new pulumi.RunError(`managers: ${managers} is not allowed; a swarm has 1, 3, 5 or 7 managers`);
  if (managers % 2 === 0)
    throw new pulumi.RunError(
      `managers: ${managers} is not allowed; with ${managers} managers a swarm stops when ${managers / 2} of them fail, as with ${managers - 1}: ` +
        `take ${managers - 1} or ${managers + 1}`,
    );
  if (managers > nodes)
    throw new pulumi.RunError(
      `managers: ${managers} is not allowed; the cluster has ${nodes} nodes (nodeCount)`,
    );
  return managers;
}

/** What is known of a machine before anything is changed. */
export interface KnownNode {
  readonly name: string;
  /** It will be the same machine while others are made anew. */
  readonly stays: boolean;
  /** It manages the swarm now. */
  readonly manager: boolean;
}

/**
 * Refuses a plan that leaves a swarm without the majority of its managers. If none of them stays it is allowed: then
 * the swarm and all that runs on it is made anew, as the plan shows.
 */
export function checkMajority(nodes: readonly KnownNode[]): void {
  const managers = nodes.filter(({ manager }) => manager);
  const lost = managers.filter(({ stays }) => !stays).map(({ name }) => name);
  const left = managers.length - lost.length;
  if (left === 0 || left * 2 > managers.length) return;
  throw new pulumi.RunError(
    `${lost.join(" and ")} would be made anew at once, and the swarm would be lost: it needs ${Math.floor(managers.length / 2) + 1} of its ` +
      `${managers.length} managers. Change one after the other (--target), or make workers managers before`,
  );
}

/** Host name of the node at `index`, which counts from 0: `my` → `my1`, `my2`. */
export function nodeName(clusterName: string, index: number): string {
  return `${clusterName}${index + 1}`;
}

/** Private address of the node at `index`: from the 11th of the network on. Throws when the network is too small. */
export function nodeAddress(cidr: string, index: number): string {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  const numbers = match?.slice(1).map(Number) ?? [];
  const prefix = numbers[4] ?? 33;
  if (numbers.slice(0, 4).some((byte) => byte > 255) || prefix > 32) {
    throw new pulumi.RunError(`subnet: "${cidr}" is not an IPv4 network such as 192.168.56.0/24`);
  }
  const size = 2 ** (32 - prefix);
  const offset = 11 + index;
  if (offset >= size - 1) {
    throw new pulumi.RunError(
      `subnet: "${cidr}" is too small: node ${index + 1} would be its address number ${offset}`,
    );
  }
  const address = numbers.slice(0, 4).reduce((sum, byte) => sum * 256 + byte, 0);
  const host = Math.floor(address / size) * size + offset;
  return [24, 16, 8, 0].map((shift) => Math.floor(host / 2 ** shift) % 256).join(".");
}
