import { UserError } from "../../host/userError";
import { driverOf } from "../../machine/drivers";
import { machineNamed } from "../../machine/power";
import type { MachineRecord } from "../../machine/store";

/** The machine of this name, which must run. @throws UserError if it does not */
export async function runningMachine(name: string): Promise<MachineRecord> {
  const machine = machineNamed(name);
  if ((await driverOf(machine.spec.driver).state(name)) === "running") return machine;
  if (machine.host !== undefined) {
    const { address, sshPort } = machine.network;
    throw new UserError(
      `machine "${name}" does not answer SSH`,
      `nothing greets at ${address}, port ${sshPort}`,
      "it is an existing host: look at it, and at the network between",
    );
  }
  throw new UserError(`machine "${name}" is not running`, undefined, `vmcluster machine start ${name}`);
}
