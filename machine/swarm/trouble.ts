import type { NodeSSH } from "node-ssh";
import { swarmTrouble } from "../../host/swarmTrouble";
import type { Progress } from "../progress";
import { swarmStateOf } from "./managers";

/** Says what keeps a machine from its swarm, if Docker there knows: it is up all the same. */
export async function tellSwarmTrouble(session: NodeSSH, progress: Progress): Promise<void> {
  const { LocalNodeState, Error: said } = await swarmStateOf(session);
  if (LocalNodeState === "inactive") progress("it is in no swarm any more: the next `up` lets it join again");
  if (!said) return;
  const trouble = swarmTrouble(said);
  progress(trouble === undefined ? `its swarm: ${said}` : `${trouble.what}; ${trouble.remedy}`);
}
