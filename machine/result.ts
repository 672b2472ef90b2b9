import { machineFiles } from "./paths";
import type { MachineSpec } from "./spec";
import { loginOf } from "./ssh/login";
import type { MachineRecord, SwarmPlace } from "./store";

/**
 * What `machine apply` prints on standard output, one line of JSON with the keys in this order.
 * No secret is in it: keys are files, named here.
 */
export interface MachineResult {
  readonly name: string;
  readonly driver: string;
  /** Address at which this host reaches the machine: a loopback address of its own, of an existing host its own name or address. */
  readonly address: string;
  readonly sshPort: number;
  readonly sshUser: string;
  /** Address on the cluster's private network: swarm advertises this one. */
  readonly privateAddress: string;
  /** The guest's SSH host key, `ssh-ed25519 AAAA…`, pinned; made by us unless the host is an existing one. */
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
  /** Its place in the swarm of its cluster; absent if it is in none. */
  readonly swarm?: SwarmPlace;
  /** Who made the swarm, by name of each machine of its cluster that manages it and was not asked about: it may be about to go. */
  readonly otherManagers?: Readonly<Record<string, string>>;
  /** OpenSSH client configuration by which the cluster's name is a manager of its swarm: ssh/swarmConfig.ts. */
  readonly swarmSshConfig: string;
  /** The recorded condition of its cluster's swarm as a whole; absent: `ok`. */
  readonly swarmCondition?: string;
  /** What the machine has in the fields of `ignoreChanges`; absent if there are none. */
  readonly kept?: Partial<MachineSpec>;
}

export function machineResult(machine: MachineRecord): MachineResult {
  const { spec, network } = machine;
  const login = loginOf(machine);
  const files = machineFiles(spec.name);
  return {
    name: spec.name,
    driver: spec.driver,
    address: login.address,
    sshPort: login.port,
    sshUser: login.user,
    privateAddress: network.privateAddress,
    hostKey: machine.hostKey,
    identityFile: login.identity,
    sshConfig: files.sshConfig,
    machineId: machine.machineId,
  };
}
