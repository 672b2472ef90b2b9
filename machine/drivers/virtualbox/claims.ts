/**
 * Private addresses that machines have on host-only networks, kept in VirtualBox's own global extra data: there all homes of a
 * user see them, and two clusters on one range get no address twice (docker/machine#1892).
 */
import { manage } from "./manage";
import { parseExtraData, parseVms } from "./output";

const prefix = "vmcluster/address/";

/** Machine ids by address, without those of machines that VirtualBox no longer knows. */
export async function claims(): Promise<ReadonlyMap<string, string>> {
  const data = parseExtraData(await manage(["getextradata", "global", "enumerate"]));
  const claimed = [...data].filter(([key]) => key.startsWith(prefix));
  if (claimed.length === 0) return new Map();
  const known = new Set(parseVms(await manage(["list", "vms"])).map(({ uuid }) => uuid));
  return new Map(
    claimed.filter(([, uuid]) => known.has(uuid)).map(([key, uuid]) => [key.slice(prefix.length), uuid]),
  );
}

/** Leaves the machine with just this address, or with none; a call is made only for what differs. */
async function hold(machineId: string, wanted: string | undefined): Promise<void> {
  const data = parseExtraData(await manage(["getextradata", "global", "enumerate"]));
  const key = wanted === undefined ? undefined : `${prefix}${wanted}`;
  for (const [other, uuid] of data) {
    // Without a value the key is removed.
    if (other.startsWith(prefix) && uuid === machineId && other !== key) {
      await manage(["setextradata", "global", other]);
    }
  }
  if (key !== undefined && data.get(key) !== machineId)
    await manage(["setextradata", "global", key, machineId]);
}

export const claim = (address: string, machineId: string): Promise<void> => hold(machineId, address);

/** Gives up whatever the machine has claimed. */
export const release = (machineId: string): Promise<void> => hold(machineId, undefined);
