/** The programs of the operating system that vmcluster runs, with the package that holds each: the one list of them. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { UserError } from "../host/userError";

/** `machines`: to build the node image and run machines. `tests`: what the tests need besides. */
export type Purpose = "machines" | "tests";

interface Requirement {
  /** Name on PATH, or an absolute path of a file. */
  readonly file: string;
  /** Debian and Ubuntu package. */
  readonly apt: string;
  /** Homebrew formula, where macOS does not have it and there is one. */
  readonly brew?: string;
  /** Completes "needed to …". */
  readonly why: string;
  readonly purpose: Purpose;
  readonly when?: (host: Host) => boolean;
}

/** What the check asks of the machine it runs on; made up by tests. */
export interface Host {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly root: boolean;
  readonly has: (file: string) => boolean;
}

const linux = (host: Host): boolean => host.platform === "linux";

const requirements: readonly Requirement[] = [
  {
    file: "qemu-system-x86_64",
    apt: "qemu-system-x86",
    brew: "qemu",
    why: "run virtual machines",
    purpose: "machines",
    when: (host) => host.arch === "x64",
  },
  {
    file: "qemu-system-aarch64",
    apt: "qemu-system-arm",
    brew: "qemu",
    why: "run virtual machines",
    purpose: "machines",
    when: (host) => host.arch === "arm64",
  },
  { file: "qemu-img", apt: "qemu-utils", brew: "qemu", why: "make disks", purpose: "machines" },
  { file: "mke2fs", apt: "e2fsprogs", brew: "e2fsprogs", why: "make file systems", purpose: "machines" },
  { file: "mmdebstrap", apt: "mmdebstrap", why: "build the node image", purpose: "machines", when: linux },
  { file: "ssh", apt: "openssh-client", why: "reach the machines", purpose: "machines" },
  { file: "ssh-keygen", apt: "openssh-client", why: "make their keys", purpose: "machines" },
  { file: "tar", apt: "tar", why: "pack images", purpose: "machines" },
  {
    file: "xorriso",
    apt: "xorriso",
    brew: "xorriso",
    why: "make the seeds of machines",
    purpose: "machines",
  },
  {
    file: "/usr/share/keyrings/debian-archive-keyring.gpg",
    apt: "debian-archive-keyring",
    why: "check the signatures of Debian packages",
    purpose: "machines",
    when: linux,
  },
  {
    file: "newuidmap",
    apt: "uidmap",
    why: "build the node image without root",
    purpose: "machines",
    when: (host) => linux(host) && !host.root,
  },
  {
    file: "fakeroot",
    apt: "fakeroot",
    why: "build the node image without root",
    purpose: "machines",
    when: (host) => linux(host) && !host.root,
  },
  {
    file: "chromium",
    apt: "chromium",
    brew: "chromium",
    why: "look at the visualizer's page",
    purpose: "tests",
  },
  { file: "dockerd", apt: "docker.io", why: "test the docker provider", purpose: "tests", when: linux },
  { file: "sshd", apt: "openssh-server", why: "test remote commands", purpose: "tests", when: linux },
];

export interface Missing {
  readonly file: string;
  /** Package for the host's package manager; undefined where that has none. */
  readonly package: string | undefined;
  readonly why: string;
}

/** What is needed for one of the purposes and not there. */
export function missingPrograms(purposes: readonly Purpose[], host: Host = thisHost()): Missing[] {
  return requirements
    .filter(
      (needed) =>
        purposes.includes(needed.purpose) && (needed.when?.(host) ?? true) && !host.has(needed.file),
    )
    .map((needed) => ({
      file: needed.file,
      package: host.platform === "darwin" ? needed.brew : needed.apt,
      why: needed.why,
    }));
}

/** The command a person runs to get them, for hosts with apt or Homebrew. */
export function installCommand(missing: readonly Missing[], host: Host = thisHost()): string | undefined {
  const names = packageNames(missing);
  if (names.length === 0) return undefined;
  if (host.has("apt-get")) {
    return `${host.root ? "" : "sudo "}apt-get install -y --no-install-recommends ${names.join(" ")}`;
  }
  return host.has("brew") ? `brew install ${names.join(" ")}` : undefined;
}

/**
 * Makes sure the programs are there. With `install`, as the launcher asks, missing packages are installed with apt by root
 * or sudo, after saying which and why. Otherwise, and where that cannot be done, throws a {@link UserError} with the command to run.
 */
export function requirePrograms(purposes: readonly Purpose[], install: boolean): void {
  const host = thisHost();
  const missing = missingPrograms(purposes, host);
  if (missing.length === 0) return;
  if (install && host.has("apt-get")) {
    const become = host.root ? [] : host.has("sudo") && canAskForSudo() ? ["sudo"] : undefined;
    if (become) {
      installWithApt(missing, become, host, purposes);
      return;
    }
  }
  throw missingError(missing, host);
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

function installWithApt(
  missing: readonly Missing[],
  become: readonly string[],
  host: Host,
  purposes: readonly Purpose[],
): void {
  const names = packageNames(missing);
  process.stderr.write(
    `Installing ${names.join(" ")} with ${[...become, "apt-get"].join(" ")}: needed to ${reasons(missing)}\n`,
  );
  // Not through sudo's own environment: it may drop variables. Package lists of fresh machines are empty or old.
  const apt = (...args: string[]): { ok: boolean; output: string } => {
    const [program = "env", ...rest] = [
      ...become,
      "env",
      "DEBIAN_FRONTEND=noninteractive",
      "apt-get",
      ...args,
    ];
    const ran = spawnSync(program, rest, { stdio: ["inherit", "pipe", "pipe"], encoding: "utf8" });
    return { ok: ran.status === 0, output: `${ran.stdout ?? ""}${ran.stderr ?? ""}` };
  };
  const install = ["install", "-y", "--no-install-recommends", ...names];
  let ran = apt(...install);
  if (!ran.ok) {
    const update = apt("update");
    ran = update.ok ? apt(...install) : update;
  }
  if (ran.ok && missingPrograms(purposes, host).length === 0) return;
  process.stderr.write(`${ran.output.trimEnd().split("\n").slice(-15).join("\n")}\n`);
  throw missingError(missingPrograms(purposes, host), host);
}

const packageNames = (missing: readonly Missing[]): string[] => [
  ...new Set(missing.flatMap((item) => item.package ?? [])),
];

const reasons = (missing: readonly Missing[]): string =>
  [...new Set(missing.map(({ why }) => why))].join(", ");

/** sudo that wants a password can only ask on a terminal. */
function canAskForSudo(): boolean {
  return process.stdin.isTTY === true || spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0;
}

export function thisHost(): Host {
  return {
    platform: process.platform,
    arch: process.arch,
    root: process.getuid?.() === 0,
    has: (file) =>
      file.startsWith("/") ? existsSync(file) : searchPath().some((dir) => executable(join(dir, file))),
  };
}

const systemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** PATH and the folders for administration, which Debian leaves out of a user's PATH though mke2fs is in one. */
export function searchPath(path: string = process.env.PATH ?? ""): string[] {
  const folders = path.split(delimiter).filter((folder) => folder !== "");
  return [...folders, ...systemFolders.filter((folder) => !folders.includes(folder))];
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
