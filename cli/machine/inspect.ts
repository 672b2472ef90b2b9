import { driverOf } from "../../machine/drivers";
import { machineFiles } from "../../machine/paths";
import { machineNamed } from "../../machine/power";

/** All that is known of a machine; its keys are named, not shown. */
export async function inspect(name: string): Promise<object> {
  const machine = machineNamed(name);
  const driver = driverOf(machine.spec.driver);
  return { ...machine, state: await driver.state(name), files: machineFiles(name) };
}
