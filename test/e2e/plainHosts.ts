/**
 * Hosts that nobody has prepared: Debian without Docker, with users `ada` (sudo without a password) and `bob` (none), in QEMU. They boot as
 * nodes do, from our kernel, initrd and seed, which takes a third of the time of a stock system. Kept by content in the user's cache.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../host/run";
import { quoted } from "../../host/shellWord";
import { macOf } from "../../machine/addresses";
import type { NodeImage } from "../../machine/driver";
import { accelerator } from "../../machine/drivers/qemu/accelerator";
import { qemuArguments } from "../../machine/drivers/qemu/arguments";
import { systemId } from "../../machine/image/recipe";
import { mmdebstrapArguments } from "../../machine/image/system";
import type { MachineFiles } from "../../machine/paths";
import { checkSpec } from "../../machine/readSpec";
import { writeSeed } from "../../machine/seed";
import { ensureKey } from "../../machine/ssh/keys";
import type { MachineRecord } from "../../machine/store";

const suite = "trixie";

const users = `set -eu
for user in ada bob; do useradd --create-home --shell /bin/bash --password '*' $user; done
echo 'ada ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/ada
# Everyone is let in with root's key, which the seed brings.
cat >/etc/ssh/sshd_config.d/zz-lab.conf <<END
Match User ada,bob
  AuthorizedKeysCommand /usr/bin/cat /root/.ssh/authorized_keys
  AuthorizedKeysCommandUser root
END`;

const cache = process.env.VMCLUSTER_IMAGES ?? join(homedir(), ".cache/vmcluster/images");

function recipe(dir: string): string[] {
  const docker = /^(docker.*|containerd|runc)$/;
  const args = mmdebstrapArguments(suite, dir).map((argument) =>
    argument.startsWith("--include=")
      ? `--include=${argument
          .slice("--include=".length)
          .split(",")
          .filter((name) => !docker.test(name))
          .concat("sudo")
          .join(",")}`
      : argument,
  );
  return [...args.slice(0, -2), `--customize-hook=chroot "$1" sh -c ${quoted(users)}`, ...args.slice(-2)];
}

/** Builds it (a minute) unless it is there. Needs root, as CI is. */
export async function ensurePlainImage(): Promise<NodeImage> {
  const id = createHash("sha256")
    .update(JSON.stringify([systemId(suite), users]))
    .digest("hex")
    .slice(0, 16);
  const dir = join(cache, `plain-${id}`);
  if (!existsSync(dir)) {
    mkdirSync(cache, { recursive: true });
    const work = mkdtempSync(join(cache, ".plain-"));
    const namespaces = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"];
    await run("unshare", [...namespaces, "mmdebstrap", ...recipe(work)], { env: { TMPDIR: work } });
    const root = join(work, "root");
    mkdirSync(root);
    await run("tar", ["--extract", "--directory", root, "--file", join(work, "rootfs.tar")]);
    const raw = join(work, "disk.raw");
    await run("mke2fs", ["-q", "-t", "ext4", "-L", "vmcluster-root", "-m", "1", "-d", root, raw, "4G"]);
    await run("qemu-img", ["convert", "-O", "qcow2", raw, join(work, "disk.qcow2")]);
    for (const path of [root, raw, join(work, "rootfs.tar")]) rmSync(path, { recursive: true });
    renameSync(work, dir);
  }
  const [kernel, initrd, disk] = ["vmlinuz", "initrd", "disk.qcow2"].map((name) => join(dir, name));
  return { id, kernel, initrd, disk, images: [] } as NodeImage;
}

export interface PlainHost {
  readonly name: string;
  /** Where its sshd is reached, port 2222. */
  readonly address: string;
  readonly privateAddress: string;
}

/** Some such hosts on one network of their own. */
export class PlainHosts {
  readonly folder = mkdtempSync(join(tmpdir(), "vmcluster-plain-"));
  /** Private key that logs in as anybody. */
  readonly identity = join(this.folder, "id");
  /** One that does not. */
  readonly stranger = join(this.folder, "stranger");
  private readonly processes: ChildProcess[] = [];
  private readonly number = 2 + (process.pid % 200);

  address(index: number): PlainHost {
    return {
      name: `h${index}`,
      address: `127.${this.number}.77.${index}`,
      privateAddress: `192.168.77.${10 + index}`,
    };
  }

  async boot(index: number, image: NodeImage): Promise<PlainHost> {
    const host = this.address(index);
    const at = (name: string): string => join(this.folder, `${host.name}.${name}`);
    await ensureKey(this.identity);
    await ensureKey(this.stranger);
    const machineId = randomUUID();
    const record: MachineRecord = {
      version: 1,
      phase: "creating",
      spec: checkSpec({ name: host.name, cluster: "lab", memory: 1024 }),
      machineId,
      image: image.id,
      images: [],
      network: {
        address: host.address,
        sshPort: 2222,
        privateAddress: host.privateAddress,
        macs: [macOf(machineId, 0), macOf(machineId, 1)],
        multicast: `239.255.77.${this.number}:${21_000 + this.number}`,
      },
      hostKey: await ensureKey(at("host_key")),
      condition: "ok",
    };
    const files = { disk: at("qcow2"), seed: at("iso"), console: at("console"), pid: at("pid"), qmp: "" };
    await run("qemu-img", ["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", image.disk, files.disk]);
    await writeSeed(
      {
        instanceId: machineId,
        hostName: host.name,
        authorizedKeys: [readFileSync(`${this.identity}.pub`, "utf8")],
        hostKeyPrivate: readFileSync(at("host_key"), "utf8"),
        hostKeyPublic: record.hostKey,
        links: [
          {
            name: "eth0",
            mac: record.network.macs[0],
            address: "10.0.2.15/24",
            gateway: "10.0.2.2",
            nameserver: "10.0.2.3",
          },
          { name: "eth1", mac: record.network.macs[1], address: `${host.privateAddress}/24` },
        ],
      },
      files.seed,
    );
    const kind = await accelerator(image, () => undefined);
    const args = qemuArguments(record, files as MachineFiles, image, kind, {
      foreground: true,
      link: { multicast: record.network.multicast },
    });
    const child = spawn("qemu-system-x86_64", args, { stdio: ["ignore", "ignore", "inherit"] });
    this.processes.push(child);
    return host;
  }

  /** What a shell prints on a host, as root. */
  async on(host: PlainHost, script: string, user = "root"): Promise<string> {
    const options = [
      "StrictHostKeyChecking=no",
      "UserKnownHostsFile=/dev/null",
      "LogLevel=ERROR",
      "ConnectTimeout=30",
    ];
    const args = ["-i", this.identity, "-p", "2222", ...options.flatMap((option) => ["-o", option])];
    const { stdout } = await run("ssh", [...args, `${user}@${host.address}`, "sh -s"], { stdin: script });
    return stdout.trim();
  }

  stop(): void {
    for (const child of this.processes) child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
