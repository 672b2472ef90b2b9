/** Which addresses are in which networks, IPv4 and IPv6. */
import { BlockList, isIPv6 } from "node:net";
import { contains, parseCidr } from "../../machine/addresses";

const family = (address: string): "ipv4" | "ipv6" => (isIPv6(address) ? "ipv6" : "ipv4");

function parts(cidr: string): { base: string; prefix: number } {
  const [base = "", prefix] = cidr.split("/");
  return { base, prefix: Number(prefix) };
}

function inNetwork(cidr: string, address: string): boolean {
  const { base, prefix } = parts(cidr);
  if (family(base) !== family(address)) return false;
  const list = new BlockList();
  list.addSubnet(base, prefix, family(base));
  return list.check(address, family(address));
}

/** Whether they have an address in common. */
export const overlapping = (one: string, other: string): boolean =>
  inNetwork(one, parts(other).base) || inNetwork(other, parts(one).base);

/** The fields of a subnet as `OverlayNetwork` has them. */
export interface Subnet {
  readonly subnet?: string | undefined;
  readonly gateway?: string | undefined;
  readonly ipRange?: string | undefined;
}

/** What Docker refuses of a subnet, or never gives to a task: the field and what is wrong. */
export function subnetError({ subnet, gateway, ipRange }: Subnet): readonly [string, string] | undefined {
  if (subnet === undefined)
    return gateway === undefined && ipRange === undefined
      ? undefined
      : ["subnet", "must be given with gateway and ipRange"];
  if (gateway !== undefined && !isHostOf(subnet, gateway))
    return ["gateway", `must be an address for a host in the subnet ${subnet}`];
  if (
    ipRange !== undefined &&
    (!inNetwork(subnet, parts(ipRange).base) || parts(ipRange).prefix < parts(subnet).prefix)
  )
    return ["ipRange", `must be a part of the subnet ${subnet}`];
  return undefined;
}

/** The first and the last address of an IPv4 network are no host's; the swarm leaves tasks on such a network at "new" for ever. */
function isHostOf(subnet: string, address: string): boolean {
  const { base, prefix } = parts(subnet);
  return inNetwork(subnet, address) && (isIPv6(base) || prefix > 30 || contains(parseCidr(subnet), address));
}
