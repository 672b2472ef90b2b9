import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../../host/run";
import { freePort } from "../freePort";

const sshd = "/usr/sbin/sshd";

/** An OpenSSH server of the test's own on a free loopback port, with throwaway keys. */
export class SshServer {
  private process: ChildProcess | undefined;

  private constructor(
    readonly folder: string,
    readonly port: number,
    readonly user: string,
    readonly hostKey: string,
    readonly privateKey: string,
  ) {}

  static async start(): Promise<SshServer> {
    if (!existsSync(sshd)) {
      throw new Error(`${sshd} is missing, which this test starts: apt-get install openssh-server`);
    }
    const folder = await mkdtemp(join(tmpdir(), "vmcluster-sshd-"));
    await Promise.all(
      ["host", "user"].map((name) =>
        run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", join(folder, name)]),
      ),
    );
    const port = await freePort();
    await writeFile(
      join(folder, "sshd_config"),
      `ListenAddress 127.0.0.1
Port ${port}
HostKey ${folder}/host
AuthorizedKeysFile ${folder}/user.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
AcceptEnv VMCLUSTER_* PULUMI_COMMAND_*
Subsystem sftp internal-sftp
LogLevel VERBOSE
`,
    );
    await writeFile(
      join(folder, "ssh_config"),
      `Host machine
  HostName 127.0.0.1
  Port ${port}
  User ${userInfo().username}
  IdentityFile ${folder}/user
  IdentitiesOnly yes
  UserKnownHostsFile ${folder}/known_hosts
  StrictHostKeyChecking yes
`,
    );
    const [hostKey, privateKey] = await Promise.all([
      readFile(join(folder, "host.pub"), "utf8"),
      readFile(join(folder, "user"), "utf8"),
    ]);
    await writeFile(join(folder, "known_hosts"), `[127.0.0.1]:${port} ${hostKey}`);
    await chmod(folder, 0o755);
    const server = new SshServer(folder, port, userInfo().username, hostKey.trim(), privateKey);
    await server.up();
    return server;
  }

  /** OpenSSH client configuration that knows this server as `machine`. */
  get sshConfig(): string {
    return join(this.folder, "ssh_config");
  }

  /** For `remote.Command`. */
  get connection() {
    return {
      host: "127.0.0.1",
      port: this.port,
      user: this.user,
      hostKey: this.hostKey,
      privateKey: this.privateKey,
    };
  }

  async up(): Promise<void> {
    // What sshd as root changes into before a login.
    if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true });
    this.process = spawn(
      sshd,
      ["-D", "-f", join(this.folder, "sshd_config"), "-E", join(this.folder, "log")],
      {
        stdio: "ignore",
      },
    );
    for (let tries = 0; ; tries++) {
      if (await answers(this.port)) return;
      if (tries > 400)
        throw new Error(`sshd does not start:\n${await readFile(join(this.folder, "log"), "utf8")}`);
      await sleep(50);
    }
  }

  /** Ends the server with all of its connections. */
  async down(): Promise<void> {
    const { process: server } = this;
    if (server?.pid === undefined) return;
    const ended = new Promise((resolve) => server.once("exit", resolve));
    await this.dropConnections();
    server.kill("SIGKILL");
    await ended;
    this.process = undefined;
  }

  /** Ends the processes that serve logins, as a machine does that restarts. */
  async dropConnections(): Promise<void> {
    const parent = this.process?.pid;
    if (parent === undefined) return;
    const { stdout } = await run("ps", ["-o", "pid=", "--ppid", String(parent)]).catch(() => ({
      stdout: "",
    }));
    for (const pid of stdout.split("\n").filter((line) => line.trim() !== "")) {
      try {
        process.kill(Number(pid), "SIGKILL");
      } catch {
        // Gone already.
      }
    }
  }

  /** How many logins there have been. */
  async logins(): Promise<number> {
    const log = await readFile(join(this.folder, "log"), "utf8");
    return log.split("\n").filter((line) => line.includes("Accepted publickey")).length;
  }

  async remove(): Promise<void> {
    await this.down();
    await rm(this.folder, { recursive: true });
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
