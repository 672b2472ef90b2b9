import type { MachineRecord } from "../store";
import { sshUser } from "./config";

/**
 * What DOCKER_HOST is set to. By address, not by name: a person's own ssh configuration may have a host of the machine's name.
 */
export const sshUrl = ({ network }: MachineRecord): string =>
  `ssh://${sshUser}@${network.address}:${network.sshPort}`;
