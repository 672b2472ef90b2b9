/**
 * A cloud image as distributions publish them, made here of Debian packages because tests download nothing: a disk with a partition table, GRUB
 * in front of the only partition, a kernel with its own initrd, and cloud-init. Docker is not in it. Kept in the user's cache, named
 * by what it is made of. Takes a minute and a half; no loop device is needed.
 */
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { run } from "../../host/run";

const suite = "trixie";
const packages = [
  ...["linux-image-cloud-amd64", "initramfs-tools", "grub-pc-bin", "grub-common", "systemd-sysv", "udev"],
  ...["systemd-resolved", "libnss-resolve", "netplan.io", "dbus", "iproute2", "openssh-server", "sudo"],
  ...["cloud-init", "cloud-guest-utils", "fdisk", "ca-certificates"],
];
const unwanted = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*"];
const customize = join(__dirname, "customize.sh");

const mebibyte = 1024 ** 2;
const sector = 512;
/** Where the partition begins; GRUB is in front of it. */
const offset = mebibyte;
/** MiB of the partition: much less than any machine's disk, so that growing shows. */
const size = 1500;

/** First sector of a disk with one bootable Linux partition: GRUB's boot code, then the table. */
function firstSector(bootCode: Buffer): Buffer {
  const mbr = Buffer.alloc(sector);
  bootCode.copy(mbr, 0, 0, 440);
  const entry = 446;
  mbr.set([0x80, 0xfe, 0xff, 0xff, 0x83, 0xfe, 0xff, 0xff], entry);
  mbr.writeUInt32LE(offset / sector, entry + 8);
  mbr.writeUInt32LE((size * mebibyte) / sector, entry + 12);
  mbr.writeUInt16LE(0xaa55, 510);
  return mbr;
}

/** Puts GRUB and the partition table where the BIOS looks. GRUB's own defaults say that its core begins in the second sector. */
function writeBootLoader(disk: string, dir: string): void {
  const core = readFileSync(join(dir, "core.img"));
  if (core.length > offset - sector) throw new Error("GRUB's core does not fit in front of the partition");
  const file = openSync(disk, "r+");
  writeSync(file, firstSector(readFileSync(join(dir, "boot.img"))), 0, sector, 0);
  writeSync(file, core, 0, core.length, sector);
  ftruncateSync(file, Math.max(statSync(disk).size, offset + size * mebibyte));
  closeSync(file);
}

async function build(dir: string): Promise<void> {
  const tar = join(dir, "rootfs.tar");
  await run("unshare", [
    ...["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--", "mmdebstrap", "--mode=root"],
    ...["--variant=apt", "--format=tar", `--include=${packages.join(",")}`],
    ...['--aptopt=Acquire::Languages "none"', ...unwanted.map((path) => `--dpkgopt=path-exclude=${path}`)],
    `--customize-hook=copy-in ${customize} /`,
    '--customize-hook=chroot "$1" sh /customize.sh && rm "$1/customize.sh"',
    ...["core.img", "boot.img"].map((name) => `--customize-hook=download /boot/${name} ${join(dir, name)}`),
    ...[suite, tar],
  ]);
  const root = join(dir, "root");
  const disk = join(dir, "disk.raw");
  mkdirSync(root);
  await run("tar", ["--extract", "--directory", root, "--file", tar]);
  const options = ["-q", "-t", "ext4", "-L", "cloud-root", "-m", "1", "-E", `offset=${offset}`, "-d", root];
  await run("mke2fs", [...options, disk, `${size}M`]);
  writeBootLoader(disk, dir);
  await run("qemu-img", ["convert", "-c", "-O", "qcow2", disk, join(dir, "disk.qcow2")]);
}

/** The image's file, built if it is not in the cache. Needs root, as mmdebstrap in containers does. */
export async function standIn(): Promise<string> {
  const parts = [suite, packages.join(), unwanted.join(), String(size), readFileSync(customize, "utf8")];
  const id = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 12);
  const cache = join(homedir(), ".cache/vmcluster/cloudimage");
  const file = join(cache, `standin-${id}.qcow2`);
  if (existsSync(file)) return file;
  mkdirSync(cache, { recursive: true });
  const dir = mkdtempSync(join(cache, "building-"));
  try {
    await build(dir);
    renameSync(join(dir, "disk.qcow2"), file);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return file;
}
