import { applyMachine } from "./apply";
import { machineFiles } from "./paths";
import { machineNamed } from "./power";
import type { Progress } from "./progress";
import { writeSshConfig } from "./ssh/config";
import { writeSwarmConfig } from "./ssh/swarmConfig";

/**
 * Makes a machine that exists what its record says: SSH configuration, size, ports, images; a half-made one is finished, a
 * stopped one started. Nothing to do on one that is right.
 */
export async function provisionMachine(name: string, progress: Progress): Promise<void> {
  const machine = machineNamed(name);
  if (machine.phase === "ready") {
    writeSshConfig(machine, machineFiles(name));
    await writeSwarmConfig(machine.spec.cluster);
  }
  await applyMachine(machine.spec, { progress, adopt: true });
}
