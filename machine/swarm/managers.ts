/** Asking the managers of a cluster's swarm, over SSH; whichever of them answers. */
import { setTimeout as delay } from "node:timers/promises";
import type { NodeSSH } from "node-ssh";
import { z } from "zod";
import { shellWord } from "../../host/shellWord";
import { driverOf } from "../drivers";
import { inGuest } from "../guest";
import { type Progress, waiting } from "../progress";
import { openSession, sshTarget } from "../ssh/session";
import { listMachines, type MachineRecord } from "../store";
import { unlockSwarm } from "./unlock";

/** How long a running machine may take to let us in, and its tasks to end: Docker gives them 10 s unless told otherwise. */
const loginMs = 60_000;
export const drainSeconds = 120;

/** A manager that has just come up refuses for a while ("update out of sequence", "no leader"). */
const usualTries = 15;
const pauseMs = 2000;

const swarmInfo = z.object({
  NodeID: z.string().min(1),
  LocalNodeState: z.literal("active"),
  ControlAvailable: z.boolean(),
});

const lockedInfo = z.object({ LocalNodeState: z.literal("locked") });

export type SwarmInfo = z.infer<typeof swarmInfo>;

/** Undefined if the node is in no swarm, or not active in it. A locked one is unlocked before, if its key is known. */
export async function swarmInfoOf(
  session: NodeSSH,
  machine: MachineRecord,
  progress: Progress = () => undefined,
): Promise<SwarmInfo | undefined> {
  const ask = async (): Promise<unknown> =>
    JSON.parse(await inGuest(session, "docker info --format '{{json .Swarm}}'"));
  try {
    let state = await ask();
    if (lockedInfo.safeParse(state).success) {
      await unlockSwarm(machine, session, progress);
      state = await ask();
    }
    return swarmInfo.safeParse(state).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Undefined if the machine does not run or lets nobody in. */
export async function login(machine: MachineRecord): Promise<NodeSSH | undefined> {
  const { driver, name } = machine.spec;
  if ((await driverOf(driver).state(name)) !== "running") return undefined;
  return openSession(sshTarget(machine), AbortSignal.timeout(loginMs)).catch(() => undefined);
}

/** The machine and the others of its cluster. */
export function clusterOf(machine: MachineRecord): MachineRecord[] {
  const { name, cluster } = machine.spec;
  const others = listMachines().filter(
    ({ spec, phase }) => phase === "ready" && spec.cluster === cluster && spec.name !== name,
  );
  return [machine, ...others];
}

/**
 * Runs `action` on the first of the machines that manages a swarm, one that knows the node if there is a `nodeId`.
 *
 * @throws Error with the reason if none does it
 */
export async function askManager<T>(
  machines: readonly MachineRecord[],
  nodeId: string | undefined,
  action: (session: NodeSSH, manager: MachineRecord) => Promise<T>,
  tries = usualTries,
): Promise<T> {
  let reason = "no manager of its swarm answers";
  for (let attempt = 1; ; attempt++) {
    for (const member of machines) {
      const session = await login(member);
      try {
        if (session === undefined || !(await swarmInfoOf(session, member))?.ControlAvailable) continue;
        if (nodeId !== undefined) await inGuest(session, `docker node inspect ${shellWord(nodeId)}`);
        return await action(session, member);
      } catch (error) {
        reason = (error as Error).message.trim().split("\n").at(-1) ?? reason;
      } finally {
        session?.dispose();
      }
    }
    if (attempt === tries) throw new Error(reason);
    await delay(pauseMs);
  }
}

/** Waits until the drained node runs no task any more, two minutes at most. */
export async function tasksMoved(machine: MachineRecord, progress: Progress): Promise<void> {
  const session = await login(machine);
  const tasks = "docker ps -q --filter label=com.docker.swarm.task";
  const wait = `i=0; while [ -n "$(${tasks})" ] && [ $i -lt ${drainSeconds} ]; do i=$((i+1)); sleep 1; done`;
  if (session !== undefined) {
    const moved = inGuest(session, wait).catch(() => undefined);
    await waiting("waiting for its tasks to move", progress, moved);
  }
  session?.dispose();
}
