/** A machine's place in its cluster's swarm, as its record notes it. */
import { isDeepStrictEqual } from "node:util";
import { withLock } from "../../host/lock";
import { machineLock } from "../paths";
import { writeSwarmConfig } from "../ssh/swarmConfig";
import {
  type MachineRecord,
  readMachine,
  type SwarmMembership,
  type SwarmPlace,
  writeMachine,
} from "../store";

/** Changes a machine's record, unless the machine is gone or the record is so already. */
async function note(name: string, change: (record: MachineRecord) => MachineRecord): Promise<void> {
  await withLock(
    machineLock(name),
    () => undefined,
    async () => {
      const record = readMachine(name);
      const changed = record && change(record);
      if (changed && !isDeepStrictEqual(record, changed)) writeMachine(changed);
    },
  );
}

/** Notes in a machine's record what it is in its swarm, and so by which machines the swarm is reached. */
export async function notePlace({ spec }: MachineRecord, place: SwarmPlace): Promise<void> {
  await note(spec.name, (record) => {
    const swarm = { ...(record.swarm?.founder === place.founder ? record.swarm : {}), ...place };
    return { ...record, swarm };
  });
  await writeSwarmConfig(spec.cluster);
}

/** Notes what a machine is in a swarm that was made elsewhere. @param member undefined: it has left that */
export const noteMember = (name: string, member: SwarmMembership | undefined): Promise<void> =>
  note(name, (record) => ({ ...record, member }));

/** Of the machine's swarm; machines of older versions have no note, and made their swarm themselves. */
export const founderOf = (machine: MachineRecord): string => machine.swarm?.founder ?? machine.machineId;
