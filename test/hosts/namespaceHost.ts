/**
 * Existing hosts without virtual machines: each a namespace of network, processes and mounts with a real sshd and a real Docker daemon, all on one
 * private network. What the generic driver writes to a host (/var/lib/vmcluster) is the namespace's own, and gone with it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../../host/run";

const sshd = "/usr/sbin/sshd";

/** The first process of a host: with it all others end. Arguments: its folder, its name. */
const init = `set -eu
hostname "$1"
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib
mkdir -p /run/sshd /run/lock
ip link set lo up
# A Docker that finds it off lets nothing be forwarded, also between the ports of the bridge.
echo 1 >/proc/sys/net/ipv4/ip_forward
while :; do
  dockerd --data-root "$0/data" --pidfile /run/docker.pid -H unix:///run/docker.sock -H "unix://$0/docker.sock" >>"$0/log" 2>&1 || sleep 1
done
`;

export interface HostLogin {
  readonly host: string;
  readonly sshPort: number;
  readonly sshUser: string;
  /** File of the private key. */
  readonly identity: string;
  readonly hostKey: string;
}

export class NamespaceHost {
  private readonly folder = mkdtempSync(join(tmpdir(), "vmcluster-host-"));
  private process: ChildProcess | undefined;
  private pid = 0;
  /** sshd has no address that this host reaches: each connection to a loopback port is served by one of its own. */
  private server: Server | undefined;
  private readonly logins = new Set<ChildProcess>();

  private constructor(
    readonly name: string,
    /** On the hosts' private network. */
    readonly privateAddress: string,
    /** A further one of its own. */
    readonly otherAddress: string,
  ) {}

  /** Starts hosts on one network. */
  static async start(...names: string[]): Promise<NamespaceHost[]> {
    if (process.getuid?.() !== 0) throw new Error("this test makes namespaces: run it as root");
    const hosts = names.map(
      (name, index) => new NamespaceHost(name, `10.87.0.${11 + index}`, `10.87.1.${11 + index}`),
    );
    try {
      for (const host of hosts) await host.up();
      const [first, ...others] = hosts as [NamespaceHost, ...NamespaceHost[]];
      // The first one has the bridge that all are on.
      await first.inside("ip link add eth0 type bridge && ip link set eth0 up");
      for (const [index, host] of others.entries()) {
        const port = `port${index}`;
        const [here, there] = [String(first.pid), String(host.pid)];
        await run("ip", [
          ...["link", "add", port, "netns", here, "type", "veth"],
          ...["peer", "name", "eth0", "netns", there],
        ]);
        await first.inside(`ip link set ${port} master eth0 up`);
      }
      for (const host of hosts)
        await host.inside(
          `ip link set eth0 up; ip addr add ${host.privateAddress}/24 dev eth0; ip addr add ${host.otherAddress}/24 dev eth0`,
        );
      return hosts;
    } catch (error) {
      for (const host of hosts) await host.remove();
      throw error;
    }
  }

  /** How it is logged in to, for a program; all that can be said of it. */
  login(): HostLogin {
    const address = this.server?.address();
    if (typeof address !== "object" || address === null) throw new Error(`host ${this.name} does not listen`);
    const hostKey = readFileSync(join(this.folder, "host.pub"), "utf8").trim();
    return {
      host: "127.0.0.1",
      sshPort: address.port,
      sshUser: userInfo().username,
      identity: join(this.folder, "user"),
      hostKey,
    };
  }

  /** Its Docker, as this host reaches it. */
  get dockerHost(): string {
    return `unix://${this.folder}/docker.sock`;
  }

  async docker(...args: string[]): Promise<string> {
    return (await run("docker", ["-H", this.dockerHost, ...args], { timeoutMs: 60_000 })).stdout.trim();
  }

  /** Docker gives up after 20 s, too little on a busy host, but goes on: that is waited for. */
  async joinSwarm(manager: NamespaceHost, role: "manager" | "worker"): Promise<void> {
    const token = await manager.docker("swarm", "join-token", "-q", role);
    const joined = this.docker("swarm", "join", "--token", token, `${manager.privateAddress}:2377`);
    await joined.catch((error: Error) => {
      if (!error.message.includes("will continue in the background")) throw error;
    });
    await this.until("it is in the swarm", async () => {
      if ((await this.docker("info", "--format", "{{.Swarm.LocalNodeState}}")) !== "active")
        throw new Error();
    });
  }

