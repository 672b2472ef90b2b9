import { isIPv6 } from "node:net";
import type { MachineRecord } from "../store";
import { loginOf } from "./login";

/**
 * What DOCKER_HOST is set to. By address, not by name: a person's own ssh configuration may have a host of the machine's name.
 */
export function sshUrl(machine: MachineRecord): string {
  const { user, address, port } = loginOf(machine);
  return `ssh://${user}@${isIPv6(address) ? `[${address}]` : address}:${port}`;
}
