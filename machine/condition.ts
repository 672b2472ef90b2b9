/** Tells how a machine differs from its spec, in the words of docs/internals.md. Pure: what was seen comes in as values. */
import type { MachineState, RunningHardware } from "./driver";
import type { MachineSpec } from "./spec";
import type { MachineRecord, Tombstone } from "./store";

/** A machine as it should be, or one that was never made. */
export const ok = "ok";

/** What is seen of a machine from the host. */
export interface Seen {
  readonly record: MachineRecord | undefined;
  readonly tombstone: Tombstone | undefined;
  readonly state: MachineState;
  readonly hardware: RunningHardware | undefined;
}

const sorted = (values: readonly (string | number)[]): string => [...values].map(String).sort().join(" ");

const privateNetworkWords = {
  open: "private network open to other users of this host (a restart closes it)",
  down: "private network down",
};

/** Each difference that `apply` puts right, `memory 512, wanted 1024`; none if the machine is as the spec says. */
export function differences(
  spec: MachineSpec,
  record: MachineRecord,
  seen: Omit<Seen, "record" | "tombstone">,
): string[] {
  if (record.phase === "creating") return ["not finished"];
  if (seen.state === "absent") return ["disk gone"];
  const found: string[] = [];
  if (seen.state !== "running") found.push(seen.state);
  if (record.drained !== undefined) found.push("drained by a restart that did not end");
  const was = { ...record.spec, ...seen.hardware };
  if (was.cpus !== spec.cpus) found.push(`cpus ${was.cpus}, wanted ${spec.cpus}`);
  if (was.memory !== spec.memory) found.push(`memory ${was.memory}, wanted ${spec.memory}`);
  if (was.disk < spec.disk) found.push(`disk ${was.disk}, wanted ${spec.disk}`);
  if (sorted(was.ports) !== sorted(spec.ports)) {
    found.push(`ports ${sorted(was.ports) || "none"}, wanted ${sorted(spec.ports) || "none"}`);
  }
  if (seen.hardware?.privateNetwork !== undefined)
    found.push(privateNetworkWords[seen.hardware.privateNetwork]);
  if (spec.privateAddress !== undefined && spec.privateAddress !== record.network.privateAddress) {
    found.push(`private address ${record.network.privateAddress}, wanted ${spec.privateAddress}`);
  }
  const missing = spec.images.filter((image) => !record.images.includes(image));
  if (missing.length > 0) found.push(`without image ${missing.join(", ")}`);
  return found;
}

/** Whether the machine that is there will be the one after `apply`, and so with the same addresses, keys and disk. */
export function keeps(spec: MachineSpec, record: MachineRecord, { state }: Pick<Seen, "state">): boolean {
  const { network, phase, spec: made } = record;
  return (
    phase === "ready" &&
    state !== "absent" &&
    spec.driver === made.driver &&
    spec.host === made.host &&
    spec.sshPort === made.sshPort &&
    spec.image === made.image &&
    spec.subnet === made.subnet &&
    (spec.privateAddress ?? network.privateAddress) === network.privateAddress
  );
}

/** How many repairs a recorded condition counts. */
const repairs = (condition: string): number => Number(/^repair (\d+): /.exec(condition)?.[1] ?? 0);

/** The recorded condition if nothing is to be repaired, else the next repair, which names the differences. */
export const nextCondition = (recorded: string, found: readonly string[]): string =>
  found.length === 0 ? recorded : `repair ${repairs(recorded) + 1}: ${found.join("; ")}`;

/**
 * The condition of a machine: the recorded one while it is right, else the next repair. So it stays the same from
 * `status` to `status` until `apply` has repaired the machine and recorded it, and after that too.
 */
export function conditionOf(spec: MachineSpec, seen: Seen): string {
  if (seen.record === undefined) {
    return seen.tombstone?.cluster === spec.cluster ? nextCondition(seen.tombstone.condition, ["gone"]) : ok;
  }
  return nextCondition(seen.record.condition, differences(spec, seen.record, seen));
}
