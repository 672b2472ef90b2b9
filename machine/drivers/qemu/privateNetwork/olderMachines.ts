/** Machines that were started by an earlier version, or with VMCLUSTER_PRIVATE_NETWORK=multicast. */
import { readdirSync, readFileSync } from "node:fs";

/** Whether a QEMU is on this group, as its command line says. */
export const joins = (args: readonly string[], group = ""): boolean =>
  args.some((arg) => arg.startsWith("socket,id=private,") && arg.includes(`,mcast=${group}`));

/** Whether any process of this host is. */
export function onMulticast(group: string): boolean {
  return readdirSync("/proc").some((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      const line = readFileSync(`/proc/${entry}/cmdline`, "utf8");
      return line.includes("qemu") && joins(line.split("\0"), group);
    } catch {
      return false;
    }
  });
}
