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
