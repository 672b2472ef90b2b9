/** Which VirtualBox network carries the private network of a cluster. Pure: what the host has comes in as values. */
import { addressAt, type Cidr, netmaskOf, overlap, parseCidr, prefixOf } from "../../addresses";
import { isAllowed } from "./networksConf";

/** A host-only interface (`list hostonlyifs`) or, on macOS from 7.0 on, a host-only network (`list hostonlynets`). */
export interface HostOnly {
  readonly name: string;
  /** The host's address on it; `0.0.0.0` while it has none. */
  readonly address: string;
  readonly netmask: string;
}

/** A network interface of the host with one of its IPv4 addresses. */
export interface HostLink {
  readonly name: string;
  readonly address: string;
  readonly netmask: string;
}

export interface HostNetworks {
  readonly hostOnly: readonly HostOnly[];
  readonly links: readonly HostLink[];
  /** Ranges that VirtualBox allows; undefined: all. */
  readonly allowed: readonly Cidr[] | undefined;
}

export type NetworkChoice =
  | { readonly kind: "use"; readonly name: string }
  /** The host gets `address`. */
  | { readonly kind: "create"; readonly address: string; readonly netmask: string }
  | { readonly kind: "internal"; readonly reason: string }
  | { readonly kind: "collision"; readonly with: string };

const cidrOf = ({ address, netmask }: HostLink | HostOnly): Cidr =>
  parseCidr(`${address}/${prefixOf(netmask)}`);

const hasAddress = ({ address }: HostOnly): boolean =>
  /^\d+\.\d+\.\d+\.\d+$/.test(address) && address !== "0.0.0.0";

/**
 * A host-only network that has exactly this range is used, so there are never two of one range (docker/machine#3584); one is
 * made if the range is free and allowed. The host's own side of a host-only network is no collision (docker/machine#3596).
 */
export function chooseNetwork(subnet: string, host: HostNetworks): NetworkChoice {
  const range = parseCidr(subnet);
  const configured = host.hostOnly.filter(hasAddress);
  const near = configured.filter((one) => overlap(cidrOf(one), range));
  const same = near.find((one) => cidrOf(one).base === range.base && cidrOf(one).prefix === range.prefix);
  if (same !== undefined) return { kind: "use", name: same.name };
  const [other] = near;
  if (other !== undefined) {
    return {
      kind: "collision",
      with: `VirtualBox's ${other.name} (${other.address}/${prefixOf(other.netmask)})`,
    };
  }
  const ours = (link: HostLink): boolean =>
    host.hostOnly.some((one) => one.name === link.name || one.address === link.address);
  const link = host.links.find((one) => !ours(one) && overlap(cidrOf(one), range));
  if (link !== undefined) {
    return { kind: "collision", with: `${link.name} (${link.address}/${prefixOf(link.netmask)})` };
  }
  if (!isAllowed(range, host.allowed)) {
    return {
      kind: "internal",
      reason: `VirtualBox allows no host-only network ${subnet} (/etc/vbox/networks.conf)`,
    };
  }
  return { kind: "create", address: addressAt(range, 1), netmask: netmaskOf(range) };
}
