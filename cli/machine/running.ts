import { UserError } from "../../host/userError";
import { driverOf } from "../../machine/drivers";
import { machineNamed } from "../../machine/power";
import type { MachineRecord } from "../../machine/store";

/** The machine of this name, which must run. @throws UserError if it does not */
export async function runningMachine(name: string): Promise<MachineRecord> {
  const machine = machineNamed(name);
  const driver = driverOf(machine.spec.driver);
  if ((await driver.state(name)) === "running") return machine;
  if (machine.host !== undefined) {
    throw new UserError(
      `machine "${name}" does not answer SSH`,
      await driver.trouble(name),
      "it is an existing host: look at it, and at the network between",
    );
  }
  throw new UserError(
    `machine "${name}" is not running`,
    await driver.trouble(name),
    `vmcluster machine start ${name}`,
  );
}
