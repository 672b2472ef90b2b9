import type { Progress } from "../../progress";
import { sshTarget } from "../../ssh/session";
import { listMachines, type MachineRecord } from "../../store";
import { knownHostMs, logIn } from "./login";
import { type Blocked, blockedError, blockedFrom, judge, minorText, type Peer } from "./ports";

/** The cluster's existing hosts that are ready: those that a new one must reach. */
const readyPeers = ({ spec }: MachineRecord): MachineRecord[] =>
  listMachines().filter(
    (other) =>
      other.spec.driver === "generic" &&
      other.spec.cluster === spec.cluster &&
      other.spec.name !== spec.name &&
      other.phase === "ready",
  );

async function logInTo(machine: MachineRecord, progress: Progress): Promise<Peer | undefined> {
  const { name } = machine.spec;
  try {
    const { session } = await logIn(name, sshTarget(machine), {
      pinned: machine.hostKey,
      patienceMs: knownHostMs,
      progress: () => undefined,
    });
    return { name, privateAddress: machine.network.privateAddress, session };
  } catch (error) {
    progress(`the ports between it and ${name} are not checked: ${(error as Error).message.split("\n")[0]}`);
    return undefined;
  }
}

/**
 * Checks that the swarm's ports pass between a new node and those of its cluster, in both directions. What cannot be found out
 * is told and no error.
 *
 * @throws UserError naming the ports that do not pass
 */
export async function checkPeers(
  machine: MachineRecord,
  session: Peer["session"],
  progress: Progress,
): Promise<void> {
  const own: Peer = {
    name: machine.spec.name,
    privateAddress: machine.network.privateAddress,
    session,
  };
  const wrong: Blocked[] = [];
  for (const record of readyPeers(machine)) {
    const peer = await logInTo(record, progress);
    if (peer === undefined) continue;
    try {
      progress(`checking the swarm's ports between it and ${peer.name}`);
      const found: Blocked[] = [];
      for (const [from, to] of [
        [own, peer],
        [peer, own],
      ] as const) {
        const ports = await blockedFrom(from, to);
        if (ports === undefined)
          progress(
            `they cannot be checked: ${to.name} has neither perl nor python3, or ${from.name} no bash`,
          );
        found.push({ from: from.name, to: to.name, address: to.privateAddress, ports: ports ?? [] });
      }
      const judged = judge(found);
      for (const one of judged.minor) progress(minorText(one));
      wrong.push(...judged.wrong);
    } finally {
      peer.session.dispose();
    }
  }
  if (wrong.length > 0) throw blockedError(machine.spec.name, wrong);
}
