import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { machineCommand } from "./machineCommand";

/** What `vmcluster machine status` prints: the condition of each machine, or why they cannot be made here. */
type Status = { readonly conditions: Readonly<Record<string, string>> } | { readonly error: string };

/**
 * Asks once for all machines of a program, in previews too: the preflight of those to be made, the drift of those that are
 * there. Rejects with the preflight's own message, before any resource is registered.
 */
export async function machineCondition(specs: readonly object[]): Promise<Readonly<Record<string, string>>> {
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
  const status = JSON.parse(stdout) as Status;
  if ("error" in status) throw new pulumi.RunError(status.error);
  return status.conditions;
}
