/** Puts Docker into a system that has none, over SSH, from the system's own package sources. Unlike on an existing host, nothing of it is ever undone. */
import type { NodeSSH } from "node-ssh";
import { UserError } from "../../host/userError";
import { GuestError, inGuest } from "../guest";
import { type Progress, waiting } from "../progress";
import { chooseDebianPackages, chooseFedoraPackages } from "./packages";

/** POSIX sh, as root. Run again after an interruption it goes on; nothing to do where Docker is. */
const installScript = `set -eu
if command -v dockerd >/dev/null && command -v docker >/dev/null; then
  systemctl enable --now docker >/dev/null 2>&1 || true
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
if command -v apt-get >/dev/null; then
  apt() { apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@"; }
  # One that was cut off before may still be at work in the guest.
  left=60
  until dpkg --configure -a; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || exit 1
    sleep 5
  done
  apt update -o APT::Update::Error-Mode=any
${chooseDebianPackages}
  apt install --no-install-recommends $wanted
elif command -v dnf >/dev/null; then
${chooseFedoraPackages}
  dnf -y install $wanted
elif command -v zypper >/dev/null; then
  zypper --non-interactive install docker
else
  echo 'it has neither apt-get nor dnf nor zypper' >&2
  exit 1
fi
systemctl enable --now docker
`;

/**
 * Installs Docker unless it is there, and has it started with the system.
 *
 * @param what the machine, for messages
 * @throws UserError with the last lines of what failed
 */
export async function installDocker(session: NodeSSH, what: string, progress: Progress): Promise<void> {
  const there = await session.execCommand("command -v dockerd && command -v docker");
  const telling = there.code === 0 ? "starting Docker" : "installing Docker from its package sources";
  try {
    await waiting(telling, progress, inGuest(session, "sh -s", installScript));
  } catch (error) {
    if (!(error instanceof GuestError)) throw error;
    throw new UserError(
      `${what}: Docker cannot be installed`,
      error.output.trim().split("\n").slice(-6).join("\n  "),
      "the machine must reach its package sources (VMCLUSTER_ISOLATED=1 keeps it from them); or use an image with Docker in it",
    );
  }
}
