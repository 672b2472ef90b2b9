/** What the emulated host is made of. Everything here goes into the name of the cached result. */
import { createHash } from "node:crypto";

/** The Debian suite that has VirtualBox; bookworm and trixie have not. */
const suite = "sid";

/** An emulator new enough for guests in guests; bookworm's QEMU 7.2 crashes them. */
const emulatorPackages = ["qemu-system-x86", "seabios", "ipxe-qemu", "qemu-utils"];

/** VirtualBox with its kernel modules, built while it is installed, and what vmcluster itself needs. */
const hostPackages = [
  ...["linux-image-amd64", "linux-headers-amd64", "virtualbox", "virtualbox-dkms"],
  ...["openssh-server", "openssh-client", "nodejs", "xorriso", "systemd-sysv", "kmod", "qemu-utils"],
  ...["isolinux", "syslinux-common", "mtools", "cpu-checker"],
];

const trims = ["/usr/share/doc/*", "/usr/share/locale/*"].map((path) => `--dpkgopt=path-exclude=${path}`);

/** A snapshot of that suite may be older than its release file allows. */
const expired = `--aptopt=Acquire::Check-Valid-Until "false"`;

export const emulatorArguments = (file: string): string[] => [
  ...["--variant=extract", expired, ...trims, `--include=${emulatorPackages.join(",")}`],
  ...[suite, file],
];

export const hostArguments = (file: string): string[] => [
  ...["--variant=important", "--components=main,contrib", expired, ...trims],
  ...[`--include=${hostPackages.join(",")}`, suite, file],
];

export const idOf = (...parts: readonly unknown[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 12);
