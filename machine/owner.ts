import { UserError } from "../host/userError";
import type { MachineSpec } from "./spec";
import type { MachineRecord } from "./store";

/** Whether a machine is the one that a spec means: of the same cluster, and of the same program or person. */
export const isOwn = (spec: MachineSpec, record: MachineRecord): boolean =>
  record.spec.cluster === spec.cluster && record.spec.owner === spec.owner;

/** Who made it, in words. */
export const ownerOf = ({ spec: { owner } }: Pick<MachineRecord, "spec">): string =>
  owner === undefined ? "it was made by hand (vmcluster machine create)" : `it belongs to the stack ${owner}`;

/**
 * A program never changes or removes by accident what somebody else made.
 *
 * @param adopt the spec's program takes the machine over
 * @throws UserError if another program, a person, or another cluster has the name in this home
 */
export function checkOwner(spec: MachineSpec, record: MachineRecord | undefined, adopt: boolean): void {
  if (record === undefined || isOwn(spec, record)) return;
  const { name, cluster } = record.spec;
  if (cluster === spec.cluster && adopt) return;
  throw new UserError(
    `machine "${name}": the name is taken`,
    cluster === spec.cluster
      ? `${ownerOf(record)}`
      : `a machine of cluster "${cluster}" has it in this VMCLUSTER_HOME; ${ownerOf(record)}`,
    spec.owner !== undefined && cluster === spec.cluster
      ? "choose another name, or take that machine over: adopt: true"
      : `choose another name${adopt ? `, or say clusterName: "${cluster}" to take it over` : ""}, or remove that machine: vmcluster machine rm ${name}`,
  );
}
