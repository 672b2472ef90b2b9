/**
 * A node image that boots in seconds, also on a doubly emulated CPU: our kernel and initrd, with a root of busybox and Dropbear in the place of Debian
 * with Docker. It takes its name, keys, addresses and disk size from our own /init and seed; `docker` and `systemctl` are stand-ins.
 */
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { withLock } from "../host/lock";
import { run } from "../host/run";
import { serviceImageRefs } from "../images/build";
import { buildLock, systemById } from "../machine/image/cache";
import { systemId } from "../machine/image/recipe";
import { buildSystem } from "../machine/image/system";

const init = `#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
hostname "$(cat /etc/hostname)"
echo "tiny: $(hostname) is up, root $(df -h / | tail -1)" >/dev/console
dropbearconvert openssh dropbear /etc/ssh/ssh_host_ed25519_key /run/host_key 2>/dev/console
while :; do dropbear -F -E -r /run/host_key 2>/dev/console; sleep 1; done
`;

/** Answers what the driver's callers ask of a node. */
const standIns = {
  docker: '#!/bin/sh\necho "docker 0.0.0 inactive false"\n',
  systemctl:
    '#!/bin/sh\ncase "$*" in *poweroff*) (sleep 1; sync; busybox poweroff -f) >/dev/null 2>&1 & ;; esac\n',
};

/** Kernel and initrd of the real node image; built if they are not in the cache. */
async function nodeBoot(): Promise<string> {
  const id = systemId("trixie");
  const say = (line: string): boolean => process.stderr.write(`tiny guest: ${line}\n`);
  await withLock(
    buildLock(),
    () => say("waiting for another build"),
    async () => {
      if (systemById(id) === undefined) await buildSystem("trixie", say);
    },
  );
  return dirname(systemById(id)?.kernel ?? "");
}

/** Makes the folder of a golden image as machine/image/cache.ts reads it. */
export async function makeTinyImage(dir: string): Promise<void> {
  const boot = await nodeBoot();
  const tree = `${dir}.root`;
  rmSync(tree, { recursive: true, force: true });
  const include = ["busybox-static", "dropbear-bin", "e2fsprogs"].join(",");
  const tar = `${dir}.tar`;
  await run("unshare", ["--mount", "mmdebstrap", "--variant=extract", `--include=${include}`, "trixie", tar]);
  mkdirSync(tree, { recursive: true });
  await run("tar", ["--extract", "--directory", tree, "--file", tar]);
  rmSync(tar);
  // The links of a merged /usr, which a package makes when it is configured; here nothing is.
  for (const folder of ["bin", "sbin", "lib", "lib64"]) {
    if (!existsSync(join(tree, folder))) symlinkSync(`usr/${folder}`, join(tree, folder));
  }
  for (const folder of ["usr/share", "usr/lib/systemd", "usr/lib/x86_64-linux-gnu/perl-base", "var/cache"]) {
    rmSync(join(tree, folder), { recursive: true, force: true });
  }
  const bin = join(tree, "usr/bin");
  const applets = [
    "sh",
    "mount",
    "mkdir",
    "cat",
    "df",
    "echo",
    "sleep",
    "sync",
    "tail",
    "hostname",
    "uname",
    "ip",
    "timeout",
  ];
  for (const applet of [...applets, "ls", "ps", "grep", "dmesg", "ping", "awk"]) {
    rmSync(join(bin, applet), { force: true });
    symlinkSync("busybox", join(bin, applet));
  }
  for (const [name, text] of Object.entries({ ...standIns, "../sbin/init": init })) {
    const file = join(bin, name);
    rmSync(file, { force: true });
    writeFileSync(file, text);
    chmodSync(file, 0o755);
  }
  for (const folder of ["proc", "sys", "dev", "run", "root", "tmp", "var/lib"]) {
    mkdirSync(join(tree, folder), { recursive: true });
  }
  writeFileSync(join(tree, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  writeFileSync(join(tree, "etc/group"), "root:x:0:\nnogroup:x:65534:\n");
  writeFileSync(join(tree, "etc/shadow"), "root:*:19000:0:99999:7:::\n", { mode: 0o600 });
  mkdirSync(join(tree, "etc/ssh"), { recursive: true });
  writeFileSync(join(tree, "etc/shells"), "/bin/sh\n");
  mkdirSync(dir, { recursive: true });
  for (const name of ["vmlinuz", "initrd"]) copyFileSync(join(boot, name), join(dir, name));
  const raw = join(dir, "disk.raw");
  await run("mke2fs", ["-q", "-t", "ext4", "-L", "vmcluster-root", "-d", tree, raw, "256M"]);
  await run("qemu-img", ["convert", "-O", "qcow2", raw, join(dir, "disk.qcow2")]);
  rmSync(raw);
  await run("chroot", [tree, "/sbin/dropbear", "-V"]);
  rmSync(tree, { recursive: true });
  writeFileSync(
    join(dir, "image.json"),
    `${JSON.stringify({ suite: "trixie", images: Object.values(serviceImageRefs()) })}\n`,
  );
}
