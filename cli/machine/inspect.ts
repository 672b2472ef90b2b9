import { driverOf } from "../../machine/drivers";
import { machineFiles } from "../../machine/paths";
import { machineNamed } from "../../machine/power";

/** All that is known of a machine; its keys are named, not shown. */
export function inspect(name: string): object {
  const machine = machineNamed(name);
  const driver = driverOf(machine.spec.driver);
  return { ...machine, state: driver.state(name), files: machineFiles(name) };
}
