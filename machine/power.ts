import { withLock } from "../host/lock";
import { UserError } from "../host/userError";
import { type Driver, isOff } from "./driver";
import { driverOf } from "./drivers";
import { inGuest, waitForDocker } from "./guest";
import { machineFiles, machineLock } from "./paths";
import type { Progress } from "./progress";
import { isMachineName } from "./spec";
import { closeConnection } from "./ssh/config";
import { openSession, sshTarget } from "./ssh/session";
import { listMachines, type MachineRecord, readMachine, writeMachine } from "./store";
import { tellSwarmTrouble } from "./swarm/trouble";
import { waitUntilUp } from "./wait";

const shutdownMs = 120_000;
/** An existing host is up already. */
const hostMs = 60_000;

/** The machine of this name. @throws UserError if there is none */
export function machineNamed(name: string): MachineRecord {
  const machine = isMachineName(name) ? readMachine(name) : undefined;
  if (machine === undefined) {
    const known = listMachines().map(({ spec }) => spec.name);
    throw new UserError(
      `there is no machine ${JSON.stringify(name)}`,
      known.length === 0 ? undefined : `there are: ${known.join(", ")}`,
      "vmcluster machine ls shows them",
    );
  }
  return machine;
}

async function stopsByItself(machine: MachineRecord, driver: Driver): Promise<boolean> {
  try {
    const session = await openSession(sshTarget(machine), AbortSignal.timeout(30_000));
    // The answer may be lost with the connection.
    await inGuest(session, "systemctl poweroff --no-wall --no-block").catch(() => undefined);
    session.dispose();
  } catch {
    return false;
  }
  const end = Date.now() + shutdownMs;
  while (Date.now() < end) {
    if (isOff(await driver.state(machine.spec.name))) return true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
}

/** Shuts the guest down, or pulls the plug if it does not answer. The caller holds the machine's lock. */
export async function shutDown(machine: MachineRecord, driver: Driver, progress: Progress): Promise<void> {
  const { name } = machine.spec;
  const state = await driver.state(name);
  if (isOff(state)) return;
  progress("shutting down");
  await closeConnection(name, machineFiles(name));
  if (state === "paused" || !(await stopsByItself(machine, driver)))
    progress("it does not shut down by itself: stopping it");
  await driver.stop(name);
}

/** Starts it and waits until its Docker answers; the record then says so. The caller holds the machine's lock. */
export async function startUp(machine: MachineRecord, driver: Driver, progress: Progress): Promise<void> {
  await driver.start(machine);
  const session =
    machine.host === undefined
      ? await waitUntilUp(machine, driver, progress)
      : await openSession(sshTarget(machine), AbortSignal.timeout(hostMs));
  try {
    if (machine.host !== undefined) await waitForDocker(session, hostMs, progress);
    if (machine.swarm ?? machine.member) await tellSwarmTrouble(session, progress);
  } finally {
    session.dispose();
  }
  if (machine.host !== undefined) return;
  const answered = (await driver.hardware(machine.spec.name))?.instance;
  writeMachine({ ...machine, phase: "ready", answered });
}

async function change(
  name: string,
  progress: Progress,
  action: (machine: MachineRecord, driver: Driver) => Promise<void>,
): Promise<void> {
  machineNamed(name);
  await withLock(
    machineLock(name),
    () => progress(`waiting for another command that works on ${name}`),
    async () => {
      const machine = machineNamed(name);
      const driver = driverOf(machine.spec.driver, progress);
      await driver.preflight();
      await action(machine, driver);
    },
  );
}

/** `machine start`: on a machine that is up it only sees that its Docker answers. */
export async function startMachine(name: string, progress: Progress): Promise<void> {
  await change(name, progress, (machine, driver) => startUp(machine, driver, progress));
}

/** `machine stop`: shuts the guest down; with `force` at once. Nothing to do on a stopped machine. */
export async function stopMachine(name: string, force: boolean, progress: Progress): Promise<void> {
  await change(name, progress, async (machine, driver) => {
    if (force || machine.spec.driver === "generic") {
      await closeConnection(name, machineFiles(name));
      await driver.stop(name);
    } else await shutDown(machine, driver, progress);
  });
}

/** `machine restart`. */
export async function restartMachine(name: string, force: boolean, progress: Progress): Promise<void> {
  if (machineNamed(name).spec.driver === "generic") {
    await change(name, progress, async (machine, driver) => driver.restart?.(machine));
    return;
  }
  await stopMachine(name, force, progress);
  await startMachine(name, progress);
}
