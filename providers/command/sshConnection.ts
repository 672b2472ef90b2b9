/**
 * SSH connections of one run: one for each machine, kept and shared by all commands there, since making one takes
 * longer than most commands. Retries, time-outs and the pinned host key are specified by pulumi/pulumi-command:
 * provider/pkg/provider/remote/connection.go; the client's options by the ssh2 package's README ("Client methods").
 */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Config, NodeSSH } from "node-ssh";
import { UserError } from "../../host/userError";
import type { Operation } from "../rpc/resource";

/** How to reach a machine: the checked `connection` input. */
export interface Connection extends Endpoint {
  readonly proxy?: Endpoint;
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  readonly privateKey?: string;
  readonly privateKeyPassword?: string;
  readonly agentSocketPath?: string;
  /** Failed attempts after which the machine counts as unreachable; -1: none. */
  readonly dialErrorLimit: number;
  /** Seconds for one attempt; 0: no limit. */
  readonly perDialTimeout: number;
  readonly hostKey?: string;
}

const firstRetryMs = 100;
const longestRetryMs = 5000;
/** sshd lets ten sessions share a connection (MaxSessions); some room is left for file transfers. */
const sessionsPerConnection = 8;
/** A machine that answers nothing for this long (interval × count) is gone. */
const keepaliveIntervalMs = 15_000;
const keepaliveCountMax = 8;

/** An error that no further attempt will mend. */
class Unmendable extends UserError {}

class Kept {
  private waiting: (() => void)[] = [];
  private busy = 0;

  constructor(readonly ssh: Promise<NodeSSH>) {}

  /** Runs with one of the connection's sessions. */
  async session<T>(work: () => Promise<T>): Promise<T> {
    if (this.busy >= sessionsPerConnection) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.busy++;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.busy--;
    }
  }
}

export class SshConnections {
  private readonly kept = new Map<string, Kept>();

  /**
   * Runs `work` over the kept connection to a machine, or a new one. `work` calls `started` once the machine may have
   * begun to do something; if the kept connection turns out to be dead before that, it is made anew, once.
   */
  async use<T>(
    connection: Connection,
    operation: Operation,
    work: (ssh: NodeSSH, started: () => void) => Promise<T>,
  ): Promise<T> {
    let begun = false;
    const attempt = async (): Promise<{ kept: Kept; reused: boolean; run: () => Promise<T> }> => {
      const { kept, reused } = this.get(connection, operation);
      const ssh = await kept.ssh;
      return {
        kept,
        reused,
        run: () =>
          kept.session(() =>
            work(ssh, () => {
              begun = true;
            }),
          ),
      };
    };
    const first = await attempt();
    try {
      return await first.run();
    } catch (error) {
      if (begun || !first.reused || operation.signal.aborted) throw error;
      this.drop(connection, first.kept);
      return (await attempt()).run();
    }
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    const all = [...this.kept.values()];
    this.kept.clear();
    await Promise.all(
      all.map(({ ssh }) =>
        ssh.then(
          (connected) => connected.dispose(),
          () => undefined,
        ),
      ),
    );
  }

  private get(connection: Connection, operation: Operation): { kept: Kept; reused: boolean } {
    const key = keyOf(connection);
    const known = this.kept.get(key);
    if (known) return { kept: known, reused: true };
    const kept = new Kept(dial(connection, operation));
    this.kept.set(key, kept);
    const forget = (): void => {
      if (this.kept.get(key) === kept) this.kept.delete(key);
    };
    kept.ssh.then((ssh) => ssh.connection?.once("close", forget), forget);
    return { kept, reused: false };
  }

  /** Another command may have replaced the dead connection already. */
  private drop(connection: Connection, dead: Kept): void {
    const key = keyOf(connection);
    if (this.kept.get(key) === dead) this.kept.delete(key);
    dead.ssh.then(
      (ssh) => ssh.dispose(),
      () => undefined,
    );
  }
}

/** The key holds no secret in plain text. */
function keyOf(connection: Connection): string {
  return createHash("sha256").update(JSON.stringify(connection)).digest("hex");
}

async function dial(connection: Connection, operation: Operation): Promise<NodeSSH> {
  const { proxy } = connection;
  if (!proxy) return dialEndpoint(connection, operation);
  const bastion = await dialEndpoint(proxy, operation);
  try {
    const ssh = await dialEndpoint(connection, operation, bastion);
    ssh.connection?.once("close", () => bastion.dispose());
    return ssh;
  } catch (error) {
    bastion.dispose();
    throw error;
  }
}

