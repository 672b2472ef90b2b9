/**
 * KVM or emulation. /dev/kvm may open and still hang every guest (nested virtualisation that is only half there),
 * so KVM counts only after it has booted the node's own kernel, or a pulled image as far as its systemd or cloud-init.
 */
import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { home } from "../../../host/home";
import { privateFolder } from "../../../host/privateFolder";
import { UserError } from "../../../host/userError";
import { type Accelerator, type Boot, commas } from "./arguments";

/** A disk with a boot loader of its own. */
export interface BootDisk {
  /** qcow2. */
  readonly disk: string;
}

interface Probe {
  readonly args: readonly string[];
  /** What the guest writes to its serial console when it really runs. */
  readonly mark: RegExp;
  readonly timeoutMs: number;
}

export function probeOf(boot: Boot | BootDisk): Probe {
  if (!("kernel" in boot)) {
    // `snapshot`: what the guest writes goes to a temporary file.
    const drive = `if=virtio,format=qcow2,snapshot=on,file=${commas(boot.disk)}`;
    return {
      args: ["-m", "512", "-drive", drive],
      mark: /systemd\[1\]|Welcome to |[Cc]loud-init|login:/,
      timeoutMs: 60_000,
    };
  }
  // /init of the initrd answers to `vmcluster.probe`.
  const append = "console=ttyS0 quiet vmcluster.probe";
  return {
    args: ["-m", "256", "-kernel", boot.kernel, "-initrd", boot.initrd, "-append", append],
    mark: /vmcluster-probe-ok/,
    timeoutMs: 15_000,
  };
}

const cached = z.object({ hostKernel: z.string(), accelerator: z.enum(["kvm", "tcg"]) });

const cacheFile = (): string => join(home(), "accelerator.json");

/** The user's choice, `VMCLUSTER_ACCEL=kvm|tcg`. */
function chosen(): Accelerator | undefined {
  const value = process.env.VMCLUSTER_ACCEL;
  if (value === undefined || value === "" || value === "kvm" || value === "tcg") return value || undefined;
  throw new UserError(`VMCLUSTER_ACCEL: "${value}"`, "must be kvm or tcg, or unset to find out");
}

function remembered(): Accelerator | undefined {
  try {
    const found = cached.parse(JSON.parse(readFileSync(cacheFile(), "utf8")));
    return found.hostKernel === release() ? found.accelerator : undefined;
  } catch {
    return undefined;
  }
}

function mayOpenKvm(): boolean {
  try {
    accessSync("/dev/kvm", constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether a guest under KVM really runs: boots it and waits for its mark on the serial console. */
function kvmBoots(boot: Boot | BootDisk): Promise<boolean> {
  const { args, mark, timeoutMs } = probeOf(boot);
  return new Promise((resolve) => {
    const guest = spawn(
      "qemu-system-x86_64",
      [
        ...[
          "-nodefaults",
          "-no-user-config",
          "-display",
          "none",
          "-no-reboot",
          "-machine",
          "q35",
          "-accel",
          "kvm",
        ],
        ...["-cpu", "host", "-serial", "stdio", ...args],
      ],
      { stdio: ["ignore", "pipe", "ignore"] },
    );
    let said = "";
    let booted = false;
    const timer = setTimeout(() => guest.kill("SIGKILL"), timeoutMs);
    guest.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (!mark.test(said)) return;
      booted = true;
      guest.kill("SIGKILL");
    });
    guest.on("error", () => resolve(false));
    guest.on("close", () => {
      clearTimeout(timer);
      resolve(booted);
    });
  });
}

/** How guests run on this host; found out once for each kernel of the host and kept in the home. */
export async function accelerator(
  boot: Boot | BootDisk,
  progress: (line: string) => void,
): Promise<Accelerator> {
  const decided = chosen();
  if (decided !== undefined) return decided;
  // Before what is remembered: its module may not be loaded after a boot, and root may open it where a user may not.
  if (!mayOpenKvm()) {
    if (existsSync("/dev/kvm")) {
      progress(
        "/dev/kvm may not be opened by you (group kvm): using emulation, which is several times slower",
      );
    }
    return "tcg";
  }
  const known = remembered();
  if (known !== undefined) return known;
  progress("trying hardware virtualisation (KVM)");
  const found: Accelerator = (await kvmBoots(boot)) ? "kvm" : "tcg";
  progress(
    found === "kvm"
      ? "KVM works"
      : "KVM does not boot a guest here: using emulation, which is several times slower",
  );
  if (found === "tcg" && !("kernel" in boot)) {
    // A disk may also be one that writes nothing to a serial console: what is not known is not remembered.
    progress("VMCLUSTER_ACCEL=kvm or tcg decides without a try");
    return found;
  }
  privateFolder(home());
  writeFileSync(cacheFile(), `${JSON.stringify({ hostKernel: release(), accelerator: found })}\n`);
  return found;
}
