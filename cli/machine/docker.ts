import { RunError, run } from "../../host/run";
import { machineFiles } from "../../machine/paths";

/** What a machine's Docker says of itself. */
export interface DockerState {
  /** Version of the engine; empty if it did not answer. */
  readonly docker: string;
  /** `manager`, `worker`, another state of the node (`locked`, `pending`, `error`), or empty outside a swarm. */
  readonly swarm: string;
  /** Why there is no answer; empty if there is one. */
  readonly error: string;
}

const question =
  "docker info --format '{{.ServerVersion}} {{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}'";

/** `28.0.1 active true`; of a client whose engine does not answer `  false`, with an exit code of 0 (seen with Docker 26.1). */
export function readDockerState(answer: string): DockerState {
  const [docker = "", state = "", manager = ""] = answer.trimEnd().split(" ");
  if (docker === "") return { docker: "", swarm: "", error: "its Docker does not answer" };
  const role = manager === "true" ? "manager" : "worker";
  return { docker, swarm: state === "active" ? role : state.replace("inactive", ""), error: "" };
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
    return { docker: "", swarm: "", error: error.code === undefined ? late : last || error.message };
  }
}
