import { driverOf } from "../../machine/drivers";
import { machinesNamed } from "./each";

/** `machine status NAME…` for people: the state; with several names, each with its name. */
export function powerStates(names: readonly string[]): string {
  return machinesNamed(names)
    .map(({ spec }) => ({ name: spec.name, state: driverOf(spec.driver).state(spec.name) }))
    .map(({ name, state }) => (names.length > 1 ? `${name} ${state}` : state))
    .join("\n");
}
