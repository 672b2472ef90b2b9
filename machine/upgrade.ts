import { UserError } from "../host/userError";
import { GuestError, inGuest } from "./guest";
import type { Progress } from "./progress";
import { waiting } from "./progress";
import { openSession, sshTarget } from "./ssh/session";
import type { MachineRecord } from "./store";

/** Docker's packages, of Debian and of Docker itself; those that are installed are upgraded. */
const dockerPackages =
  "docker.io docker-cli containerd runc docker-ce docker-ce-cli containerd.io docker-buildx-plugin docker-compose-plugin";

const apt = "DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 -o Acquire::Retries=1";

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
    throw new UserError(`machine "${name}" does not answer`, undefined, `vmcluster machine logs ${name}`);
  });
  const version = async (): Promise<string> =>
    (await inGuest(session, "docker version --format '{{.Server.Version}}'")).trim();
  try {
    const before = await version();
    await waiting(
      "looking for newer packages",
      progress,
      inGuest(session, `${apt} update -o APT::Update::Error-Mode=any`),
    );
    const command = `${apt} install -y --only-upgrade $(${installed})`;
    await waiting("upgrading Docker", progress, inGuest(session, command));
    return { before, after: await version() };
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
