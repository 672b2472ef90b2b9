/** A machine's place in its cluster's swarm, as its record notes it. */
import { isDeepStrictEqual } from "node:util";
import { withLock } from "../../host/lock";
import { machineLock } from "../paths";
import { writeSwarmConfig } from "../ssh/swarmConfig";
import { type MachineRecord, readMachine, type SwarmPlace, writeMachine } from "../store";

/** Notes in a machine's record what it is in its swarm, and so by which machines the swarm is reached. */
export async function notePlace({ spec }: MachineRecord, place: SwarmPlace): Promise<void> {
  await withLock(
    machineLock(spec.name),
    () => undefined,
    async () => {
      const record = readMachine(spec.name);
      const swarm = { ...(record?.swarm?.founder === place.founder ? record.swarm : {}), ...place };
      if (record && !isDeepStrictEqual(record.swarm, swarm)) writeMachine({ ...record, swarm });
    },
  );
  await writeSwarmConfig(spec.cluster);
}

/** Of the machine's swarm; machines of older versions have no note, and made their swarm themselves. */
export const founderOf = (machine: MachineRecord): string => machine.swarm?.founder ?? machine.machineId;
