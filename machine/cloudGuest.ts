/** Makes a node of a guest that started from a pulled image, over SSH: the first time it is up. */
import type { NodeSSH } from "node-ssh";
import { UserError } from "../host/userError";
import { installDocker } from "./docker/install";
import { inGuest } from "./guest";
import { type Progress, waiting } from "./progress";

/** Until it has finished, cloud-init may hold the package manager's lock or restart sshd. 2: finished with warnings. */
const waitForCloudInit = `command -v cloud-init >/dev/null || exit 0
cloud-init status --wait >/dev/null 2>&1 || [ $? -eq 2 ] || { cloud-init status --long; exit 1; }`;

/** As in the node image: what is called so is there already or nowhere. */
const nowhere = `grep -q vmcluster.internal /etc/hosts || echo '127.0.0.1 vmcluster.internal' >>/etc/hosts`;

/**
 * Waits for cloud-init and installs Docker. Nothing to do if all that has been done.
 *
 * @throws UserError if the one fails or the other cannot be had
 */
export async function prepareCloudGuest(session: NodeSSH, name: string, progress: Progress): Promise<void> {
  const { code, stdout } = await waiting(
    "waiting for cloud-init",
    progress,
    session.execCommand("sh -s", { stdin: waitForCloudInit }),
  );
  if (code !== 0) {
    throw new UserError(
      `machine "${name}": cloud-init failed`,
      stdout.trim().split("\n").slice(-8).join("\n  "),
      `vmcluster machine ssh ${name} -- cat /var/log/cloud-init.log tells more`,
    );
  }
  await inGuest(session, nowhere);
  await installDocker(session, `machine "${name}"`, progress);
}
