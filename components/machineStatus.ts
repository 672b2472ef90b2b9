import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { MachineStatus } from "../machine/result";
import { machineCommand } from "./machineCommand";

type MachineStatuses = Readonly<Record<string, MachineStatus>>;

/** What `vmcluster machine status` prints: the status of each machine, or why they cannot be made here. */
type Answer = { readonly machines: MachineStatuses } | { readonly error: string };

/**
 * Asks once for all machines of a program, in previews too: the preflight of those to be made, the drift of those that are
 * there. Rejects with the preflight's own message, before any machine is registered.
 */
export async function machineStatus(specs: readonly object[]): Promise<MachineStatuses> {
  const { stdout } = await command.local
    .run({
      interpreter: machineCommand("machine"),
      command: "status",
      stdin: JSON.stringify(specs),
      logging: command.local.Logging.None,
    })
    .catch((error: Error) => {
      // What the machine command printed is the message; a stack of the program's frames would only hide it.
      throw new pulumi.RunError(error.message);
    });
  const answer = JSON.parse(stdout) as Answer;
  if ("error" in answer) throw new pulumi.RunError(answer.error);
  return answer.machines;
}
