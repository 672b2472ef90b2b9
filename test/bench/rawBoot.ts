/** One boot of the golden image with nothing of ours around QEMU: from its start to the first `docker info`. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { run } from "../../host/run";
import type { NodeImage } from "../../machine/driver";
import type { Accelerator } from "../../machine/drivers/qemu/arguments";
import { kernelCommandLine, processorArguments } from "../../machine/drivers/qemu/arguments";
import { killQemu } from "../../machine/drivers/qemu/process";
import { writeSeed } from "../../machine/seed";
import { freePort } from "../freePort";

/** What differs between a tuned and an untuned boot. */
export interface Guest {
  readonly kernel: string;
  readonly initrd: string;
  /** qcow2; it is not written to. */
  readonly disk: string;
  readonly commandLine: string;
  readonly processor: readonly string[];
  readonly seed?: string;
  /** Private key that logs in as root. */
  readonly identity: string;
}

/** Seconds from the start of QEMU until `docker info` works over SSH. */
export async function bootSeconds(guest: Guest): Promise<number> {
  const work = mkdtempSync(join(tmpdir(), "vmcluster-boot-"));
  const pid = join(work, "qemu.pid");
  const overlay = join(work, "disk.qcow2");
  const port = await freePort();
  const began = Date.now();
  try {
    await run("qemu-img", ["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", guest.disk, overlay, "10G"]);
    await run("qemu-system-x86_64", [
      ...["-nodefaults", "-no-user-config", "-display", "none", "-machine", "q35", "-m", "1024", "-smp", "1"],
      ...guest.processor,
      ...["-kernel", guest.kernel, "-initrd", guest.initrd, "-append", guest.commandLine],
      ...["-drive", `if=virtio,format=qcow2,file=${overlay}`],
      ...(guest.seed ? ["-drive", `if=virtio,format=raw,readonly=on,file=${guest.seed}`] : []),
      ...["-netdev", `user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:${port}-10.0.2.15:22`],
      ...["-device", "virtio-net-pci,netdev=net,mac=52:54:00:00:00:01,romfile=", "-device", "virtio-rng-pci"],
      ...["-serial", `file:${join(work, "console.log")}`, "-daemonize", "-pidfile", pid],
    ]);
    await dockerInfo(port, guest.identity, join(work, "console.log"));
    return (Date.now() - began) / 1000;
  } finally {
    await killQemu(pid);
    rmSync(work, { recursive: true, force: true });
  }
}

async function dockerInfo(port: number, identity: string, console: string): Promise<void> {
  const options = [
    "StrictHostKeyChecking=no",
    "UserKnownHostsFile=/dev/null",
    "ConnectTimeout=60",
    "LogLevel=ERROR",
  ];
  const login = ["-i", identity, "-p", String(port), ...options.flatMap((option) => ["-o", option])];
  const end = Date.now() + 10 * 60_000;
  for (;;) {
    try {
      await run("ssh", [...login, "root@127.0.0.1", "docker", "info"], { timeoutMs: 120_000 });
      return;
    } catch (error) {
      if (Date.now() > end)
        throw new Error(
          `no Docker within ten minutes: ${error}\n${readFileSync(console, "utf8").slice(-2000)}`,
        );
      await delay(500);
    }
  }
}

/** The golden image with a seed for one machine, in the folder `work`. */
export async function tunedGuest(image: NodeImage, accelerator: Accelerator, work: string): Promise<Guest> {
  const identity = join(work, "id");
  const hostKey = join(work, "host");
  for (const file of [identity, hostKey])
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f", file]);
  const seed = join(work, "seed.iso");
  await writeSeed(
    {
      instanceId: "7f0c4a52-94a6-4cf1-8e2e-0d9f5bb0a001",
      hostName: "raw",
      authorizedKeys: [readFileSync(`${identity}.pub`, "utf8")],
      hostKeyPrivate: readFileSync(hostKey, "utf8"),
      hostKeyPublic: readFileSync(`${hostKey}.pub`, "utf8"),
      links: [{ name: "eth0", mac: "52:54:00:00:00:01", address: "10.0.2.15/24", gateway: "10.0.2.2" }],
    },
    seed,
  );
  return {
    ...image,
    commandLine: kernelCommandLine(accelerator),
    processor: processorArguments(accelerator),
    seed,
    identity,
  };
}
