import { UserError } from "../../host/userError";
import { machineNamed } from "../../machine/power";
import { listMachines, type MachineRecord } from "../../machine/store";
import { errorText } from "../fail";

/** The machines of these names, each once. @throws UserError naming all that there are not, before anything is done to one */
export function machinesNamed(names: readonly string[]): MachineRecord[] {
  const known = new Set(listMachines().map(({ spec }) => spec.name));
  const wanted = [...new Set(names)];
  const unknown = wanted.filter((name) => !known.has(name));
  const [first = "", ...more] = unknown;
  if (more.length > 0) {
    throw new UserError(
      `there are no machines ${unknown.map((name) => JSON.stringify(name)).join(", ")}`,
      known.size === 0 ? undefined : `there are: ${[...known].join(", ")}`,
      "vmcluster machine ls shows them",
    );
  }
  if (unknown.length > 0) machineNamed(first);
  return wanted.map(machineNamed);
}

/**
 * Does something to several machines at the same time. One that fails does not stop the others; each failure is told with its
 * machine's name and makes the command end with 1.
 */
export async function each(
  names: readonly string[],
  action: (name: string) => Promise<unknown>,
): Promise<void> {
  const wanted = [...new Set(names)];
  const results = await Promise.allSettled(wanted.map(action));
  for (const [index, result] of results.entries()) {
    if (result.status === "fulfilled") continue;
    if (wanted.length === 1) throw result.reason;
    process.stderr.write(`${wanted[index]}: ${errorText(result.reason)}\n`);
    process.exitCode = 1;
  }
}

/** The same to machines that must all be there. @throws UserError as {@link machinesNamed} does, before the first is touched */
export async function eachMachine(
  names: readonly string[],
  action: (name: string) => Promise<unknown>,
): Promise<void> {
  machinesNamed(names);
  await each(names, action);
}
