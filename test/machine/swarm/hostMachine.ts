import { type MachineRecord, writeMachine } from "../../../machine/store";
import type { NamespaceHost } from "../../hosts/namespaceHost";
import { record, spec } from "../temporaryHome";

/** Makes a host a machine of this home, of the cluster `lab`, with what else is given. */
export function hostMachine(at: NamespaceHost, more: Partial<MachineRecord> = {}): MachineRecord {
  const { host, sshPort, sshUser, identity, hostKey } = at.login();
  const machine = record({
    spec: spec({ name: at.name, cluster: "lab", driver: "generic", host }),
    machineId: `${at.name}-id`,
    network: { ...record().network, address: host, sshPort, privateAddress: at.privateAddress },
    hostKey,
    host: { sshUser, identity, os: "", cpus: 1, memory: 1 },
    ...more,
  });
  writeMachine(machine);
  return machine;
}
