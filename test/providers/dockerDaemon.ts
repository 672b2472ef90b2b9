import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, open, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../../host/run";

const busybox = "/bin/busybox";

/** A Docker daemon of the test's own: a one-node swarm in a network namespace, with a small image to run. */
export class DockerDaemon {
  readonly socket: string;

  private constructor(
    private readonly folder: string,
    private daemon: ChildProcess | undefined,
  ) {
    this.socket = join(folder, "docker.sock");
  }

  static async start(): Promise<DockerDaemon> {
    if (process.getuid?.() !== 0) throw new Error("this test starts a Docker daemon: run it as root");
    if (!["/usr/sbin/dockerd", "/usr/bin/dockerd"].some(existsSync) || !existsSync(busybox)) {
      throw new Error(
        "this test starts a Docker daemon with a small image: apt-get install docker.io busybox-static (and docker-cli where it is a package of its own)",
      );
    }
    const daemon = new DockerDaemon(await mkdtemp(join(tmpdir(), "vmcluster-docker-")), undefined);
    await daemon.up();
    await daemon.docker("swarm", "init", "--advertise-addr", "127.0.0.1", "--listen-addr", "127.0.0.1:2377");
    return daemon;
  }

  get host(): string {
    return `unix://${this.socket}`;
  }

  /** Its process, while it is up. */
  get pid(): number {
    const pid = this.daemon?.pid;
    if (pid === undefined) throw new Error("the daemon is not up");
    return pid;
  }

  async up(): Promise<void> {
    const log = await open(join(this.folder, "log"), "a");
    // Of its own network namespace, so that bridges, ports and rules of other daemons here are none of its business.
    this.daemon = spawn(
      "unshare",
      [
        "--net",
        "sh",
        "-c",
        '/bin/busybox ip link set lo up; exec dockerd --data-root "$0/data" --exec-root "$0/run" --pidfile "$0/pid" -H "unix://$0/docker.sock"',
        this.folder,
      ],
      { stdio: ["ignore", log.fd, log.fd] },
    );
    await log.close();
    for (let tries = 0; ; tries++) {
      if (
        await this.docker("version").then(
          () => true,
          () => false,
        )
      )
        return;
      if (tries > 150 || this.daemon.exitCode !== null) {
        throw new Error(
          `dockerd does not start:\n${(await readFile(join(this.folder, "log"), "utf8")).slice(-3000)}`,
        );
      }
      await sleep(200);
    }
  }

  /** Ends the daemon; containers end with it. */
  async down(): Promise<void> {
    const { daemon } = this;
    if (!daemon || daemon.exitCode !== null) return;
    const ended = new Promise((resolve) => daemon.once("exit", resolve));
    daemon.kill("SIGTERM");
    await ended;
  }

  async docker(...args: string[]): Promise<string> {
    return (await run("docker", ["-H", this.host, ...args], { timeoutMs: 60_000 })).stdout.trim();
  }

  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.docker(...args)) as T;
  }

  /** An image of a static busybox: no hub is needed. */
  async makeImage(name: string, extra: string[] = []): Promise<void> {
    const root = join(this.folder, "root");
    await mkdir(join(root, "bin"), { recursive: true });
    if (!existsSync(join(root, "bin/busybox"))) {
      await copyFile(busybox, join(root, "bin/busybox"));
      for (const tool of ["sh", "sleep", "cat", "test", "touch", "echo", "true", "false", "ping"]) {
        await symlink("busybox", join(root, "bin", tool));
      }
    }
    const archive = join(this.folder, "image.tar");
    await run("tar", ["-C", root, "-cf", archive, "."]);
    await this.docker(
      "import",
      "-c",
      'CMD ["sleep","100000"]',
      ...extra.flatMap((one) => ["-c", one]),
      archive,
      name,
    );
  }

  async remove(): Promise<void> {
    // A daemon that ends leaves its tasks' networks mounted unless the swarm is left first.
    await this.docker("swarm", "leave", "--force").catch(() => undefined);
    await this.down();
    const { stdout } = await run("findmnt", ["-rno", "TARGET"]);
    for (const target of stdout
      .split("\n")
      .filter((line) => line.startsWith(`${this.folder}/`))
      .reverse()) {
      await run("umount", ["-l", target]).catch(() => undefined);
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}
