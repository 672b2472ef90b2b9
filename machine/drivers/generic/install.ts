/** Installs Docker from the distribution's packages and records, on the host, what was not there before. */
import type { NodeSSH } from "node-ssh";
import { UserError } from "../../../host/userError";
import { chooseDebianPackages, chooseFedoraPackages } from "../../docker/packages";
import { GuestError } from "../../guest";
import { type Progress, waiting } from "../../progress";
import type { MachineSpec } from "../../spec";
import { familyOf } from "./refuse";
import { asRoot } from "./script";
import { type DockerView, type HostView, hostFolder } from "./survey";

/**
 * The list is made before the installation: one that is killed leaves it in `installing`. Only names that were to be new
 * and now are there get into `packages`.
 */
const record = (isInstalled: string): string => `
sort -u ${hostFolder}/installing | while read -r package; do
  if ${isInstalled}; then printf '%s\\n' "$package"; fi
done >>${hostFolder}/packages
rm ${hostFolder}/installing
`;

const debianScript = `
export DEBIAN_FRONTEND=noninteractive
# Configuration that an earlier Docker left, or its owner wrote, is kept: there is nobody to ask.
get() { apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2 -o DPkg::Options::=--force-confdef -o DPkg::Options::=--force-confold "$@"; }
# An installation that was broken off is finished first.
dpkg --configure -a --force-confdef --force-confold >&2
get update >&2
${chooseDebianPackages}
get -s install --no-install-recommends $wanted | sed -n 's/^Inst \\([^ ]*\\) (.*/\\1/p' >>${hostFolder}/installing
get install -y --no-install-recommends $wanted >&2
${record(`dpkg-query -W -f '\${Status}' "$package" 2>/dev/null | grep -q ' installed'`)}`;

const fedoraScript = `
list() { rpm -qa --qf '%{NAME}\\n' | sort -u; }
rm -f ${hostFolder}/installing
list >${hostFolder}/before
${chooseFedoraPackages}
dnf -y install $wanted >&2
list | comm -13 ${hostFolder}/before - >${hostFolder}/installing
rm ${hostFolder}/before
${record("true")}`;

const scripts = { debian: debianScript, fedora: fedoraScript };

/** Docker that was there before may be stopped, or not be started by systemd at all (snap): then it is as its owner wants it. */
const startScript = `
if command -v systemctl >/dev/null && systemctl cat docker.service >/dev/null 2>&1; then
  systemctl is-enabled --quiet docker || systemctl enable docker >&2
  systemctl start docker >&2
fi
left=60
until docker info >/dev/null 2>&1; do
  left=$((left - 1))
  [ "$left" -gt 0 ] || { docker info >&2 || true; exit 1; }
  sleep 1
done
`;

/** Members of the group use Docker without sudo, as docker over SSH must. Says so if the user was none before. */
const groupScript = `
if ! id -nG "$user" | tr ' ' '\\n' | grep -qx docker; then
  getent group docker >/dev/null || groupadd --system docker
  usermod -a -G docker "$user"
  printf '%s\\n' "$user" >${hostFolder}/group
  echo joined
fi
`;

const tail = (error: GuestError): string => error.output.trim().split("\n").slice(-5).join("\n  ");

async function step<T>(what: string, action: Promise<T>): Promise<T> {
  try {
    return await action;
  } catch (error) {
    if (!(error instanceof GuestError)) throw error;
    throw new UserError(what, tail(error), "mend it there, then try again");
  }
}

/**
 * Makes Docker answer on a host that was found fit, and the user one who may use it.
 *
 * @returns whether the user has to log in again for that
 * @throws UserError with the last lines of what failed
 */
export async function ensureDocker(
  spec: MachineSpec,
  session: NodeSSH,
  sshUser: string,
  seen: { readonly view: HostView; readonly docker: DockerView },
  progress: Progress,
): Promise<boolean> {
  const family = familyOf(seen.view.os);
  const subject = `machine "${spec.name}": Docker`;
  const unfinished = await asRoot(session, sshUser, `if [ -f ${hostFolder}/installing ]; then echo yes; fi`);
  if (family !== undefined && (seen.docker.program === "" || unfinished !== "")) {
    const installing = asRoot(session, sshUser, scripts[family]);
    await step(
      `${subject} was not installed on ${seen.view.osName}`,
      waiting(`installing Docker on ${seen.view.osName}`, progress, installing),
    );
  }
  if (seen.docker.engine === "") {
    const starting = asRoot(session, sshUser, startScript);
    await step(`${subject} does not start`, waiting("starting Docker", progress, starting));
  }
  if (sshUser === "root") return false;
  return (await asRoot(session, sshUser, groupScript, { user: sshUser })) !== "";
}
