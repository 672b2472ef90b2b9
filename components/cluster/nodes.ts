import * as pulumi from "@pulumi/pulumi";

/** What is wrong with a number of machines of a cluster. */
export const countError = (count: unknown): string | undefined =>
  typeof count === "number" && Number.isInteger(count) && count >= 1 && count <= 50
    ? undefined
    : "is not allowed; a cluster has 1 to 50 nodes, the first is the manager";

/**
 * What is wrong with a number of managers.
 *
 * An even number stands the loss of no more managers than one less does, and a swarm that loses the majority of its managers stops:
 * https://docs.docker.com/engine/swarm/raft/
 */
export function managersError(managers: unknown): string | undefined {
  if (typeof managers !== "number" || !Number.isInteger(managers) || managers < 1 || managers > 7)
    return "is not allowed; a swarm has 1, 3, 5 or 7 managers";
  if (managers % 2 === 0)
    return (
      `is not allowed; with ${managers} managers a swarm stops when ${managers / 2} of them fail, as with ${managers - 1}: ` +
      `take ${managers - 1} or ${managers + 1}`
    );
  return undefined;
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

/** Number of a node's address in the network: from the 11th on. */
const offsetOf = (index: number): number => 11 + index;

/** Why the node at `index` can have no address in the network; undefined if it can. */
export function nodeAddressError(cidr: string, index: number): string | undefined {
  const size = 2 ** (32 - Number(cidr.split("/")[1]));
  return offsetOf(index) >= size - 1
    ? `"${cidr}" is too small: node ${index + 1} would be its address number ${offsetOf(index)}`
    : undefined;
}

/** Private address of the node at `index`. Throws when the network is too small. */
export function nodeAddress(cidr: string, index: number): string {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  const numbers = match?.slice(1).map(Number) ?? [];
  const prefix = numbers[4] ?? 33;
  if (numbers.slice(0, 4).some((byte) => byte > 255) || prefix > 32) {
    throw new pulumi.RunError(`subnet: "${cidr}" is not an IPv4 network such as 192.168.56.0/24`);
  }
  const size = 2 ** (32 - prefix);
  const offset = offsetOf(index);
  const error = nodeAddressError(cidr, index);
  if (error !== undefined) throw new pulumi.RunError(`subnet: ${error}`);
  const address = numbers.slice(0, 4).reduce((sum, byte) => sum * 256 + byte, 0);
  const host = Math.floor(address / size) * size + offset;
  return [24, 16, 8, 0].map((shift) => Math.floor(host / 2 ** shift) % 256).join(".");
}
