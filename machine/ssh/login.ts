import { machineFiles } from "../paths";
import type { MachineRecord } from "../store";

/** How a machine is logged in to. */
export interface Login {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Private key file. */
  readonly identity: string;
}

/** The node image's user; only the machine's own key logs in. An existing host has its own users, and theirs is the key. */
export function loginOf({ spec, network, host }: Pick<MachineRecord, "spec" | "network" | "host">): Login {
  return {
    address: network.address,
    port: network.sshPort,
    user: host?.sshUser ?? "root",
    identity: host?.identity ?? machineFiles(spec.name).identity,
  };
}
