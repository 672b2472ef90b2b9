/** Builds the node's system from Debian packages, without root: mmdebstrap, mke2fs, qemu-img. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { RunError, run } from "../../host/run";
import { runBound } from "../../host/runBound";
import { shellWord } from "../../host/shellWord";
import { findProgram, requireTools } from "../../host/tools";
import { UserError } from "../../host/userError";
import { type ImageDescription, publish, removeTree, workFolder } from "./cache";
import { assets, baseDiskGib, buildFiles, packages, systemId } from "./recipe";

const isRoot = (): boolean => process.getuid?.() === 0;

/** @throws UserError if the node image cannot be built on this host */
export function requireBuildTools(): void {
  if (process.arch !== "x64") {
    throw new UserError(
      `the node image cannot be built on ${process.arch}`,
      "machines of it are x86-64, and it is made of packages for this host's own kind of CPU",
      'use hosts that you have (driver: "generic"), or an x86-64 host',
    );
  }
  requireTools("building the node image", ["mmdebstrap", "mke2fs", "qemu-img", "tar", "flock"]);
  if (!isRoot()) requireTools("building the node image without root", ["newuidmap", "fakeroot"]);
}

export function mmdebstrapArguments(suite: string, dir: string): string[] {
  const inside = "/vmcluster-build";
  const unwanted = ["/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/info/*"];
  const copied = buildFiles.map((name) => shellWord(join(assets, name))).join(" ");
  return [
    `--mode=${isRoot() ? "root" : "unshare"}`,
    ...["--variant=apt", "--format=tar", `--include=${packages().join(",")}`],
    ...['--aptopt=Acquire::Languages "none"', '--aptopt=Acquire::Retries "3"'],
    ...unwanted.map((path) => `--dpkgopt=path-exclude=${path}`),
    `--customize-hook=mkdir "$1${inside}"`,
    `--customize-hook=copy-in ${copied} ${inside}`,
    `--customize-hook=chroot "$1" sh ${inside}/customize.sh`,
    `--customize-hook=download /boot/vmcluster-vmlinuz ${shellWord(join(dir, "vmlinuz"))}`,
    `--customize-hook=download /boot/vmcluster-initrd ${shellWord(join(dir, "initrd"))}`,
    ...[suite, join(dir, "rootfs.tar")],
  ];
}

/** Turns the failure of a build program into what a user can do about it. */
export function buildError(step: string, suite: string, error: RunError): UserError {
  const output = `${error.stderr.trim()}\n${error.stdout.trim()}`.trim().split("\n");
  // Lines `I:` only tell the phases.
  const telling = output.filter((line) => !line.startsWith("I: ")).slice(-8);
  const network =
    /Could not resolve|Temporary failure resolving|Unable to connect|Could not connect|Network is unreachable/;
  const unknownSuite = /does not have a Release file|404 +Not Found/;
  const user = userInfo().username;
  const remedy = output.some((line) => unknownSuite.test(line))
    ? `is "${suite}" a Debian suite? Try suite trixie`
    : output.some((line) => /no entry in \/etc\/sub[ug]id/.test(line))
      ? `give your user ids for what is built without root: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${user}`
      : output.some((line) => network.test(line))
        ? "the Debian mirror cannot be reached: check the network (http_proxy is respected) and try again"
        : "try again; if it fails in the same way, report these lines";
  const what = `the node image (Debian ${suite}) could not be built: ${step} failed`;
  return new UserError(what, telling.join("\n  ") || error.message, remedy);
}

/**
 * mmdebstrap as root mounts proc, sys and more below its working folder, on the host. In namespaces of its own all that ends
 * with it, however it ends, and what it leaves in the folder can be removed without harm.
 */
const ownNamespaces = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"];

async function mmdebstrap(suite: string, dir: string): Promise<void> {
  const args = mmdebstrapArguments(suite, dir);
  // Without root it makes namespaces by itself, and a folder in the user's home may be out of reach in them.
  if (!isRoot()) return step("mmdebstrap", suite, "mmdebstrap", args);
  try {
    await run("unshare", [...ownNamespaces, "true"]);
  } catch (error) {
    // In a container root may be kept from it; then mmdebstrap mounts nothing either.
    if (error instanceof RunError) return step("mmdebstrap", suite, "mmdebstrap", args);
    throw error;
  }
  await step("mmdebstrap", suite, "unshare", [...ownNamespaces, "mmdebstrap", ...args], dir);
}

async function step(
  name: string,
  suite: string,
  program: string,
  args: readonly string[],
  temporary?: string,
): Promise<void> {
  try {
    const path = findProgram(program) ?? program;
    // dpkg's scripts look for programs of sbin, which a user's PATH may lack.
    const PATH = `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin`;
    await runBound(path, args, { env: { PATH, ...(temporary === undefined ? {} : { TMPDIR: temporary }) } });
  } catch (error) {
    throw error instanceof RunError ? buildError(name, suite, error) : error;
  }
}

/** Unpacks and makes the file system as root, or as one who only believes to be. */
async function makeFileSystem(dir: string, suite: string): Promise<void> {
  const root = join(dir, "root");
  const disk = join(dir, "disk.raw");
  mkdirSync(root);
  const script = [
    'tar --extract --directory "$1" --file "$2"',
    `mke2fs -q -t ext4 -L vmcluster-root -m 1 -d "$1" "$3" ${baseDiskGib}G`,
  ].join(" && ");
  const shell = ["sh", "-c", script, "sh", root, join(dir, "rootfs.tar"), disk];
  const [program = "sh", ...args] = isRoot() ? shell : ["fakeroot", "--", ...shell];
  await step("mke2fs", suite, program, args);
  await removeTree(root);
  rmSync(join(dir, "rootfs.tar"));
  await step("qemu-img", suite, "qemu-img", ["convert", "-O", "qcow2", disk, join(dir, "disk.qcow2")]);
  rmSync(disk);
}

/** Builds the system of a suite and puts it into the cache. Call it with the build lock held. */
export async function buildSystem(suite: string, progress: (line: string) => void): Promise<void> {
  requireBuildTools();
  const dir = await workFolder();
  try {
    progress(`installing Debian ${suite} packages`);
    await mmdebstrap(suite, dir);
    progress("making the disk");
    await makeFileSystem(dir, suite);
    const description: ImageDescription = { suite, images: [] };
    writeFileSync(join(dir, "image.json"), `${JSON.stringify(description)}\n`);
    publish("system", systemId(suite), dir);
  } finally {
    await removeTree(dir);
  }
}
