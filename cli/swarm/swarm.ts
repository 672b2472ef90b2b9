/** A swarm as the verbs ask it: its Docker API through one manager, every request bounded in time. */
import type { IncomingMessage } from "node:http";
import { UserError } from "../../host/userError";
import { type ApiRequest, DockerApi, DockerError, orGone } from "../../providers/docker/api";
import type { Json, JsonObject } from "../../providers/docker/json";
import type { Daemon } from "../../providers/docker/settings";
import type { Operation } from "../../providers/rpc/resource";
import type { ApiNode, ApiService, ApiTask } from "./api";

/** A machine of a cluster, as this host reaches it. */
export interface Member {
  readonly name: string;
  readonly daemon: Daemon;
  /** Address at which this host reaches its published ports; undefined if it is not known. */
  readonly address?: string;
  /** Address at which the other nodes reach it. */
  readonly privateAddress?: string;
}

export interface Cluster {
  readonly name: string;
  /** Asked one after the other until one answers. */
  readonly managers: readonly Member[];
  /** Its manager is a machine that a person named, and may be in no swarm at all. */
  readonly named?: true;
  /** All machines, the managers too. */
  readonly members: readonly Member[];
}

type Query = NonNullable<ApiRequest["query"]>;

/** An operation of the docker provider's, for a request of a person. */
export function quietly(signal: AbortSignal, status: (text: string) => void = () => undefined): Operation {
  return { urn: "", name: "", signal, log: () => undefined, status, redact: (text) => text };
}

export class Swarm {
  readonly api: DockerApi;
  private streams: DockerApi | undefined;

  /**
   * @param manager the member to ask
   * @param timeoutMs how long it may take for one answer
   */
  constructor(
    readonly cluster: Cluster,
    readonly manager: Member,
    readonly timeoutMs: number,
  ) {
    this.api = apiOf(manager, timeoutMs);
  }

  get<T>(path: string, query: Query = {}, limitMs?: number): Promise<T> {
    const ask = (operation: Operation): Promise<Json> => this.api.get<Json>(path, operation, { query });
    return this.bounded(ask, limitMs) as Promise<T>;
  }

  post(path: string, query: Query, body: JsonObject): Promise<Json> {
    return this.bounded((operation) => this.api.post<Json>(path, operation, { query, body }));
  }

  /** Nothing to do if it is gone. */
  async delete(path: string): Promise<void> {
    await this.bounded((operation) => orGone(this.api.delete(path, operation)));
  }

  /** The head of the answer is bounded in time; what follows is not. */
  async stream(path: string, query: Query, signal: AbortSignal): Promise<IncomingMessage> {
    const head = new AbortController();
    const stop = (): void => head.abort(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    return this.bounded((operation) => {
      operation.signal.addEventListener("abort", () => head.abort(operation.signal.reason), { once: true });
      this.streams ??= apiOf(this.manager, this.timeoutMs);
      return this.streams.stream("GET", path, quietly(head.signal), { query });
    });
  }

  services(): Promise<ApiService[]> {
    return this.get("/services");
  }

  nodes(): Promise<ApiNode[]> {
    return this.get("/nodes");
  }

  /** @param services names or IDs; default: all */
  tasks(services: readonly string[] = []): Promise<ApiTask[]> {
    const query: Query = services.length === 0 ? {} : { filters: JSON.stringify({ service: services }) };
    return this.get("/tasks", query);
  }

  close(): void {
    this.streams?.close();
    this.api.close();
  }

  private async bounded<T>(work: (operation: Operation) => Promise<T>, limitMs = this.timeoutMs): Promise<T> {
    const clock = new AbortController();
    const timer = setTimeout(() => clock.abort(), limitMs);
    try {
      return await work(quietly(clock.signal));
    } catch (error) {
      if (clock.signal.aborted) throw silent(this.manager.name, this.timeoutMs);
      if (error instanceof DockerError && error.passing) throw leaderless(this.manager.name, error);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

export function apiOf({ daemon }: Member, timeoutMs: number): DockerApi {
  const connectTimeoutSeconds = Math.max(1, Math.ceil(timeoutMs / 1000));
  return new DockerApi(daemon.kind === "ssh" ? { ...daemon, connectTimeoutSeconds } : daemon, {
    // A dial costs an emulated machine seconds, a further request on it a tenth of one.
    connections: 1,
    // A person who waits would rather be told at once what is wrong than after many attempts.
    patienceMs: 0,
  });
}

function silent(name: string, timeoutMs: number): UserError {
  return new UserError(
    `${name} did not answer within ${timeoutMs / 1000} s`,
    "it may be overloaded, paused or cut off",
    `see what it does with: vmcluster machine ls; wait longer with --timeout`,
  );
}

/** A connection that ends in the middle of an answer is no mistake of ours. */
export function orCutOff({ manager }: Swarm, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  return new UserError(
    `the connection to ${manager.name} ended`,
    message,
    "vmcluster machine ls shows whether it runs; the same command asks another manager if it does not",
  );
}

function leaderless(name: string, error: DockerError): UserError {
  return new UserError(
    "the swarm has no leader",
    `${name} says: ${error.said}`,
    "more than half of its managers must run: vmcluster machine ls shows the machines, vmcluster machine start NAME starts one",
  );
}
