import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { machinesDir } from "../../../host/home";
import { withLock } from "../../../host/lock";
import { UserError } from "../../../host/userError";
import { waitForDocker } from "../../guest";
import { machineFiles } from "../../paths";
import { type Progress, waiting } from "../../progress";
import { type MachineResult, machineResult } from "../../result";
import { sendImages } from "../../sendImages";
import type { MachineSpec } from "../../spec";
import { closeConnection, writeSshConfig } from "../../ssh/config";
import type { Login } from "../../ssh/login";
import { writeSwarmConfig } from "../../ssh/swarmConfig";
import { listMachines, type MachineRecord, writeMachine } from "../../store";
import { unlockSwarm } from "../../swarm/unlock";
import { checkPeers } from "./checkPeers";
import { claimHost } from "./claim";
import { identityOf } from "./identity";
import { ensureDocker } from "./install";
import { knownHostMs, type LoggedIn, type LoginOptions, logIn, newHostMs } from "./login";
import { advertised, checkHost, checkUser, mustLeaveSwarm } from "./refuse";
import { asRoot } from "./script";
import { lookAtDocker, lookAtHost } from "./survey";

const dockerMs = 120_000;

const hostPort = 22;

function loginFor(spec: MachineSpec): Login {
  if (spec.host === undefined) throw new Error("a generic machine without host");
  return {
    address: spec.host,
    port: spec.sshPort ?? hostPort,
    user: spec.sshUser ?? "root",
    identity: identityOf(spec),
  };
}

/** Another host is another machine: what was done to the first one would be forgotten. */
function refuseOtherHost({ name }: MachineSpec, login: Login, before: MachineRecord | undefined): void {
  if (before === undefined) return;
  const { address, sshPort } = before.network;
  if (before.spec.driver === "generic" && address === login.address && sshPort === login.port) return;
  const was =
    before.spec.driver === "generic" ? `${address}, port ${sshPort}` : `made by ${before.spec.driver}`;
  throw new UserError(
    `machine "${name}": host: "${login.address}", port ${login.port}, but the machine of that name is ${was}`,
    undefined,
    `remove it first: vmcluster machine rm ${name}`,
  );
}

/** Address and host key are the ones to keep; the rest follows the spec. Changes nothing on the host. */
async function inspect(
  spec: MachineSpec,
  login: Login,
  { session, hostKey }: LoggedIn,
  before: MachineRecord | undefined,
) {
  const view = await lookAtHost(session);
  checkUser(spec, login.user, view);
  const docker = await lookAtDocker(session, login.user);
  const machineId = before?.machineId ?? randomUUID();
  checkHost(spec, machineId, view, docker);
  const leaves = mustLeaveSwarm(spec, before?.phase === "ready" || docker.machineId === machineId, docker);
  const others = listMachines().filter((other) => other.spec.name !== spec.name);
  const machine: MachineRecord = {
    version: 1,
    phase: before?.phase ?? "creating",
    spec,
    machineId,
    image: "",
    images: before?.images ?? [],
    network: {
      address: login.address,
      sshPort: login.port,
      privateAddress: keptAddress(spec, before) ?? advertised(spec, view, others),
      macs: ["", ""],
      multicast: "",
    },
    hostKey,
    host: {
      sshUser: login.user,
      identity: login.identity,
      os: view.osName,
      cpus: view.cpus,
      memory: view.memory,
    },
    ...(before?.swarm && { swarm: before.swarm }),
    ...(before?.member && { member: before.member }),
    condition: before?.condition ?? "ok",
  };
  return { view, docker, leaves, machine };
}

/** How long a host that must be there already may take to answer. */
const lookMs = 8000;

/**
 * Logs in to a host that is to be made a machine, and looks at it. Changes nothing there.
 *
 * @throws UserError naming what the host, or the spec, lacks
 */
export async function lookAtNewHost(spec: MachineSpec): Promise<void> {
  const login = loginFor(spec);
  const loggedIn = await logIn(spec.name, login, {
    pinned: spec.hostKey,
    patienceMs: lookMs,
    progress: () => undefined,
  });
  try {
    await inspect(spec, login, loggedIn, undefined);
  } finally {
    loggedIn.session.dispose();
  }
}

/** The key with which it would be logged in to, whether or not the host is there. @throws UserError unless it can be used */
export const checkLogin = (spec: MachineSpec): void => void loginFor(spec);

/** A node's address stays as long as nobody asks for another one. */
const keptAddress = (
  { privateAddress }: MachineSpec,
  before: MachineRecord | undefined,
): string | undefined =>
  privateAddress === undefined || privateAddress === before?.network.privateAddress
    ? before?.network.privateAddress
    : undefined;

/** Held while the ports between a cluster's nodes are checked: of two that become ready at once, the second sees the first. */
const clusterLock = (cluster: string): string => join(machinesDir(), `.${cluster}.ports.lock`);

/**
 * Makes a host that is there a machine, or puts right what is not as it should be: Docker installed and running, the user allowed
 * to use it, images sent, the swarm's ports open between it and its cluster. What stands in the way is found before anything is
 * changed, but for the ports. Call it with the machine's lock held.
 *
 * @throws UserError naming what the host, or the spec, lacks
 */
export async function applyHost(
  spec: MachineSpec,
  before: MachineRecord | undefined,
  condition: string,
  progress: Progress,
): Promise<MachineResult> {
  const login = loginFor(spec);
  refuseOtherHost(spec, login, before);
  const options: LoginOptions = {
    pinned: spec.hostKey ?? (before?.hostKey || undefined),
    patienceMs: before === undefined ? newHostMs : knownHostMs,
    progress,
  };
  const files = machineFiles(spec.name);
  let { session, hostKey } = await logIn(spec.name, login, options);
  try {
    const { machine, leaves, ...seen } = await inspect(spec, login, { session, hostKey }, before);
    writeMachine(machine);
    writeSshConfig(machine, files);
    await writeSwarmConfig(spec.cluster);
    // Before it is claimed: from then on, any swarm it is in is ours.
    if (leaves) {
      const leaving = asRoot(session, login.user, "docker swarm leave --force >&2");
      await waiting("leaving the swarm it was in", progress, leaving);
    }
    await claimHost(session, login.user, machine);
    if (await ensureDocker(spec, session, login.user, seen, progress)) {
      session.dispose();
      await closeConnection(spec.name, files);
      ({ session } = await logIn(spec.name, login, { ...options, pinned: hostKey }));
    }
    await waitForDocker(session, dockerMs);
    await unlockSwarm(machine, session, progress);
    const images = await sendImages(machine, session, progress);
    const ready: MachineRecord = { ...machine, phase: "ready", images, condition };
    if (machine.phase === "ready") writeMachine(ready);
    else {
      await withLock(
        clusterLock(spec.cluster),
        () => undefined,
        async () => {
          await checkPeers(machine, session, progress);
          writeMachine(ready);
        },
      );
    }
    return machineResult(ready);
  } finally {
    session.dispose();
  }
}
