/**
 * The key of a swarm that locks its managers (`autolock`), kept for all machines of a cluster beside their private keys: a manager that
 * has restarted is let into its swarm again. https://docs.docker.com/engine/swarm/swarm_manager_locking/
 */
import type { NodeSSH } from "node-ssh";
import { keepNote, readNote } from "../clusterNote";
import { GuestError, inGuest } from "../guest";
import { clusterFiles } from "../paths";
import { type Progress, waiting } from "../progress";
import type { MachineRecord } from "../store";

export const readUnlockKey = (cluster: string): string | undefined =>
  readNote(clusterFiles(cluster).unlockKey);

/** @param key undefined: the swarm has none */
export const keepUnlockKey = (cluster: string, key: string | undefined): void =>
  keepNote(clusterFiles(cluster).unlockKey, key);

/** A manager is unlocked at once, but active only when a majority of them is: that is not waited for. */
const unlockScript = `key=$(cat)
state() { docker info --format '{{.Swarm.LocalNodeState}}'; }
[ "$(state)" = locked ] || exit 0
said=$(printf '%s\\n' "$key" | timeout 60 docker swarm unlock 2>&1)
[ "$(state)" != locked ] || { printf '%s\\n' "$said" >&2; exit 1; }
echo unlocked
`;

/** Lets the machine into its swarm if that has locked it out and its key is known here; says so if the key is another one. */
export async function unlockSwarm(
  { spec }: MachineRecord,
  session: NodeSSH,
  progress: Progress,
): Promise<void> {
  const key = readUnlockKey(spec.cluster);
  if (key === undefined) return;
  try {
    await waiting("unlocking its swarm", progress, inGuest(session, unlockScript, key));
  } catch (error) {
    const said = error instanceof GuestError ? error.output.trim() : (error as Error).message;
    progress(
      `its swarm stays locked: ${said}; unlock it with its key: vmcluster machine ssh ${spec.name} -- docker swarm unlock`,
    );
  }
}
