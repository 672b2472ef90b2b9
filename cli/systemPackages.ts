/**
 * What the launcher installs before verbs that need it: the programs in host/tools.ts, which the machine and image code names
 * when one is missing, and what the tests start besides.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter } from "node:path";
import { findProgram, packageOf, type Tool } from "../host/tools";
import { UserError } from "../host/userError";

/** `machines`: to build the node image and run machines. `tests`: what the tests need besides. */
export type Purpose = "machines" | "tests";

interface Requirement {
  /** Name on PATH, or an absolute path of a file. */
  readonly file: string;
  /** Debian and Ubuntu package. */
  readonly apt: (host: Host) => string;
  /** Completes "needed to …". */
  readonly why: string;
  readonly purpose: Purpose;
  readonly when?: (host: Host) => boolean;
}

/** What the check asks of the machine it runs on; made up by tests. */
export interface Host {
  readonly root: boolean;
  readonly has: (file: string) => boolean;
  /** Whether apt knows a package of this name. */
  readonly offers: (aptPackage: string) => boolean;
}

const machineTool = (file: Tool, why: string, when?: (host: Host) => boolean): Requirement => ({
  file,
  apt: () => packageOf(file),
  why,
  purpose: "machines",
  when,
});

const testTool = (file: string, apt: string | ((host: Host) => string), why: string): Requirement => ({
  file,
  apt: typeof apt === "string" ? () => apt : apt,
  why,
  purpose: "tests",
});

const notRoot = (host: Host): boolean => !host.root;

const requirements: readonly Requirement[] = [
  machineTool("qemu-system-x86_64", "run virtual machines"),
  machineTool("qemu-img", "make disks"),
  machineTool("xorriso", "make seeds"),
  machineTool("mke2fs", "make file systems"),
  machineTool("mmdebstrap", "build the node image"),
  machineTool("tar", "pack images"),
  machineTool("ssh", "reach the machines"),
  machineTool("ssh-keygen", "make their keys"),
  machineTool("flock", "keep builds apart"),
  machineTool("newuidmap", "build without root", notRoot),
  machineTool("fakeroot", "build without root", notRoot),
  {
    file: "/usr/share/keyrings/debian-archive-keyring.gpg",
    apt: () => "debian-archive-keyring",
    why: "check the signatures of Debian packages",
    purpose: "machines",
  },
  testTool("chromium", "chromium", "look at the visualizer's page"),
  testTool("dockerd", "docker.io", "test the docker provider"),
  // Debian 13 has the client in a package of its own.
  testTool(
    "docker",
    (host) => (host.offers("docker-cli") ? "docker-cli" : "docker.io"),
    "test the docker provider",
  ),
  testTool("/bin/busybox", "busybox-static", "test the docker provider"),
  testTool("buildah", "buildah", "test images that Buildah builds"),
  // Only recommended by its package.
  testTool("/usr/lib/podman/netavark", "netavark", "test images that Buildah builds"),
  testTool("xz", "xz-utils", "test compressed disk images"),
  testTool("ip", "iproute2", "test the docker provider"),
  testTool("/usr/sbin/sshd", "openssh-server", "test remote commands"),
];

export interface Missing {
  readonly file: string;
  readonly apt: string;
  readonly why: string;
}

/** What is needed for one of the purposes and not there. */
export function missingPrograms(purposes: readonly Purpose[], host: Host = thisHost()): Missing[] {
  return requirements
    .filter(({ purpose, when }) => purposes.includes(purpose) && (when?.(host) ?? true))
    .filter(({ file }) => !host.has(file))
    .map(({ file, apt, why }) => ({ file, apt: apt(host), why }));
}

/** The command a person runs to get them; undefined where there is no apt. */
export function installCommand(missing: readonly Missing[], host: Host = thisHost()): string | undefined {
  if (!host.has("apt-get")) return undefined;
  const sudo = host.root ? "" : "sudo ";
  return `${sudo}apt-get install -y --no-install-recommends ${packageNames(missing).join(" ")}`;
}

/**
 * Makes sure the programs are there: missing packages are installed with apt by root or through sudo, after saying which and
 * why. Where that cannot be done, throws a {@link UserError} with the command to run.
 */
export function installPrograms(purposes: readonly Purpose[]): void {
  const host = thisHost();
  let missing = missingPrograms(purposes, host);
  if (missing.length === 0) return;
  const become = host.root ? [] : host.has("sudo") && canAskForSudo() ? ["sudo"] : undefined;
  if (!host.has("apt-get") || become === undefined) throw missingError(missing, host);
  // Twice: which package holds a program may be known only after the package lists have been fetched.
  for (let round = 0; round < 2 && missing.length > 0; round++) {
    const output = installWithApt(missing, become);
    const left = missingPrograms(purposes, host);
    if (left.length === missing.length || (round === 1 && left.length > 0)) {
      process.stderr.write(`${output.trimEnd().split("\n").slice(-15).join("\n")}\n`);
      throw missingError(left, host);
    }
    missing = left;
  }
}

function missingError(missing: readonly Missing[], host: Host): UserError {
  const command = installCommand(missing, host);
  return new UserError(
    `programs are missing: ${missing.map(({ file }) => file).join(", ")}`,
    `needed to ${reasons(missing)}`,
    command
      ? `run this, then try again:\n    ${command}`
      : `install them with this system's package manager; Debian's packages are called ${packageNames(missing).join(" ")}`,
  );
}

/** @returns what apt printed */
function installWithApt(missing: readonly Missing[], become: readonly string[]): string {
  const names = packageNames(missing);
  process.stderr.write(
    `Installing ${names.join(" ")} with ${[...become, "apt-get"].join(" ")}: needed to ${reasons(missing)}\n`,
  );
  const apt = (...args: string[]): { ok: boolean; output: string } => {
    const [program = "env", ...rest] = [
      ...become,
      "env",
      "DEBIAN_FRONTEND=noninteractive",
      "apt-get",
      // A system that has just started looks for updates itself.
      "-o",
      "DPkg::Lock::Timeout=120",
      ...args,
    ];
    const ran = spawnSync(program, rest, { stdio: ["inherit", "pipe", "pipe"], encoding: "utf8" });
    return { ok: ran.status === 0, output: `${ran.stdout ?? ""}${ran.stderr ?? ""}` };
  };
  const install = ["install", "-y", "--no-install-recommends", ...names];
  const first = apt(...install);
  if (first.ok) return first.output;
  // The package lists of a fresh machine are empty, those of another one may be old.
  const update = apt("update");
  return update.ok ? apt(...install).output : update.output;
}

const packageNames = (missing: readonly Missing[]): string[] => [...new Set(missing.map(({ apt }) => apt))];

const reasons = (missing: readonly Missing[]): string =>
  [...new Set(missing.map(({ why }) => why))].join(", ");

/** sudo that wants a password can only ask on a terminal. */
function canAskForSudo(): boolean {
  return process.stdin.isTTY === true || spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0;
}

function thisHost(): Host {
  return {
    root: process.getuid?.() === 0,
    has: (file) => (file.startsWith("/") ? existsSync(file) : findProgram(file) !== undefined),
    offers: (name) => spawnSync("apt-cache", ["show", name], { stdio: "ignore" }).status === 0,
  };
}

const systemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** PATH and the folders for administration, which Debian leaves out of a user's PATH though mke2fs is in one. */
export function searchPath(path: string = process.env.PATH ?? ""): string {
  const folders = path.split(delimiter).filter((folder) => folder !== "");
  return [...folders, ...systemFolders.filter((folder) => !folders.includes(folder))].join(delimiter);
}
