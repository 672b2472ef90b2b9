import { loopbackCandidates } from "./addresses";
import { freeAddress } from "./hostPorts";
import { sshPort } from "./readSpec";
import type { MachineSpec } from "./spec";
import type { MachineRecord } from "./store";

/**
 * The loopback address at which this host will reach a new machine: none that another machine has, none on which SSH or a port
 * of the spec cannot be had.
 *
 * @throws UserError if there is none, naming what is in the way
 */
export function chooseHostAddress(spec: MachineSpec, others: readonly MachineRecord[]): Promise<string> {
  const used = new Set(others.map((other) => other.network.address));
  const candidates = [...loopbackCandidates(spec.name)].filter((address) => !used.has(address));
  return freeAddress(candidates, [sshPort, ...spec.ports], `machine "${spec.name}": `);
}
