import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { MachineStatus } from "../machine/result";
import { machineCommand } from "./machineCommand";

type MachineStatuses = Readonly<Record<string, MachineStatus>>;

/** What `vmcluster machine status` prints: the status of each machine, or why they cannot be made here. */
type Answer =
  | { readonly machines: MachineStatuses; readonly warnings?: readonly string[] }
  | { readonly error: string };

/**
 * Asks once for all machines of a program, in previews too: the preflight of those to be made, the drift of those that are
 * there. Rejects with the preflight's own message, before any machine is registered.
 *
 * @param resource is told of what is allowed and seldom meant
 */
export async function machineStatus(
  specs: readonly object[],
  resource?: pulumi.Resource,
): Promise<MachineStatuses> {
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
  for (const warning of answer.warnings ?? []) void pulumi.log.warn(warning, resource);
  return answer.machines;
}

/**
 * In a preview hosts that are no machines yet are logged in to, so that one which cannot be is refused there; but for those that something
 * else of the program makes first.
 */
export const lookedAt = (opts: pulumi.ComponentResourceOptions | undefined): { lookAtHost?: true } =>
  pulumi.runtime.isDryRun() && opts?.dependsOn === undefined ? { lookAtHost: true } : {};
