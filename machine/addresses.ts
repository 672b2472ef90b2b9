import { createHash } from "node:crypto";
import { home } from "../host/home";
import { UserError } from "../host/userError";
import type { MachineSpec } from "./spec";

/** An IPv4 network in numbers. */
export interface Cidr {
  readonly base: number;
  readonly prefix: number;
}

const toNumber = (address: string): number =>
  address.split(".").reduce((value, part) => value * 256 + Number(part), 0);

const toAddress = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");

const sizeOf = (cidr: Cidr): number => 2 ** (32 - cidr.prefix);

export function parseCidr(text: string): Cidr {
  const [address = "", prefix = ""] = text.split("/");
  const size = 2 ** (32 - Number(prefix));
  return { base: Math.floor(toNumber(address) / size) * size, prefix: Number(prefix) };
}

/** Whether it is a host address of the network: neither the network's own nor its broadcast address. */
export function contains(cidr: Cidr, address: string): boolean {
  const offset = toNumber(address) - cidr.base;
  return offset > 0 && offset < sizeOf(cidr) - 1;
}

const end = (cidr: Cidr): number => cidr.base + sizeOf(cidr);

/** Whether the whole of `inner` is in `outer`. */
export const includes = (outer: Cidr, inner: Cidr): boolean =>
  inner.base >= outer.base && end(inner) <= end(outer);

/** Whether they have an address in common. */
export const overlap = (one: Cidr, other: Cidr): boolean => one.base < end(other) && other.base < end(one);

/** `255.255.255.0` for 24. */
export const netmaskOf = (cidr: Cidr): string => toAddress(2 ** 32 - sizeOf(cidr));

/** 24 for `255.255.255.0`. */
export const prefixOf = (netmask: string): number => 32 - Math.log2(2 ** 32 - toNumber(netmask));

/** Address so far from the network's own: 1 is the first host. */
export const addressAt = (cidr: Cidr, offset: number): string => toAddress(cidr.base + offset);

/** The last host address. */
export const lastHost = (cidr: Cidr): string => toAddress(end(cidr) - 2);

/**
 * First address of the network that nobody has. Counting starts at .11, as people number nodes
 * (and .1 is the host's in VirtualBox), in small networks at the second address; it wraps round.
 */
export function nextPrivateAddress(cidr: Cidr, taken: ReadonlySet<string>): string | undefined {
  const hosts = sizeOf(cidr) - 2;
  const first = hosts >= 30 ? 11 : 2;
  for (let step = 0; step < Math.min(hosts - 1, 65_536); step++) {
    const offset = first + step <= hosts ? first + step : 2 + (first + step - hosts - 1);
    const address = toAddress(cidr.base + offset);
    if (!taken.has(address)) return address;
  }
  return undefined;
}

/** The address on the private network: the spec's own, else the next free one. `taken` are the machines of the same cluster. */
export function choosePrivateAddress(
  spec: Pick<MachineSpec, "name" | "subnet" | "privateAddress">,
  taken: readonly { readonly privateAddress: string; readonly name: string }[],
): string {
  const { name, subnet, privateAddress } = spec;
  const holder = taken.find((other) => other.privateAddress === privateAddress);
  if (holder !== undefined) {
    throw new UserError(
      `machine "${name}": privateAddress ${privateAddress} is that of machine "${holder.name}"`,
    );
  }
  const free =
    privateAddress ??
    nextPrivateAddress(parseCidr(subnet), new Set(taken.map((other) => other.privateAddress)));
  if (free === undefined) throw new UserError(`machine "${name}": subnet ${subnet} has no free address`);
  return free;
}

const digest = (...parts: string[]): Buffer => createHash("sha256").update(parts.join("\0")).digest();

const byte = (hash: Buffer, index: number): number => hash[index] ?? 0;

/**
 * Loopback addresses to try for a machine, in order: the same for the same home and name, so that a machine made anew
 * is most often found where it was. 127.0 and 127.1 are left to others (127.0.0.53 and the like).
 */
export function* loopbackCandidates(name: string): Generator<string> {
  for (let attempt = 0; attempt < 16; attempt++) {
    const hash = digest("loopback", home(), name, String(attempt));
    yield `127.${2 + (byte(hash, 0) % 253)}.${byte(hash, 1)}.${1 + (byte(hash, 2) % 254)}`;
  }
}

/** Multicast group and port that carry the private network of one cluster in one home; they never leave the host. */
export function multicastOf(cluster: string): string {
  const hash = digest("multicast", home(), cluster);
  const port = 20_000 + (hash.readUInt16BE(4) % 10_000);
  return `239.${192 + (byte(hash, 0) % 64)}.${byte(hash, 1)}.${1 + (byte(hash, 2) % 254)}:${port}`;
}

/** A locally administered MAC (QEMU's own prefix) that differs for each machine and link. */
export function macOf(machineId: string, link: number): string {
  const hash = digest("mac", machineId, String(link));
  return ["52", "54", "00", ...[0, 1, 2].map((i) => byte(hash, i).toString(16).padStart(2, "0"))].join(":");
}
