/** Whether this host can run VirtualBox machines at all. What cannot be told without starting one is in explain.ts. */
import { existsSync, readFileSync } from "node:fs";
import { requireTools } from "../../../host/tools";
import { UserError } from "../../../host/userError";
import { loadDriver } from "./explain";
import { requireIsolinux } from "./golden";
import { manage } from "./manage";
import { parseVersion, type Version } from "./output";
import { requireVBoxManage } from "./program";

/** What is looked at; made up by tests. */
export interface PreflightHost {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly exists: (path: string) => boolean;
  /** Text of /proc/cpuinfo; empty where there is none. */
  readonly cpuinfo: string;
}

function thisHost(): PreflightHost {
  const cpuinfo = "/proc/cpuinfo";
  return {
    platform: process.platform,
    arch: process.arch,
    exists: existsSync,
    cpuinfo: existsSync(cpuinfo) ? readFileSync(cpuinfo, "utf8") : "",
  };
}

function checkVersion(text: string): Version {
  const version = parseVersion(text);
  if (version === undefined) {
    throw new UserError(
      "VBoxManage --version tells no version",
      text.trim().split("\n").slice(-3).join("\n  "),
    );
  }
  if (version.major > 6 || (version.major === 6 && version.minor >= 1)) return version;
  throw new UserError(
    `VirtualBox ${version.text} is too old`,
    "the virtualbox driver needs 6.1 or later",
    "install a newer one",
  );
}

/** Whether the CPU offers it at all; a flag says nothing of the firmware's switch, so no false alarm comes from here (docker/machine#2502). */
function checkCpu({ cpuinfo }: PreflightHost): void {
  const flags = /^flags\s*:(.*)$/m.exec(cpuinfo)?.[1]?.split(" ");
  if (flags === undefined || flags.includes("vmx") || flags.includes("svm")) return;
  throw new UserError(
    "VirtualBox cannot run virtual machines here",
    flags.includes("hypervisor")
      ? "this host is itself a virtual machine, and its CPU shows no VT-x or AMD-V"
      : "the CPU shows no VT-x or AMD-V",
    flags.includes("hypervisor")
      ? "switch nested virtualisation on in the hypervisor below, or use the qemu driver, which can emulate"
      : "switch it on in the firmware's setup if it is there, or use the qemu driver, which can emulate",
  );
}

function checkKernelDriver({ platform, exists }: PreflightHost): void {
  if (platform !== "linux" || exists("/dev/vboxdrv")) return;
  throw new UserError(
    "VirtualBox cannot run virtual machines here",
    "its kernel driver is not loaded (there is no /dev/vboxdrv)",
    `${loadDriver}; with Secure Boot the module must be signed`,
  );
}

/** Checks in the order in which they are mended. `version` prints what `VBoxManage --version` does. */
export async function checkHost(host: PreflightHost, version: () => Promise<string>): Promise<Version> {
  if (host.arch !== "x64") {
    throw new UserError(
      `the virtualbox driver does not work on ${host.arch}`,
      "its node image starts from a BIOS, which VirtualBox has for x86 only",
      "use another driver",
    );
  }
  const found = checkVersion(await version());
  checkCpu(host);
  checkKernelDriver(host);
  return found;
}

export async function preflight(): Promise<void> {
  requireVBoxManage();
  requireTools("the virtualbox driver", ["qemu-img", "xorriso", "ssh", "ssh-keygen", "flock"]);
  requireIsolinux();
  await checkHost(thisHost(), () => manage(["--version"]));
}
