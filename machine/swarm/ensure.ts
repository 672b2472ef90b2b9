/** The swarm of a cluster: found on one of its managers, or made on the first. */
import { isDeepStrictEqual } from "node:util";
import type { NodeSSH } from "node-ssh";
import { z } from "zod";
import { withLock } from "../../host/lock";
import { UserError } from "../../host/userError";
import { inGuest } from "../guest";
import { machineLock } from "../paths";
import { machineNamed } from "../power";
import type { Progress } from "../progress";
import { type MachineRecord, readMachine, type SwarmPlace, writeMachine } from "../store";
import { login, swarmInfoOf } from "./managers";
import { initScript } from "./scripts";

export const swarmQuestion = z.strictObject({
  /** Machines that manage the swarm, or are to. */
  managers: z.array(z.string()).min(1),
  /** Theirs: another one is asked again. */
  machineIds: z.array(z.string()),
});

const answer = z.object({
  ID: z.string(),
  JoinTokens: z.object({ Worker: z.string(), Manager: z.string() }),
});

/** Notes in a machine's record what it is in its swarm. */
export async function notePlace(name: string, place: SwarmPlace): Promise<void> {
  await withLock(
    machineLock(name),
    () => undefined,
    async () => {
      const record = readMachine(name);
      if (record && !isDeepStrictEqual(record.swarm, place)) writeMachine({ ...record, swarm: place });
    },
  );
}

/** Of the machine's swarm; machines of older versions have no note, and made their swarm themselves. */
export const founderOf = (machine: MachineRecord): string => machine.swarm?.founder ?? machine.machineId;

/**
 * @returns the answer of `GET /swarm`, one line of JSON: a secret, as the join tokens are in it
 * @throws UserError if the swarm does not answer
 */
export async function ensureSwarm(
  { managers }: z.infer<typeof swarmQuestion>,
  progress: Progress,
): Promise<string> {
  const records = managers.map(machineNamed);
  for (const record of records) {
    const session = await login(record);
    try {
      if (session && (await swarmInfoOf(session))?.ControlAvailable)
        return await tell(record, session, progress);
    } finally {
      session?.dispose();
    }
  }
  progress("making the swarm");
  const [first] = records as [MachineRecord, ...MachineRecord[]];
  const session = await login(first);
  if (session === undefined) throw new UserError(`machine "${first.spec.name}" does not answer`);
  try {
    return await tell(first, session, progress);
  } finally {
    session.dispose();
  }
}

async function tell(manager: MachineRecord, session: NodeSSH, progress: Progress): Promise<string> {
  const { name } = manager.spec;
  const text = (await inGuest(session, initScript, manager.network.privateAddress)).trim();
  if (!answer.safeParse(JSON.parse(text)).success)
    throw new UserError(
      `the swarm of machine "${name}" does not answer as a manager`,
      String((JSON.parse(text) as { message?: string }).message ?? text).slice(0, 300),
      "see `docker node ls` and `docker info` there: vmcluster machine ssh",
    );
  await notePlace(name, { founder: founderOf(manager), manager: true });
  progress("manages the swarm");
  return text;
}
