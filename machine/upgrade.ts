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

/** Sets the arguments to the packages that are there. Without a name dnf would upgrade the whole system, and apt nothing. */
const those = (list: string): string => `set -- $(${list})
[ $# -gt 0 ] || { echo 'its Docker is from none of the packages ${dockerPackages}, moby-engine' >&2; exit 1; }`;

const debian = `${those(`dpkg-query -W -f '\${db:Status-Abbrev} \${Package}\\n' ${dockerPackages} 2>/dev/null | sed -n 's/^ii *//p'`)}
${apt} install -y --only-upgrade "$@"`;

const fedora = `${those(`rpm -qa --qf '%{NAME}\\n' moby-engine ${dockerPackages}`)}
dnf -y upgrade "$@"`;

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
    await waiting("upgrading Docker", progress, asRoot(`${hasApt ? debian : fedora} </dev/null`));
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
