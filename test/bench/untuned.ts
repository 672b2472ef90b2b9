/** Debian as it comes, with the packages a node needs and nothing trimmed: what the tuned image is measured against. */
import { copyFileSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../host/run";
import type { Guest } from "./rawBoot";

const packages = [
  ...["apparmor", "ca-certificates", "docker.io", "docker-cli", "initramfs-tools", "iproute2", "iptables"],
  ...["linux-image-cloud-amd64", "openssh-server", "systemd-resolved", "systemd-sysv", "udev"],
];

/** Builds it in the folder `work`; some minutes, as root only. */
export async function untunedGuest(suite: string, identity: string, work: string): Promise<Guest> {
  const root = join(work, "root");
  const disk = join(work, "untuned.qcow2");
  const raw = join(work, "untuned.raw");
  const network = "[Match]\\nName=e*\\n[Network]\\nAddress=10.0.2.15/24\\nGateway=10.0.2.2\\n";
  mkdirSync(root);
  try {
    await run("unshare", [
      ...["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--", "mmdebstrap", "--mode=root"],
      ...["--variant=important", `--include=${packages.join(",")}`],
      '--customize-hook=install -d -m 700 "$1/root/.ssh"',
      `--customize-hook=upload ${identity}.pub /root/.ssh/authorized_keys`,
      '--customize-hook=chroot "$1" chown root:root /root/.ssh/authorized_keys',
      `--customize-hook=printf '${network}' >"$1/etc/systemd/network/wired.network"`,
      '--customize-hook=chroot "$1" systemctl enable systemd-networkd ssh docker',
      `--customize-hook=echo '/dev/vda / ext4 defaults 0 1' >"$1/etc/fstab"`,
      ...[suite, root],
    ]);
    const boot = join(root, "boot");
    const file = (start: string): string => {
      const found = readdirSync(boot).find((name) => name.startsWith(start));
      if (found === undefined) throw new Error(`no ${start}* in the untuned system`);
      copyFileSync(join(boot, found), join(work, start));
      return join(work, start);
    };
    const kernel = file("vmlinuz");
    const initrd = file("initrd");
    await run("mke2fs", ["-q", "-t", "ext4", "-d", root, raw, "4G"]);
    await run("qemu-img", ["convert", "-O", "qcow2", raw, disk]);
    return {
      kernel,
      initrd,
      disk,
      identity,
      commandLine: "root=/dev/vda rw console=ttyS0 quiet",
      processor: ["-accel", "tcg,thread=multi", "-cpu", "max"],
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
    rmSync(raw, { force: true });
  }
}
