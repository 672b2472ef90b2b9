/** Networks that this host is in or has routes to: a cluster's own must not be one of them, or nobody could tell the two apart. */
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { UserError } from "../host/userError";
import { addressAt, type Cidr, includes, overlap, parseCidr, prefixOf } from "./addresses";

export interface HostNetwork {
  /** Of the interface. */
  readonly name: string;
  readonly cidr: Cidr;
  /** `address`: the host has an address in it. */
  readonly kind: "address" | "route";
}

/** Networks of private use: https://www.rfc-editor.org/rfc/rfc1918 */
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** VirtualBox's host-only networks are the clusters' own; its driver compares with them by itself. */
const isHostOnly = (name: string): boolean => /^vboxnet\d+$|^VirtualBox Host-Only/.test(name);

/** `/proc/net/route`: addresses as hexadecimal numbers, the lowest byte first. */
export function parseRoutes(table: string): HostNetwork[] {
  const quad = (hex: string): string =>
    (hex.match(/../g) ?? [])
      .reverse()
      .map((byte) => Number.parseInt(byte, 16))
      .join(".");
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length > 7)
    .map(([name = "", to = "", , , , , , mask = ""]) => ({
      name,
      cidr: parseCidr(`${quad(to)}/${prefixOf(quad(mask))}`),
      kind: "route" as const,
    }));
}

function routes(): HostNetwork[] {
  try {
    return parseRoutes(readFileSync("/proc/net/route", "utf8"));
  } catch {
    // Only Linux has it.
    return [];
  }
}

/** Those of this host now, but for VirtualBox's. */
export function hostNetworks(): HostNetwork[] {
  const own = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ family }) => family === "IPv4")
      .map(({ address, netmask }) => ({
        name,
        cidr: parseCidr(`${address}/${prefixOf(netmask)}`),
        kind: "address" as const,
      })),
  );
  return [...own, ...routes()].filter(({ name }) => !isHostOnly(name));
}

const shown = (cidr: Cidr): string => `${addressAt(cidr, 0)}/${cidr.prefix}`;

/** A network beside those that there are, for advice. */
function freeSubnet(networks: readonly HostNetwork[]): string {
  const all = Array.from({ length: 255 }, (_, index) => `192.168.${(56 + index) % 256}.0/24`);
  const free = all.find((one) =>
    networks.every(({ cidr }) => cidr.prefix < 8 || !overlap(parseCidr(one), cidr)),
  );
  return free ?? "172.30.56.0/24";
}

/**
 * Checks the network of a cluster that is to be made.
 *
 * @param networks those of this host
 * @returns a warning, if a route of the host to a network of many leads there too
 * @throws UserError if it is not a private one, or the host's own
 */
export function checkSubnet(
  name: string,
  subnet: string,
  networks: readonly HostNetwork[],
): string | undefined {
  const own = parseCidr(subnet);
  if (!privateRanges.some((range) => includes(parseCidr(range), own)))
    throw new UserError(
      `machine "${name}": subnet: "${subnet}" is not a private network`,
      "its addresses are others' on the Internet",
      `it must be in ${privateRanges.join(", ")}, such as ${freeSubnet(networks)}`,
    );
  // Default routes are everybody's, also those in two halves of some VPNs.
  const met = networks.filter(({ cidr }) => cidr.prefix >= 8 && overlap(cidr, own));
  const taken = met.find(({ kind, cidr }) => kind === "address" || includes(own, cidr));
  if (taken !== undefined)
    throw new UserError(
      `machine "${name}": subnet: "${subnet}" overlaps ${shown(taken.cidr)}, ${taken.kind === "address" ? "a network" : "a route"} of this host (${taken.name})`,
      "nodes and host could not tell the two networks apart",
      `choose another subnet, such as ${freeSubnet(networks)}`,
    );
  const [wide] = met;
  return (
    wide &&
    `subnet: "${subnet}" is a part of ${shown(wide.cidr)}, to which this host has a route (${wide.name}): nodes reach nobody else there`
  );
}
