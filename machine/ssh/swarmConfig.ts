/**
 * OpenSSH client configuration by which a cluster's swarm is reached under the cluster's name: through the first of its managers that
 * answers as one. So who talks to the swarm through the system's `ssh`, as Docker's clients do, need not know which one lives.
 */
import { rmSync } from "node:fs";
import { withLock } from "../../host/lock";
import { replaceFile } from "../../host/replaceFile";
import { shellWord } from "../../host/shellWord";
import { findProgram } from "../../host/tools";
import { clusterFiles, machineFiles } from "../paths";
import { listMachines, type MachineRecord } from "../store";
import { block } from "./config";
import { loginOf } from "./login";

/** A login takes an emulated machine seconds; one that is off refuses at once. */
const probeSeconds = 20;

/** Its Docker listens for managers, at port 2377, in /proc/net's notation: neither of a worker nor of a locked swarm. */
const zeros = (digits: number): string => `:0949.${"0".repeat(digits)}:0000.0A`;
const listens = `grep -q -e ${zeros(8)} -e ${zeros(32)} /proc/net/tcp /proc/net/tcp6`;
/** Prints `true`, and after it what is wrong: one that is cut off from the others still listens, and has no leader. */
const hasLeader = "docker info -f {{.Swarm.ControlAvailable}}{{.Swarm.Error}}";

/**
 * A command of the user's shell that ends with 0 if the machine manages a swarm now, with a leader. As a word of ssh_config in double
 * quotes.
 */
function probe(name: string): string {
  const limit = findProgram("timeout") === undefined ? "" : `timeout ${probeSeconds} `;
  const options = "-n -q -o BatchMode=yes -o ConnectTimeout=10";
  const command = `${limit}ssh -F ${shellWord(machineFiles(name).sshConfig)} ${options} ${name} ${shellWord(`${listens} && ${hasLeader}`)} 2>/dev/null | grep -qx true`;
  return `"${command.replaceAll("\\", "\\\\").replaceAll("%", "%%")}"`;
}

/** As long as no manager was found, `host` is still the cluster's name: those after the first that answers are not asked. */
function swarmConfigText(cluster: string, managers: readonly MachineRecord[]): string {
  const login = (head: string, machine: MachineRecord): string =>
    block(head, machine, loginOf(machine), machineFiles(machine.spec.name));
  const unfound = `Match originalhost ${cluster} host ${cluster}`;
  // If none answers, it is the first one's error that is shown; a single one need not be asked before.
  const probed = managers.length > 1 ? managers : [];
  const blocks = [
    ...probed.map((machine) => login(`${unfound} exec ${probe(machine.spec.name)}`, machine)),
    ...managers.slice(0, 1).map((machine) => login(unfound, machine)),
  ];
  return blocks.join("\n");
}

/** Writes it anew as the machines' records are now; without managers there is none. */
export async function writeSwarmConfig(cluster: string): Promise<void> {
  const files = clusterFiles(cluster);
  await withLock(
    files.lock,
    () => undefined,
    async () => {
      const members = listMachines().filter(({ spec }) => spec.cluster === cluster);
      const managers = members.filter(({ swarm, phase }) => swarm?.manager === true && phase === "ready");
      if (managers.length > 0) replaceFile(files.sshConfig, swarmConfigText(cluster, managers));
      else rmSync(files.sshConfig, { force: true });
      if (members.length === 0)
        for (const file of [files.unlockKey, files.swarmCondition]) rmSync(file, { force: true });
    },
  );
}
