/**
 * The Docker Engine API of one daemon, with the version negotiated and connections kept and reused.
 * Specified by the Docker Engine API reference ("Versioning", "Errors").
 */
import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { createConnection } from "node:net";
import { Duplex, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { swarmTrouble } from "../../host/swarmTrouble";
import { UserError } from "../../host/userError";
import type { Operation } from "../rpc/resource";
import type { Json, JsonObject } from "./json";
import type { Daemon } from "./settings";
import { DialError, dialSsh } from "./sshDial";
import { bytes } from "./streams";

/** The newest version whose meanings this provider knows; a daemon that no longer has it is asked in its oldest. */
const newestKnownVersion = "1.47";
/** A new SSH connection costs more than a request: few, for the requests that run at once. */
const usualConnections = 4;
/** A daemon that is restarting, or a machine that is booting, gets this long. */
const usualPatienceMs = 45_000;
/** An emulated machine on a busy host takes ten for the first answer. */
const firstAnswerMs = 60_000;
const firstRetryMs = 250;
const longestRetryMs = 4000;

/** The daemon's own answer that something is wrong. */
export class DockerError extends UserError {
  constructor(
    readonly status: number,
    readonly said: string,
    where: string,
  ) {
    const trouble = swarmTrouble(said);
    const answer = `answer of the Docker daemon at ${where} (HTTP ${status})`;
    super(trouble?.misleads ? trouble.what : said, answer, trouble?.remedy);
  }

  /** A swarm manager that is overloaded or between two leaders answers so for some seconds. */
  get passing(): boolean {
    return (
      this.status >= 500 &&
      /code = (DeadlineExceeded|Unavailable)|context deadline exceeded|does not have a leader|lost leader status/.test(
        this.said,
      )
    );
  }

  /** Of those the ones by which nothing has been done. */
  get notDone(): boolean {
    return this.passing && /does not have a leader/.test(this.said);
  }
}

const closedError = (): Error => new Error("the connection is closed");

/** In the place of a connection, for requests that the agent still has: they end with an error once they have it. */
function nowhere(): Duplex {
  const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  setImmediate(() => stream.destroy(closedError()));
  return stream;
}

/** The daemon cannot be reached. */
class Unreachable extends UserError {}

const isPassing = (error: unknown): boolean =>
  error instanceof DockerError ? error.passing : !(error instanceof UserError);

const isNotDone = (error: unknown): boolean => error instanceof DockerError && error.notDone;

export interface ApiRequest {
  /** A list stands for the parameter several times. */
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly body?: JsonObject;
  /** In place of `body`: a tar archive. */
  readonly archive?: Buffer | Readable;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface DockerApiOptions {
  /** How many at once; a stream has one for itself as long as it lasts. Default 4. */
  readonly connections?: number;
  /** How long to try again while the daemon cannot be reached. Default 45 s. */
  readonly patienceMs?: number;
}

export class DockerApi {
  private readonly agent: Agent;
  private readonly where: string;
  private readonly dial: () => Duplex;
  private readonly patienceMs: number;
  private version: Promise<string> | undefined;
  private readonly open = new Set<Duplex>();
  private readonly waiting = new Set<ClientRequest>();
  private closed = false;

  constructor(daemon: Daemon, options: DockerApiOptions = {}) {
    const { connections = usualConnections, patienceMs = usualPatienceMs } = options;
    this.patienceMs = patienceMs;
    this.where =
      daemon.kind === "unix" ? daemon.socket : `ssh://${daemon.user ? `${daemon.user}@` : ""}${daemon.host}`;
    this.dial = () =>
      this.opened(() => (daemon.kind === "unix" ? createConnection(daemon.socket) : dialSsh(daemon)));
    this.agent = new Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections });
    (this.agent as unknown as { createConnection: () => Duplex }).createConnection = this.dial;
  }

  /** Ends all that goes on, and lets nothing begin: a request that waited for a connection would otherwise get one now. */
  close(): void {
    this.closed = true;
    for (const sent of this.waiting) sent.destroy(closedError());
    this.agent.destroy();
    for (const stream of this.open) stream.destroy();
  }

  private opened(dial: () => Duplex): Duplex {
    const stream = this.closed ? nowhere() : dial();
    this.open.add(stream);
    stream.once("close", () => this.open.delete(stream)).on("error", () => undefined);
    return stream;
  }

  async get<T extends Json>(path: string, operation: Operation, options: ApiRequest = {}): Promise<T> {
    return (await this.call("GET", path, options, operation)) as T;
  }

  async post<T extends Json>(path: string, operation: Operation, options: ApiRequest = {}): Promise<T> {
    return (await this.call("POST", path, options, operation)) as T;
  }

  async put(path: string, operation: Operation, options: ApiRequest = {}): Promise<void> {
    await this.call("PUT", path, options, operation);
  }

  async delete(path: string, operation: Operation, options: ApiRequest = {}): Promise<void> {
    await this.call("DELETE", path, options, operation);
  }

  /** An answer that is read while it comes: progress of a pull, a container's log. */
  async stream(
    method: "GET" | "POST",
    path: string,
    operation: Operation,
    options: ApiRequest = {},
  ): Promise<IncomingMessage> {
    const target = await this.target(path, options, operation);
    const response = await this.sendFresh(method, target, options, operation);
    if ((response.statusCode ?? 0) >= 400) await this.read(response);
    return response;
  }

  /** A connection that goes on in another protocol. */
  async hijack(
    path: string,
    operation: Operation,
    headers: Readonly<Record<string, string>>,
  ): Promise<Duplex> {
    const target = await this.target(path, {}, operation);
    return new Promise((resolve, reject) => {
      const sent = httpRequest({
        method: "POST",
        path: target,
        signal: operation.signal,
        createConnection: this.dial,
        headers: { Host: "docker", Connection: "Upgrade", ...headers },
      });
      sent.on("upgrade", (_response, socket, head) => {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      sent.on("response", (response) => {
        this.read(response).then(
          () => reject(new Error(`the daemon did not go on to ${headers.Upgrade}`)),
          reject,
        );
      });
      sent.on("error", reject);
      sent.end();
    });
  }

  private async call(method: string, path: string, options: ApiRequest, operation: Operation): Promise<Json> {
    const target = await this.target(path, options, operation);
    // A request that changes something is not repeated if the daemon may have done it before the connection broke.
    const changes = method === "POST" || method === "PUT";
    const { body } = await this.patiently(
      operation,
      () => this.once(method, target, options, operation),
      changes ? isNotDone : isPassing,
    );
    return body;
  }

  private async target(path: string, { query }: ApiRequest, operation: Operation): Promise<string> {
    const version = await this.negotiate(operation);
    const text = new URLSearchParams(
      Object.entries(query ?? {})
        .filter(([, value]) => value !== undefined)
        .flatMap(([key, value]): [string, string][] =>
          Array.isArray(value)
            ? value.map((one: string): [string, string] => [key, one])
            : [[key, String(value)]],
        ),
    ).toString();
    return `/v${version}${path}${text === "" ? "" : `?${text}`}`;
  }

  private negotiate(operation: Operation): Promise<string> {
    this.version ??= this.patiently(operation, async () => {
      const ping = await this.ping(operation);
      const newest = String(ping.headers["api-version"] ?? newestKnownVersion);
      if (compareVersions(newest, newestKnownVersion) <= 0) return newest;
      const { body } = await this.once("GET", "/version", {}, operation);
      const oldest = String((body as JsonObject).MinAPIVersion ?? newestKnownVersion);
      return compareVersions(oldest, newestKnownVersion) > 0 ? oldest : newestKnownVersion;
    }).catch((error: unknown) => {
      this.version = undefined;
      throw error;
    });
    return this.version;
  }

  /** A machine that hangs takes connections and says nothing; ssh itself would wait for five minutes. */
  private async ping(operation: Operation): Promise<{ headers: IncomingMessage["headers"] }> {
    const clock = AbortSignal.timeout(firstAnswerMs);
    try {
      const signal = AbortSignal.any([operation.signal, clock]);
      const { urn, name } = operation;
      const limited: Operation = {
        ...{ urn, name, signal },
        log: (level, message) => operation.log(level, message),
        status: (message) => operation.status(message),
        redact: (text) => operation.redact(text),
      };
      return await this.once("GET", "/_ping", {}, limited);
    } catch (error) {
      operation.signal.throwIfAborted();
      if (clock.aborted) throw new Error(`no answer within ${firstAnswerMs / 1000} s`);
      throw error;
    }
  }

  /** Repeats while the daemon cannot be reached or its swarm is not ready to answer, for a limited time. */
  private async patiently<T>(
    operation: Operation,
    work: () => Promise<T>,
    repeats: (error: unknown) => boolean = isPassing,
  ): Promise<T> {
    const end = Date.now() + this.patienceMs;
    for (let delay = firstRetryMs; ; delay = Math.min(delay * 2, longestRetryMs)) {
      try {
        return await work();
      } catch (error) {
        if (this.closed || !repeats(error) || (error instanceof UserError && Date.now() + delay > end))
          throw error;
        operation.signal.throwIfAborted();
        const reason = (error as Error).message;
        const lasting = error instanceof DialError && error.lasting;
        if (lasting || Date.now() + delay > end) {
          throw new Unreachable(
            `cannot reach the Docker daemon at ${this.where}`,
            reason,
            "see whether the machine and its docker.service run",
          );
        }
        operation.status(`waiting for the Docker daemon at ${this.where} (${reason.split("\n", 1)[0]})`);
        await sleep(delay, undefined, { signal: operation.signal });
      }
    }
  }

  private async once(
    method: string,
    path: string,
    options: ApiRequest,
    operation: Operation,
  ): Promise<{ body: Json; headers: IncomingMessage["headers"] }> {
    const response = await this.sendFresh(method, path, options, operation);
    try {
      return { body: await this.read(response), headers: response.headers };
    } catch (error) {
      operation.signal.throwIfAborted();
      throw await this.withReason(error, operation);
    }
  }

  /** Of a node that cannot work with its swarm, as its certificates have expired, Docker says only that it is no manager; why, it tells of itself. */
  private async withReason(error: unknown, operation: Operation): Promise<unknown> {
    if (!(error instanceof DockerError) || !/not a swarm manager/i.test(error.said)) return error;
    const info = await this.once("GET", "/info", {}, operation).catch(() => undefined);
    const why = (info?.body as { Swarm?: { Error?: string } } | null | undefined)?.Swarm?.Error;
    return why ? new DockerError(error.status, why, this.where) : error;
  }

  /** A kept connection may have been closed by the other side just now: then the request never arrived, and is sent again. */
  private async sendFresh(
    method: string,
    path: string,
    options: ApiRequest,
    operation: Operation,
  ): Promise<IncomingMessage> {
    let reused = false;
    try {
      return await this.send(method, path, options, operation, (sent) => {
        reused = sent.reusedSocket;
      });
    } catch (error) {
      operation.signal.throwIfAborted();
      if (!reused || (options.archive && !Buffer.isBuffer(options.archive))) throw error;
      return this.send(method, path, options, operation);
    }
  }

  private send(
    method: string,
    path: string,
    { body, archive, headers }: ApiRequest,
    operation: Operation,
    failed: (sent: ClientRequest) => void = () => undefined,
  ): Promise<IncomingMessage> {
    const payload = archive ?? (body === undefined ? undefined : Buffer.from(JSON.stringify(body)));
    const type = archive ? "application/x-tar" : "application/json";
    operation.signal.throwIfAborted();
    return new Promise<IncomingMessage>((resolve, reject) => {
      const sent = httpRequest(
        {
          agent: this.agent,
          method,
          path,
          signal: operation.signal,
          headers: {
            Host: "docker",
            ...headers,
            ...(payload ? { "Content-Type": type } : {}),
            ...(Buffer.isBuffer(payload) ? { "Content-Length": payload.length } : {}),
          },
        },
        resolve,
      );
      this.waiting.add(sent);
      sent.once("close", () => this.waiting.delete(sent));
      sent.on("error", (error) => {
        failed(sent);
        reject(error);
      });
      if (payload === undefined || Buffer.isBuffer(payload)) sent.end(payload);
      else pipeline(payload, sent).catch(reject);
    });
  }

  private async read(response: IncomingMessage): Promise<Json> {
    const text = (await bytes(response)).toString("utf8");
    const status = response.statusCode ?? 0;
    const json = (): Json => {
      try {
        return text === "" ? null : (JSON.parse(text) as Json);
      } catch {
        return text;
      }
    };
    if (status < 400) return json();
    const body = json();
    const said =
      typeof body === "object" && body !== null && "message" in body ? String(body.message) : text.trim();
    throw new DockerError(status, said, this.where);
  }
}

function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split(".").map(Number);
  const [majorB = 0, minorB = 0] = b.split(".").map(Number);
  return majorA - majorB || minorA - minorB;
}

/** Resolves to undefined where the daemon says that there is no such thing. */
export async function orGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DockerError && error.status === 404) return undefined;
    throw error;
  }
}

/** Deletes what others may still be using for a moment: repeats for a limited time. */
export async function deleteWhenFree(
  what: string,
  inUse: RegExp,
  operation: Operation,
  remove: () => Promise<void>,
): Promise<void> {
  const end = Date.now() + inUsePatienceMs;
  for (;;) {
    try {
      await orGone(remove());
      return;
    } catch (error) {
      if (!(error instanceof DockerError) || !inUse.test(error.said) || Date.now() > end) throw error;
      operation.status(`waiting until ${what} is no longer in use`);
      await sleep(inUseRetryMs, undefined, { signal: operation.signal });
    }
  }
}

/** Tasks get ten seconds to stop; emulated machines need longer for it. */
const inUsePatienceMs = 120_000;
const inUseRetryMs = 1000;
