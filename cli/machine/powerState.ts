import { driverOf } from "../../machine/drivers";
import { machinesNamed } from "./each";

/** `machine status NAME…` for people: the state; with several names, each with its name. */
export async function powerStates(names: readonly string[]): Promise<string> {
  const lines = machinesNamed(names).map(async ({ spec }) => {
    const state = await driverOf(spec.driver).state(spec.name);
    return names.length > 1 ? `${spec.name} ${state}` : state;
  });
  return (await Promise.all(lines)).join("\n");
}
