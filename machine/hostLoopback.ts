/**
 * Keeps a virtual machine off the services of its host: 10.0.2.2 of QEMU's user-mode network, and of VirtualBox's NAT, is the host's 127.0.0.1. The node
 * image does so by itself; machines of other images, and of node images of earlier versions, are given the same files here.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { NodeSSH } from "node-ssh";
import { UserError } from "../host/userError";
import { GuestError, inGuest } from "./guest";
import { assets } from "./image/recipe";

const unit = "vmcluster-host-loopback.service";

const files = [
  "etc/vmcluster/host-loopback.rules",
  "etc/systemd/system/docker.service.d/vmcluster.conf",
  // Last: by this one it is told that all are there.
  `etc/systemd/system/${unit}`,
];

const folderOf = (file: string): string => file.slice(0, file.lastIndexOf("/"));

/** POSIX sh, as root. */
const script = (): string => `set -eu
[ ! -e /etc/systemd/system/${unit} ] || exit 0
${files
  .map(
    (file) => `mkdir -p /${folderOf(file)}
cat >/${file} <<'END'
${readFileSync(join(assets, "rootfs", file), "utf8").trimEnd()}
END`,
  )
  .join("\n")}
systemctl daemon-reload
systemctl start ${unit} || { rm /etc/systemd/system/${unit}; exit 1; }
`;

/** @throws UserError if the guest cannot do it, as without iptables */
export async function keepOffHost(session: NodeSSH, name: string): Promise<void> {
  try {
    await inGuest(session, "sh -s", script());
  } catch (error) {
    if (!(error instanceof GuestError)) throw error;
    throw new UserError(
      `machine "${name}" cannot be kept off what listens on this host's 127.0.0.1`,
      error.output.trim().split("\n").slice(-6).join("\n  "),
      "its system must have systemd and iptables",
    );
  }
}
