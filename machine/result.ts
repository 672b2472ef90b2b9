import { machineFiles } from "./paths";
import { sshPort } from "./readSpec";
import type { MachineSpec } from "./spec";
import { sshUser } from "./ssh/config";
import type { MachineRecord } from "./store";

/**
 * What `machine apply` prints on standard output, one line of JSON with the keys in this order.
 * No secret is in it: keys are files, named here.
 */
export interface MachineResult {
  readonly name: string;
  readonly driver: string;
  /** Address at which this host reaches the machine: a loopback address of its own under QEMU. */
  readonly address: string;
  readonly sshPort: number;
  readonly sshUser: string;
  /** Address on the cluster's private network: swarm advertises this one. */
  readonly privateAddress: string;
  /** The guest's SSH host key, `ssh-ed25519 AAAA…`, made by us and pinned. */
  readonly hostKey: string;
  /** Private key file for SSH, mode 0600. */
  readonly identityFile: string;
  /** OpenSSH client configuration with one `Host <name>`: `ssh -F <sshConfig> <name>` logs in. */
  readonly sshConfig: string;
  /** Changes when the machine is made anew, and only then. */
  readonly machineId: string;
}

/** What `machine status` prints of one machine. */
export interface MachineStatus {
  /** `ok`, or what `apply` has to repair, or had to; see condition.ts. */
  readonly condition: string;
  /** What `apply` will print; absent if it will be another machine than the one that is there now, or there is none. */
  readonly machine?: MachineResult;
  /** What the machine has in the fields of `ignoreChanges`; absent if there are none. */
  readonly kept?: Partial<MachineSpec>;
}

export function machineResult(machine: MachineRecord): MachineResult {
  const { spec, network } = machine;
  const files = machineFiles(spec.name);
  return {
    name: spec.name,
    driver: spec.driver,
    address: network.address,
    sshPort,
    sshUser,
    privateAddress: network.privateAddress,
    hostKey: machine.hostKey,
    identityFile: files.identity,
    sshConfig: files.sshConfig,
    machineId: machine.machineId,
  };
}