async function dialEndpoint(endpoint: Endpoint, operation: Operation, bastion?: NodeSSH): Promise<NodeSSH> {
  const where = `${endpoint.user}@${endpoint.host}:${endpoint.port}`;
  const config = clientConfig(endpoint, where);
  const limit = endpoint.dialErrorLimit;
  for (let failures = 1, delay = firstRetryMs; ; failures++, delay = Math.min(delay * 1.5, longestRetryMs)) {
    operation.signal.throwIfAborted();
    try {
      return await connect(config, endpoint, bastion);
    } catch (error) {
      if (error instanceof Unmendable) throw error;
      const reason = (error as Error).message;
      if (limit >= 0 && failures > limit) {
        throw new UserError(
          `cannot connect to ${where} by SSH (${failures} attempts)`,
          reason,
          "see whether the machine runs and sshd listens there",
        );
      }
      operation.status(
        `connecting to ${where}: attempt ${failures}${limit >= 0 ? ` of ${limit + 1}` : ""} failed (${reason})`,
      );
      await sleep(delay, undefined, { signal: operation.signal });
    }
  }
}

async function connect(
  config: { readonly options: Config; readonly refusedKey: () => Error | undefined },
  endpoint: Endpoint,
  bastion: NodeSSH | undefined,
): Promise<NodeSSH> {
  const ssh = new NodeSSH();
  const sock = bastion ? await bastion.forwardOut("127.0.0.1", 0, endpoint.host, endpoint.port) : undefined;
  try {
    await ssh.connect({ ...config.options, sock });
  } catch (error) {
    ssh.dispose();
    const { message } = error as Error;
    if (message.startsWith("Cannot parse privateKey")) {
      throw new Unmendable("connection.privateKey cannot be read", message);
    }
    throw config.refusedKey() ?? error;
  }
  // Without a listener a connection that breaks later would end the provider.
  ssh.connection?.on("error", () => undefined);
  return ssh;
}

function clientConfig(
  endpoint: Endpoint,
  where: string,
): { options: Config; refusedKey: () => Error | undefined } {
  const pinned = endpoint.hostKey === undefined ? undefined : parseHostKey(endpoint.hostKey);
  let refused: Error | undefined;
  const hasSecret = endpoint.privateKey !== undefined || endpoint.password !== undefined;
  return {
    refusedKey: () => refused,
    options: {
      host: endpoint.host,
      port: endpoint.port,
      username: endpoint.user,
      password: endpoint.password,
      privateKey: endpoint.privateKey,
      passphrase: endpoint.privateKeyPassword,
      agent: endpoint.agentSocketPath ?? (hasSecret ? undefined : process.env.SSH_AUTH_SOCK),
      tryKeyboard: endpoint.password !== undefined,
      readyTimeout: endpoint.perDialTimeout * 1000,
      keepaliveInterval: keepaliveIntervalMs,
      keepaliveCountMax,
      ...(pinned === undefined
        ? {}
        : {
            algorithms: { serverHostKey: pinned.algorithms },
            hostVerifier: (key: Buffer): boolean => {
              if (key.equals(pinned.key)) return true;
              refused = new Unmendable(
                `${where} shows another host key than the one pinned in hostKey`,
                `it shows ${fingerprint(key)}, pinned is ${fingerprint(pinned.key)}`,
                "another machine answers at this address, or the machine was made anew",
              );
              return false;
            },
          }),
    },
  };
}

type HostKeyAlgorithm =
  | "ssh-ed25519"
  | "ecdsa-sha2-nistp256"
  | "ecdsa-sha2-nistp384"
  | "ecdsa-sha2-nistp521"
  | "rsa-sha2-512"
  | "rsa-sha2-256"
  | "ssh-rsa";

/** An OpenSSH public key line: type, base64, comment. The server is asked for a key of that type alone. */
function parseHostKey(line: string): { key: Buffer; algorithms: HostKeyAlgorithm[] } {
  const [type = "", base64 = ""] = line.trim().split(/\s+/);
  const key = Buffer.from(base64, "base64");
  // The key begins with its type, after four bytes of length.
  if (key.length < 32 || key.toString("latin1", 4, 4 + type.length) !== type) {
    throw new Unmendable(
      "connection.hostKey is no public key in OpenSSH's format",
      'it reads "ssh-ed25519 AAAA…"',
    );
  }
  const algorithms: HostKeyAlgorithm[] =
    type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] : [type as HostKeyAlgorithm];
  return { key, algorithms };
}

function fingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}
