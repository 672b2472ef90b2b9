/** `machine trim`: what a guest no longer uses of its disk goes back to this host. */
import { statSync } from "node:fs";
import { RunError, run } from "../../host/run";
import { UserError } from "../../host/userError";
import { driverOf } from "../../machine/drivers";
import { machineFiles } from "../../machine/paths";
import { listMachines, type MachineRecord } from "../../machine/store";
import { each, machinesNamed } from "./each";
import { gib } from "./free";
import { print } from "./io";
import { runningMachine } from "./running";

/** A large disk on a busy host; usually it takes a second. */
const trimMs = 10 * 60_000;

const mib = 2 ** 20;

/** Why a machine's disk is not trimmed from here, and what helps; undefined if it can be. */
export function notTrimmed({ spec, host }: MachineRecord): { why: string; remedy: string } | undefined {
  if (host !== undefined)
    return {
      why: "it is an existing host, and its disk is not ours",
      remedy: `on it, systemctl enable --now fstrim.timer does the same each week`,
    };
  if (spec.driver === "virtualbox")
    return {
      why: "a VirtualBox disk does not give back what the guest trims",
      remedy: `"rm" and "create" it anew, or stop it and use: VBoxManage modifymedium disk ${machineFiles(spec.name).vdi} --compact (it frees only what the guest has filled with zeros)`,
    };
  return undefined;
}

/** What the file takes on this host: it has holes. */
const usedMib = (file: string): number => (statSync(file).blocks * 512) / mib;

async function trim(name: string): Promise<void> {
  const { disk, sshConfig } = machineFiles(name);
  const before = usedMib(disk);
  try {
    // What is not written yet would take its place after the trim.
    await run("ssh", ["-F", sshConfig, "--", name, "sync; fstrim /"], { timeoutMs: trimMs });
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    const late = `it did not answer within ${trimMs / 60_000} minutes`;
    throw new UserError(
      `the disk of machine "${name}" could not be trimmed`,
      error.code === undefined ? late : error.stderr.trim() || error.message,
    );
  }
  const after = usedMib(disk);
  const given = Math.max(0, Math.round(before - after));
  print(`${name}: ${gib(given)} given back; its disk takes ${gib(Math.round(after))} of this host`);
}

/** Without names, all that run and can be trimmed; of the others it says why they are not. */
export async function trimMachines(names: readonly string[]): Promise<void> {
  if (names.length > 0) {
    for (const machine of machinesNamed(names)) {
      const { name } = machine.spec;
      const reason = notTrimmed(machine);
      if (reason !== undefined)
        throw new UserError(`machine "${name}" cannot be trimmed`, reason.why, reason.remedy);
      await runningMachine(name);
    }
    await each(names, trim);
    return;
  }
  const wanted: string[] = [];
  for (const machine of listMachines()) {
    const { name, driver } = machine.spec;
    const reason = notTrimmed(machine)?.why;
    const state = reason === undefined ? await driverOf(driver).state(name) : undefined;
    if (state === "running") wanted.push(name);
    else process.stderr.write(`${name}: skipped, ${reason ?? `it is ${state}`}\n`);
  }
  await each(wanted, trim);
}
