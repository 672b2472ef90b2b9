/**
 * A Debian host with real VirtualBox, emulated by QEMU with AMD-V in its CPU (nested paging, so that VirtualBox starts machines),
 * because the machines that run the tests may have no hardware virtualisation. Kept under ~/.cache/vmcluster by content.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { RunError, type RunResult, run } from "../../host/run";
import { shellWord } from "../../host/shellWord";
import { freePort } from "../freePort";
import { emulatorArguments, hostArguments, idOf } from "./recipe";

const cache = join(process.env.VMCLUSTER_TEST_CACHE ?? join(homedir(), ".cache/vmcluster"), "virtualbox");

/** The bed is for tests alone and may take all the time that is left over. */
const nice = (program: string, args: readonly string[]): [string, string[]] => [
  "nice",
  ["-n", "19", program, ...args],
];

const step = (program: string, args: readonly string[]): Promise<RunResult> => {
  process.stderr.write(`virtualbox host: ${program}\n`);
  return run(...nice(program, args));
};

/** Makes what has this name unless it is there, whole. */
async function cached(name: string, make: (path: string) => Promise<void>): Promise<string> {
  const path = join(cache, name);
  if (existsSync(path)) return path;
  mkdirSync(cache, { recursive: true });
  const part = `${path}.part`;
  rmSync(part, { recursive: true, force: true });
  await make(part);
  renameSync(part, path);
  return path;
}

const debootstrap = (args: readonly string[]): Promise<RunResult> =>
  step("unshare", ["--mount", "--propagation", "private", "mmdebstrap", "--format=tar", ...args]);

const unpack = async (tar: string, dir: string): Promise<void> => {
  mkdirSync(dir, { recursive: true });
  await step("tar", ["--extract", "--directory", dir, "--file", tar, "--exclude=./dev/*"]);
};

export interface HostFiles {
  /** Root of the unpacked emulator. */
  readonly emulator: string;
  /** Folder with `disk.raw`, `vmlinuz`, `initrd`. */
  readonly host: string;
  readonly identity: string;
}

