/** What VirtualBox knows of one machine, found by its UUID: that is our machine id, recorded before anything is made. */
import { setTimeout as delay } from "node:timers/promises";
import { isOff, type MachineState, type RunningHardware } from "../../driver";
import { isNotFound, VBoxManageError } from "./failure";
import { manage } from "./manage";
import { parseMachineReadable } from "./output";
import type { PrivateLink } from "./privateNetwork";

export type VmInfo = ReadonlyMap<string, string>;

/** Of a machine that ends just now VirtualBox fails to tell one thing or another: it is asked again. */
const tries = 4;
const pauseMs = 1000;

/** Undefined if VirtualBox does not know it. */
export async function vmInfo(uuid: string): Promise<VmInfo | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      return parseMachineReadable(await manage(["showvminfo", uuid, "--machinereadable"]));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      if (!(error instanceof VBoxManageError) || attempt === tries) throw error;
      await delay(attempt * pauseMs);
    }
  }
}

/** States without a process (manual, `IMachine::state`); in all others there is one. */
const off = ["poweroff", "aborted", "saved", "aborted-saved", "teleported"];

/** The guest goes no further; from the second it cannot, and has to be powered off. */
const halted = ["paused", "gurumeditation"];

/** A machine whose settings file is gone is known, but inaccessible: as good as absent. */
export function stateOf(info: VmInfo | undefined): MachineState {
  const state = info?.get("VMState");
  if (info === undefined || state === undefined || info.get("name") === "<inaccessible>") return "absent";
  if (off.includes(state)) return "stopped";
  return halted.includes(state) ? "paused" : "running";
}

/** The time at which it began to run tells one run from another. */
export function hardwareIn(info: VmInfo | undefined): RunningHardware | undefined {
  if (info === undefined || isOff(stateOf(info))) return undefined;
  return {
    instance: info.get("VMStateChangeTime") ?? "",
    cpus: Number(info.get("cpus")),
    memory: Number(info.get("memory")),
  };
}

/** Kind of network its second card is on; undefined if none of ours. */
export function linkKindIn(info: VmInfo | undefined): PrivateLink["kind"] | undefined {
  const kind = info?.get("nic2");
  switch (kind) {
    case "hostonly":
    case "intnet":
      return kind;
    // 7.x prints it in one of these ways.
    case "hostonlynet":
    case "hostonlynetwork":
      return "hostonlynet";
    default:
      return undefined;
  }
}
