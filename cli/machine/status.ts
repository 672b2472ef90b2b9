import { UserError } from "../../host/userError";
import { readQuestions } from "../../machine/readSpec";
import { machineStatus } from "../../machine/status";

/** What `machine status` prints; a preflight that fails is a result too, so that the program shows the message as its own. */
export async function statusLine(stdin: string): Promise<string> {
  try {
    const warnings: string[] = [];
    const machines = await machineStatus(readQuestions(stdin), (text) => warnings.push(text));
    return JSON.stringify({ machines, ...(warnings.length > 0 && { warnings }) });
  } catch (error) {
    if (error instanceof UserError) return JSON.stringify({ error: error.message });
    throw error;
  }
}
