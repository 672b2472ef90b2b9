import { RunError, run } from "../../host/run";
import { swarmTrouble } from "../../host/swarmTrouble";
import { machineFiles } from "../../machine/paths";
import { type Free, freeQuestion, nothingKnown, readFree } from "./free";

/** What a machine and its Docker say of themselves. */
export interface DockerState extends Omit<Free, "shortage"> {
  /** Version of the engine; empty if it did not answer. */
  readonly docker: string;
  /** `manager`, `worker`, another state of the node (`locked`, `pending`, `error`), or empty outside a swarm. */
  readonly swarm: string;
  /** Why there is no answer, and what there is too little of; empty if nothing is wrong. */
  readonly error: string;
}

/** The disk first: a full one may be why Docker does not answer. */
const question = `${freeQuestion}
docker info --format 'docker {{.ServerVersion}} {{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}
swarm {{json .Swarm.Error}}'`;

const both = (...errors: readonly string[]): string => errors.filter((text) => text !== "").join("; ");

/** `docker 28.0.1 active true`; of a client whose engine does not answer `docker   false`, with an exit code of 0 (seen with Docker 26.1). */
export function readDockerState(answer: string): DockerState {
  const { shortage, ...free } = readFree(answer);
  const said = answer.split("\n").find((line) => line.startsWith("docker ")) ?? "";
  const [, docker = "", state = "", manager = ""] = said.trimEnd().split(" ");
  if (docker === "")
    return { docker: "", swarm: "", error: both("its Docker does not answer", shortage), ...free };
  const role = manager === "true" ? "manager" : "worker";
  const swarm = state === "active" ? role : state.replace("inactive", "");
  return { docker, swarm, error: both(swarmError(answer), shortage), ...free };
}

/** What Docker says of a swarm that it is in and cannot work with: no leader, expired certificates. */
function swarmError(answer: string): string {
  const [, text = '""'] = /^swarm (".*")$/m.exec(answer) ?? [];
  const said = String(JSON.parse(text));
  return said === "" ? "" : (swarmTrouble(said)?.what ?? said);
}

/** Asks over the kept connection, which costs a tenth of a new one. */
export async function askDocker(
  name: string,
  timeoutMs: number,
  /** Of which that is what is left, for the message. */
  wholeMs = timeoutMs,
): Promise<DockerState> {
  try {
    const { stdout } = await run("ssh", ["-F", machineFiles(name).sshConfig, name, question], { timeoutMs });
    return readDockerState(stdout);
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    const last = error.stderr.trim().split("\n").at(-1) ?? "";
    const late = `no answer within ${wholeMs / 1000} s`;
    const why = error.code === undefined ? late : last || error.message;
    const { shortage, ...free } = readFree(error.stdout);
    return { docker: "", swarm: "", error: both(why, shortage), ...free };
  }
}

/** Disk and memory alone; `undefined` if there is no answer in time, or nobody waits for it any more. */
export async function askFree(
  name: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Free | undefined> {
  const options = ["-o", "BatchMode=yes", "-F", machineFiles(name).sshConfig];
  try {
    return readFree((await run("ssh", [...options, "--", name, freeQuestion], { timeoutMs, signal })).stdout);
  } catch (error) {
    if (error instanceof RunError) return undefined;
    throw error;
  }
}

/** Of a machine that was not asked. */
export const notAsked: DockerState = (({ shortage: _, ...free }) => ({
  docker: "",
  swarm: "",
  error: "",
  ...free,
}))(nothingKnown);