/** Ten minutes or so the first time on a quiet machine; files that are there are used. */
export async function ensureHostFiles(): Promise<HostFiles> {
  const emulator = await cached(`emulator-${idOf(emulatorArguments(""))}`, async (part) => {
    await debootstrap(emulatorArguments(`${part}.tar`));
    await unpack(`${part}.tar`, part);
    rmSync(`${part}.tar`);
  });
  const packages = await cached(`host-packages-${idOf(hostArguments(""))}.tar`, async (part) => {
    await debootstrap(hostArguments(part));
  });
  const identity = await cached("id_ed25519", async (part) => {
    await step("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "virtualbox-test", "-f", part]);
    renameSync(`${part}.pub`, join(cache, "id_ed25519.pub"));
  });
  const script = join(__dirname, "customize.sh");
  const host = await cached(`host-${idOf(packages, readFileSync(script, "utf8"))}`, async (part) => {
    const root = join(part, "root");
    await unpack(packages, root);
    await step("sh", [script, root, `${identity}.pub`]);
    const boot = readdirSync(join(root, "boot"));
    for (const [prefix, name] of [
      ["vmlinuz-", "vmlinuz"],
      ["initrd.img-", "initrd"],
    ] as const) {
      const file = boot.find((one) => one.startsWith(prefix));
      if (file === undefined) throw new Error(`the host has no /boot/${prefix}*`);
      renameSync(join(root, "boot", file), join(part, name));
    }
    const hostKey = readFileSync(join(root, "etc/ssh/ssh_host_ed25519_key.pub"), "utf8");
    writeFileSync(join(part, "known_hosts"), `vboxhost ${hostKey}`);
    await step("mke2fs", ["-q", "-t", "ext4", "-d", root, join(part, "disk.raw"), "16G"]);
    rmSync(root, { recursive: true });
  });
  return { emulator, host, identity };
}

export interface HostOptions {
  /** ext4 image that is mounted read-only on /opt/vmcluster. */
  readonly application: string;
  /** Folder for this run's overlay and console. */
  readonly dir: string;
}

export class EmulatedHost {
  private constructor(
    private readonly files: HostFiles,
    private readonly process: ChildProcess,
    private readonly port: number,
    readonly console: string,
  ) {}

  static async boot(files: HostFiles, options: HostOptions): Promise<EmulatedHost> {
    const { emulator, host } = files;
    const overlay = join(options.dir, "overlay.qcow2");
    const base = join(host, "disk.raw");
    rmSync(overlay, { force: true });
    await run("qemu-img", ["create", "-q", "-f", "qcow2", "-F", "raw", "-b", base, overlay]);
    const port = await freePort();
    const lib = join(emulator, "usr/lib/x86_64-linux-gnu");
    const console = join(options.dir, "console.log");
    const args = [
      ...[
        "--library-path",
        `${lib}:${join(lib, "pulseaudio")}`,
        join(emulator, "usr/bin/qemu-system-x86_64"),
      ],
      ...["qemu", "seabios"].flatMap((one) => ["-L", join(emulator, "usr/share", one)]),
      ...["-nodefaults", "-no-user-config", "-display", "none", "-machine", "q35"],
      ...["-accel", "tcg,thread=multi,tb-size=1024", "-cpu", "EPYC-Rome,+svm,+npt,+nrip-save"],
      ...["-smp", "2", "-m", "6144", "-serial", `file:${console}`],
      ...["-kernel", join(host, "vmlinuz"), "-initrd", join(host, "initrd")],
      "-append",
      "root=/dev/vda rw console=ttyS0 mitigations=off nokaslr net.ifnames=0 no_timer_check quiet systemd.show_status=1",
      ...["-drive", `if=virtio,format=qcow2,file=${overlay},cache=unsafe`],
      ...["-drive", `if=virtio,format=raw,readonly=on,file=${options.application}`],
      ...[
        "-netdev",
        `user,id=n,net=10.77.0.0/24,ipv6=off,restrict=on,hostfwd=tcp:127.0.0.1:${port}-10.77.0.15:22`,
      ],
      ...["-device", "virtio-net-pci,netdev=n,romfile=", "-device", "virtio-rng-pci"],
    ];
    const [program, all] = nice(join(lib, "ld-linux-x86-64.so.2"), args);
    const child = spawn("setpriv", ["--pdeathsig", "TERM", "--", program, ...all], {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, QEMU_MODULE_DIR: join(lib, "qemu") },
    });
    return new EmulatedHost(files, child, port, console);
  }

  /** One connection is kept: a handshake costs the emulated CPU seconds. */
  private sshOptions(): string[] {
    const control = join("/tmp", `vmcluster-vbox-${process.pid}-${this.port}`);
    const known = join(this.files.host, "known_hosts");
    const strict = ["StrictHostKeyChecking=yes", `UserKnownHostsFile=${known}`, "HostKeyAlias=vboxhost"];
    const kept = [
      "ControlMaster=auto",
      `ControlPath=${control}`,
      "ControlPersist=600",
      "ServerAliveInterval=30",
    ];
    const options = [...strict, ...kept, "ConnectTimeout=60", "BatchMode=yes", "ServerAliveCountMax=20"];
    return ["-i", this.files.identity, "-p", String(this.port), ...options.flatMap((one) => ["-o", one])];
  }

  /** Runs a program there and returns what it printed; rejects with a RunError unless it exits with 0. */
  async sh(
    script: string,
    options: { readonly stdin?: string; readonly timeoutMs?: number } = {},
  ): Promise<RunResult> {
    try {
      return await run("ssh", [...this.sshOptions(), "root@127.0.0.1", "--", script], options);
    } catch (error) {
      // The error's own message has the last lines alone.
      if (error instanceof RunError && this.isUp) process.stderr.write(`virtualbox host: ${error.stderr}\n`);
      throw error;
    }
  }

  run(
    program: string,
    args: readonly string[],
    options: { readonly stdin?: string } = {},
  ): Promise<RunResult> {
    return this.sh([program, ...args].map(shellWord).join(" "), options);
  }

  private isUp = false;

  /** Waits until it answers; rejects when the emulator has ended. */
  async ready(timeoutMs: number): Promise<void> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      if (this.process.exitCode !== null)
        throw new Error(`the emulator ended with code ${this.process.exitCode}`);
      try {
        await this.sh("true", { timeoutMs: 120_000 });
        this.isUp = true;
        return;
      } catch (error) {
        if (!(error instanceof RunError) || Date.now() > end) throw error;
        await delay(3000);
      }
    }
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGKILL");
    await ended;
  }
}
