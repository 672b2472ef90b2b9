/** Join tokens made anew, so that the old ones are of no use. Nodes that are in the swarm need none. */
import { z } from "zod";
import { UserError } from "../../host/userError";
import { inGuest } from "../guest";
import { machineNamed } from "../power";
import { type Progress, waiting } from "../progress";
import { askManager } from "./managers";
import { rotateScript } from "./scripts";

export const tokensQuestion = z.strictObject({
  /** Machines that manage the swarm. */
  managers: z.array(z.string()).min(1),
  /** Those of all nodes: when another one has joined, the tokens are made anew. */
  machineIds: z.array(z.string()),
});

/**
 * @returns `Worker` and `Manager`, the new tokens, as one line of JSON: a secret
 * @throws UserError if no manager does it
 */
export async function rotateTokens(
  { managers }: z.infer<typeof tokensQuestion>,
  progress: Progress,
): Promise<string> {
  const rotated = askManager(managers.map(machineNamed), undefined, (session) =>
    inGuest(session, rotateScript),
  );
  try {
    const [Worker, Manager] = (await waiting("making new join tokens", progress, rotated)).trim().split("\n");
    return JSON.stringify({ Worker, Manager });
  } catch (error) {
    throw new UserError(
      "the join tokens are not made anew",
      (error as Error).message,
      "the next `up` tries again",
    );
  }
}
