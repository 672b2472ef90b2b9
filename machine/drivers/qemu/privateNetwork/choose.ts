/** Which private network a machine is started with, and what is wrong with the one that it has. */

import { machinesDir } from "../../../../host/home";
import { isLocked } from "../../../../host/lock";
import { run } from "../../../../host/run";
import { ensurePrivateFolder } from "../../../../host/socketFolder";
import { UserError } from "../../../../host/userError";
import type { MachineRecord } from "../../../store";
import type { PrivateLink } from "../arguments";
import { keyIn, linkOf, linksFolder, switchLock } from "./links";
import { joins } from "./olderMachines";

const variable = "VMCLUSTER_PRIVATE_NETWORK";

/** The user's choice, for a QEMU that is too old for anything else. */
function onMulticast(): boolean {
  const value = process.env[variable];
  if (value === undefined || value === "" || value === "multicast") return value === "multicast";
  throw new UserError(
    `${variable}: "${value}"`,
    "must be multicast, or unset for a network of this user's alone",
  );
}

let streams: Promise<boolean> | undefined;

/** Asked of QEMU itself rather than by its version: 7.2 and later have it. */
const hasStreams = (): Promise<boolean> =>
  (streams ??= run("qemu-system-x86_64", ["-netdev", "help"], { timeoutMs: 30_000 }).then(
    ({ stdout }) => /^stream$/m.test(stdout),
    () => true,
  ));

/** @throws UserError if this host's QEMU cannot keep the private network from other users */
export async function requirePrivateNetwork(): Promise<void> {
  if (onMulticast() || (await hasStreams())) return;
  throw new UserError(
    "the qemu driver needs QEMU 7.2 or later",
    "an older one has no private network that other users of this host cannot join (-netdev stream)",
    `install a newer one; or, if nobody else uses this host, set ${variable}=multicast`,
  );
}

/** What the machine's card is connected to when it is started now. */
export async function linkFor({ spec, network }: MachineRecord): Promise<PrivateLink> {
  await requirePrivateNetwork();
  if (onMulticast()) return { multicast: network.multicast };
  if (linksFolder() !== machinesDir()) ensurePrivateFolder(linksFolder());
  return { socket: linkOf(spec.cluster, spec.name) };
}

/** @param args command line of the machine's QEMU */
export async function networkTrouble(args: readonly string[]): Promise<"open" | "down" | undefined> {
  if (joins(args)) return onMulticast() ? undefined : "open";
  const key = keyIn(args);
  if (key === undefined) return undefined;
  return (await isLocked(switchLock(key))) ? undefined : "down";
}
