/**
 * A byte stream to a Docker daemon on another machine: the system's `ssh` runs `docker system dial-stdio` there.
 * Specified by docker/cli: cli/connhelper/connhelper.go and cli/connhelper/ssh.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { abandon, onceEnded } from "../../host/ended";
import { LastLines } from "../../host/lastLines";
import { shellWord } from "../../host/shellWord";
import type { Daemon } from "./settings";

const usualConnectTimeoutSeconds = 30;

/** The connection ended; `said` is what ssh or the docker client there printed about it. */
export class DialError extends Error {
  constructor(
    readonly host: string,
    readonly said: string,
  ) {
    super(`the SSH connection to ${host} ended${said === "" ? "" : `: ${said}`}`);
    this.name = "DialError";
  }

  /** Another attempt will end the same way. */
  get lasting(): boolean {
    return /Permission denied|Host key verification failed|REMOTE HOST IDENTIFICATION|Could not resolve|not found|Bad configuration|Can't open user config/i.test(
      this.said,
    );
  }
}

/** Has what node's HTTP agent wants of a socket. */
class ProcessStream extends Duplex {
  private readonly said = new LastLines(2000);

  constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    host: string,
  ) {
    super();
    child.stdout.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout.pause();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      this.said.add(chunk.toString());
    });
    child.stdin.on("error", () => undefined);
    child.on("error", (error) =>
      this.destroy(new DialError(host, `ssh cannot be started: ${error.message}`)),
    );
    // Not at the end of its output: what ssh says about the reason may come after that.
    onceEnded(child, () => this.destroy(new DialError(host, this.said.text)));
  }

  override _read(): void {
    this.child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.child.stdin.write(chunk, () => done());
  }

  override _final(done: () => void): void {
    this.child.stdin.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.child.kill();
    abandon(this.child);
    done(error);
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    this.child.ref();
    for (const pipe of this.pipes()) pipe.ref();
    return this;
  }

  /** Its pipes too, or a connection that is kept for later would keep this process. */
  unref(): this {
    this.child.unref();
    for (const pipe of this.pipes()) pipe.unref();
    return this;
  }

  private pipes(): Socket[] {
    const { stdin, stdout, stderr } = this.child;
    // What node makes of a pipe.
    return [stdin, stdout, stderr] as unknown as Socket[];
  }
}

type SshDaemon = Extract<Daemon, { kind: "ssh" }>;

export function dialSsh(daemon: SshDaemon): Duplex {
  const socket = daemon.socket === undefined ? [] : ["--host", `unix://${daemon.socket}`];
  // A shell there reads this.
  return overSsh(daemon, [], ["docker", ...socket, "system", "dial-stdio"].map(shellWord));
}

/** A byte stream to `address`, a host and port as the other machine knows them. */
export const forwardSsh = (daemon: SshDaemon, address: string): Duplex =>
  overSsh(daemon, ["-W", address], []);

function overSsh(daemon: SshDaemon, options: readonly string[], command: readonly string[]): Duplex {
  const args = [
    "-o",
    `ConnectTimeout=${daemon.connectTimeoutSeconds ?? usualConnectTimeoutSeconds}`,
    "-o",
    "BatchMode=yes",
    "-T",
    ...options,
    ...daemon.options,
    ...(daemon.user === undefined ? [] : ["-l", daemon.user]),
    ...(daemon.port === undefined ? [] : ["-p", String(daemon.port)]),
    "--",
    daemon.host,
    ...command,
  ];
  return new ProcessStream(
    spawn("ssh", args, { stdio: ["pipe", "pipe", "pipe"], env: process.env }),
    daemon.host,
  );
}
