/**
 * Which ranges a host-only network may have. From 6.1.28 on VirtualBox for Linux, macOS and Solaris refuses all but those in
 * /etc/vbox/networks.conf; without that file, all but 192.168.56.0/21 (manual, "Host-Only Networking").
 */
import { readFileSync } from "node:fs";
import { type Cidr, includes, parseCidr } from "../../addresses";

const networksConf = "/etc/vbox/networks.conf";

const standard = parseCidr("192.168.56.0/21");

/** Lines `* 10.0.0.0/8 192.168.0.0/16 2001::/64`; a line without the star, or with nothing after it, allows nothing. IPv6 is passed over. */
export function parseNetworksConf(text: string): Cidr[] {
  return text
    .split("\n")
    .map((line) => /^\s*\*\s+([^#]*)/.exec(line)?.[1] ?? "")
    .flatMap((line) => line.trim().split(/\s+/))
    .filter((word) => /^\d+\.\d+\.\d+\.\d+\/\d+$/.test(word))
    .map(parseCidr);
}

/** Undefined where every range is allowed: on Windows. */
export function allowedRanges(platform = process.platform, file = networksConf): Cidr[] | undefined {
  if (platform === "win32") return undefined;
  try {
    return parseNetworksConf(readFileSync(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [standard];
    throw error;
  }
}

export const isAllowed = (subnet: Cidr, ranges: readonly Cidr[] | undefined): boolean =>
  ranges === undefined || ranges.some((range) => includes(range, subnet));
