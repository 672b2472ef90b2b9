/**
 * The node image for VirtualBox, beside it in the cache: `disk-<GiB>g.vdi`, which the machines' disks are children of, and `boot.iso`
 * with kernel and initrd, because VirtualBox starts no kernel directly. The file system fills the disk without a partition table,
 * as under QEMU, so that it grows with it; the firmware reads the kernel from the CD (El Torito, ISOLINUX).
 */
import { createHash, randomUUID } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { withLock } from "../../../host/lock";
import { run } from "../../../host/run";
import { UserError } from "../../../host/userError";
import type { NodeImage } from "../../driver";
import type { Progress } from "../../progress";
import { kernelCommandLine } from "../qemu/arguments";

export interface Golden {
  readonly disk: string;
  readonly bootIso: string;
}

/** Where Debian and Ubuntu, Fedora, and Arch put them. */
const loaders = {
  "isolinux.bin": ["/usr/lib/ISOLINUX", "/usr/share/syslinux", "/usr/lib/syslinux/bios"],
  "ldlinux.c32": ["/usr/lib/syslinux/modules/bios", "/usr/share/syslinux", "/usr/lib/syslinux/bios"],
} as const;

function loader(file: keyof typeof loaders): string {
  const found = loaders[file].map((folder) => join(folder, file)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new UserError(
    "the node image for VirtualBox needs ISOLINUX",
    `${file} is not installed (looked in ${loaders[file].join(", ")})`,
    "install: apt-get install isolinux syslinux-common (elsewhere the package is called syslinux)",
  );
}

/** @throws UserError if what the boot CD is made with is missing */
export function requireIsolinux(): void {
  loader("isolinux.bin");
  loader("ldlinux.c32");
}

/** `VMCLUSTER_ACCEL=tcg` as under QEMU: the kernel command line for emulated hosts. */
const commandLine = (): string => kernelCommandLine(process.env.VMCLUSTER_ACCEL === "tcg" ? "tcg" : "kvm");

export const isolinuxConfig = (append: string): string =>
  [
    "default node",
    // It waits for nobody: neither for a key, nor at its prompt, which a stuck modifier key brings up.
    "prompt 0",
    "noescape 1",
    "timeout 1",
    "label node",
    "kernel /linux",
    `append initrd=/initrd ${append}`,
    "",
  ].join("\n");

async function makeBootIso(image: NodeImage, dir: string): Promise<void> {
  const tree = join(dir, "tree");
  mkdirSync(join(tree, "isolinux"), { recursive: true });
  for (const file of ["isolinux.bin", "ldlinux.c32"] as const) {
    copyFileSync(loader(file), join(tree, "isolinux", file));
  }
  writeFileSync(join(tree, "isolinux/isolinux.cfg"), isolinuxConfig(commandLine()));
  copyFileSync(image.kernel, join(tree, "linux"));
  copyFileSync(image.initrd, join(tree, "initrd"));
  const boot = ["-b", "isolinux/isolinux.bin", "-c", "isolinux/boot.cat"];
  const loadAll = ["-no-emul-boot", "-boot-load-size", "4", "-boot-info-table"];
  const options = ["-quiet", "-volid", "VMCLUSTER_BOOT", "-rock", ...boot, ...loadAll];
  await run("xorriso", ["-as", "mkisofs", ...options, "-output", "boot.iso", "tree"], { cwd: dir });
  rmSync(tree, { recursive: true });
}

/** As large as the machines' disks: VirtualBox fails to write to a child beyond the end of its parent, though it resizes it (seen with 7.2.22). */
async function makeDisk(image: NodeImage, gib: number, dir: string): Promise<void> {
  const larger = join(dir, "larger.qcow2");
  const make = ["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", image.disk, larger, `${gib}G`];
  await run("qemu-img", make);
  await run("qemu-img", ["convert", "-O", "vdi", larger, join(dir, "disk.vdi")]);
  rmSync(larger);
}

/** Where the files of an image are or will be: another boot configuration is another folder. */
export function goldenOf(image: NodeImage, gib: number): Golden & { readonly dir: string } {
  const format = createHash("sha256")
    .update(`1 ${isolinuxConfig(commandLine())}`)
    .digest("hex");
  const dir = join(dirname(image.kernel), `virtualbox-${format.slice(0, 8)}`);
  return { dir, disk: join(dir, `disk-${gib}g.vdi`), bootIso: join(dir, "boot.iso") };
}

/** Made once for each node image; several at once wait for the one that makes it, and a killed one leaves nothing that is mistaken for it. */
export async function ensureGolden(image: NodeImage, gib: number, progress: Progress): Promise<Golden> {
  const { dir, ...golden } = goldenOf(image, gib);
  const images = dirname(dir);
  if (existsSync(golden.disk)) return golden;
  return withLock(
    join(images, ".virtualbox.lock"),
    () => progress("waiting for another process that makes the disk for VirtualBox"),
    async () => {
      if (existsSync(golden.disk)) return golden;
      progress("making the disk for VirtualBox, once for each node image and size");
      for (const left of readdirSync(images).filter((name) => name.startsWith(".virtualbox-"))) {
        rmSync(join(images, left), { recursive: true });
      }
      const work = join(images, `.virtualbox-${randomUUID()}`);
      mkdirSync(work);
      await makeDisk(image, gib, work);
      if (existsSync(golden.bootIso)) {
        renameSync(join(work, "disk.vdi"), golden.disk);
        rmSync(work, { recursive: true });
      } else {
        await makeBootIso(image, work);
        renameSync(join(work, "disk.vdi"), join(work, basename(golden.disk)));
        renameSync(work, dir);
      }
      return golden;
    },
  );
}
