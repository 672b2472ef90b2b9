import { UserError } from "../host/userError";
import { GuestError, inGuest } from "./guest";
import type { Progress } from "./progress";
import { waiting } from "./progress";
import { openSession, sshTarget } from "./ssh/session";
import type { MachineRecord } from "./store";
import { unlockSwarm } from "./swarm/unlock";

/** Docker's packages, of Debian and of Docker itself; those that are installed are upgraded. */
const dockerPackages =
  "docker.io docker-cli containerd runc docker-ce docker-ce-cli containerd.io docker-buildx-plugin docker-compose-plugin";

const apt =
  "DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 -o Acquire::Retries=1 -o DPkg::Options::=--force-confdef -o DPkg::Options::=--force-confold";

/** Of Fedora and its relatives. */
const dnf = `dnf -y upgrade $(rpm -qa --qf '%{NAME}\\n' moby-engine docker-cli containerd runc docker-ce docker-ce-cli containerd.io docker-buildx-plugin docker-compose-plugin)`;

const installed = `dpkg-query -W -f '\${db:Status-Abbrev} \${Package}\\n' ${dockerPackages} 2>/dev/null | sed -n 's/^ii *//p'`;

export interface Upgrade {
  readonly before: string;
  readonly after: string;
}

/**
 * Upgrades Docker in a running machine to what its package sources have. Docker restarts if there is something newer, and with it
 * the containers, unless they run in a swarm that moves them.
 *
 * @throws UserError with apt's last lines if that fails
 */
export async function upgradeMachine(machine: MachineRecord, progress: Progress): Promise<Upgrade> {
  const { name } = machine.spec;
  const session = await openSession(sshTarget(machine), AbortSignal.timeout(60_000)).catch(() => {
    const remedy = machine.host === undefined ? `vmcluster machine logs ${name}` : undefined;
    throw new UserError(`machine "${name}" does not answer`, undefined, remedy);
  });
  const version = async (): Promise<string> =>
    (await inGuest(session, "docker version --format '{{.Server.Version}}'")).trim();
  try {
    const before = await version();
    const asRoot = (script: string): Promise<string> =>
      inGuest(session, sshTarget(machine).user === "root" ? "sh -s" : "sudo -n sh -s", script);
    const hasApt = (await inGuest(session, "command -v apt-get || true")).trim() !== "";
    if (hasApt) {
      const update = asRoot(`${apt} update -o APT::Update::Error-Mode=any </dev/null`);
      await waiting("looking for newer packages", progress, update);
    }
    const command = hasApt ? `${apt} install -y --only-upgrade $(${installed})` : dnf;
    await waiting("upgrading Docker", progress, asRoot(`${command} </dev/null`));
    const after = await version();
    await unlockSwarm(machine, session, progress);
    return { before, after };
  } catch (error) {
    if (!(error instanceof GuestError)) throw error;
    const last = error.output.trim().split("\n").slice(-4).join("\n  ");
    throw new UserError(
      `machine "${name}": Docker was not upgraded`,
      last,
      "the machine must reach its package sources (VMCLUSTER_ISOLATED=1 keeps it from them)",
    );
  } finally {
    session.dispose();
  }
}