  /** Ends its Docker and starts it again. */
  async restartDocker(): Promise<void> {
    await this.inside(
      "pid=$(cat /run/docker.pid) && kill $pid && while kill -0 $pid 2>/dev/null; do sleep 0.2; done",
    );
    await this.until("its Docker answers again", () => this.docker("version"));
  }

  /** Cuts it off from the other hosts, or lets it reach them again; not the first, which has the bridge. */
  async link(state: "up" | "down"): Promise<void> {
    await this.inside(`ip link set eth0 ${state}`);
  }

  /** What a shell prints in it. */
  async inside(script: string): Promise<string> {
    return (await run("nsenter", [...this.entered, "sh", "-c", script])).stdout.trim();
  }

  private get entered(): string[] {
    return ["--target", String(this.pid), "--net", "--mount", "--pid", "--uts", "--"];
  }

  private async up(): Promise<void> {
    for (const key of ["host", "user"])
      await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", join(this.folder, key)]);
    const options = [
      `HostKey ${this.folder}/host`,
      `AuthorizedKeysFile ${this.folder}/user.pub`,
      ...["StrictModes no", "UsePAM no", "PidFile none", "PermitRootLogin prohibit-password"],
    ];
    writeFileSync(join(this.folder, "sshd_config"), `${options.join("\n")}\n`);
    const log = openSync(join(this.folder, "log"), "a");
    const namespaces = ["--net", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"];
    this.process = spawn("unshare", [...namespaces, "sh", "-c", init, this.folder, this.name], {
      stdio: ["ignore", log, log],
    });
    await this.until("its Docker answers", () => this.docker("version"));
    const unshare = this.process.pid as number;
    this.pid = Number(readFileSync(`/proc/${unshare}/task/${unshare}/children`, "utf8"));
    await this.listen();
  }

  private async until(what: string, done: () => Promise<unknown>): Promise<void> {
    for (const end = Date.now() + 120_000; ; await sleep(200)) {
      const there = await done().then(
        () => true,
        () => false,
      );
      if (there) return;
      if (Date.now() > end || this.process?.exitCode !== null)
        throw new Error(
          `host ${this.name}: not so: ${what}\n${readFileSync(join(this.folder, "log"), "utf8").slice(-3000)}`,
        );
    }
  }

  /** Lets it be reached, at the same port as before if it was. */
  async listen(): Promise<void> {
    const config = ["-i", "-f", join(this.folder, "sshd_config"), "-E", join(this.folder, "sshd.log")];
    this.server ??= createServer((socket) => {
      const login = spawn("nsenter", [...this.entered, sshd, ...config], {
        stdio: ["pipe", "pipe", "ignore"],
      });
      this.logins.add(login);
      socket.pipe(login.stdin);
      login.stdout.pipe(socket);
      for (const stream of [socket, login.stdin]) stream.on("error", () => login.kill());
      login.on("close", () => {
        this.logins.delete(login);
        socket.destroy();
      });
    });
    const { server } = this;
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve));
    this.port = this.login().sshPort;
  }

  private port = 0;

  /** Nobody reaches it any more; it goes on. */
  async unplug(): Promise<void> {
    for (const login of this.logins) login.kill("SIGKILL");
    await new Promise((resolve) =>
      this.server?.listening ? this.server.close(resolve) : resolve(undefined),
    );
  }

  async remove(): Promise<void> {
    await this.unplug();
    // A daemon that ends leaves its tasks' networks mounted unless the swarm is left first.
    await this.docker("swarm", "leave", "--force").catch(() => undefined);
    const { process: first } = this;
    if (first !== undefined && first.exitCode === null) {
      const ended = new Promise((resolve) => first.once("exit", resolve));
      first.kill("SIGKILL");
      await ended;
    }
    await this.until("gone", async () => rmSync(this.folder, { recursive: true, force: true })).catch(
      () => undefined,
    );
  }
}
