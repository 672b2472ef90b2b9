import { rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";

/** What a manager's Docker engine answers about its swarm; the tests make up as much of it as the visualizer may look at. */
export interface Swarm {
  readonly nodes: readonly object[];
  readonly services: readonly object[];
  readonly tasks: readonly object[];
}

/** A Docker engine's Unix socket. */
export class FakeDocker {
  readonly requests: string[] = [];
  private server: Server | undefined;
  swarm: Swarm = { nodes: [], services: [], tasks: [] };
  /** Answered to everything instead, if there is one. */
  instead: { readonly status: number; readonly body: string } | undefined;

  constructor(private readonly socket: string) {}

  async up(): Promise<void> {
    this.server = createServer((request, response) => {
      this.requests.push(`${request.method} ${request.url}`);
      const { status, body } = this.instead ?? this.answer(request);
      response.writeHead(status, { "Content-Type": "application/json" }).end(body);
    });
    await new Promise<void>((done) => this.server?.listen(this.socket, done));
  }

  async down(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server) await new Promise((done) => server.close(done));
    rmSync(this.socket, { force: true });
  }

  private answer(request: IncomingMessage): { status: number; body: string } {
    const [, kind = ""] = /^\/(nodes|services|tasks)$/.exec(request.url ?? "") ?? [];
    if (kind === "" || request.method !== "GET") return { status: 404, body: '{"message":"page not found"}' };
    return { status: 200, body: JSON.stringify(this.swarm[kind as keyof Swarm]) };
  }
}

function node(name: string, more: { manager?: boolean; state?: string; availability?: string } = {}) {
  const number = Number(/\d+$/.exec(name)?.[0] ?? 1);
  return {
    ID: `id-${name}`,
    Spec: { Role: more.manager ? "manager" : "worker", Availability: more.availability ?? "active" },
    Description: {
      Hostname: name,
      Resources: { NanoCPUs: 1e9, MemoryBytes: 1_020_702_720 },
      Engine: { EngineVersion: "26.1.5+dfsg1" },
    },
    Status: {
      State: more.state ?? "ready",
      Message: more.state === "down" ? "heartbeat failure" : undefined,
      Addr: more.manager ? "0.0.0.0" : `192.168.56.${10 + number}`,
    },
    ManagerStatus: more.manager
      ? { Leader: true, Reachability: "reachable", Addr: `192.168.56.${10 + number}:2377` }
      : undefined,
  };
}

const image = (name: string): string => `vmcluster.internal/${name}:4bf0e66d71c0`;

function service(name: string, replicas: number | "global", port?: readonly [number, number]) {
  return {
    ID: `id-${name}`,
    Spec: {
      Name: name,
      Mode: replicas === "global" ? { Global: {} } : { Replicated: { Replicas: replicas } },
      TaskTemplate: { ContainerSpec: { Image: image(name), Env: ["PASSWORD=do-not-show"] } },
    },
    Endpoint: port && { Ports: [{ Protocol: "tcp", PublishedPort: port[0], TargetPort: port[1] }] },
  };
}

let made = 0;

/** A task of the service `name`, on the node `on`; without one it waits. */
function task(
  name: string,
  slot: number | undefined,
  on: string | undefined,
  more: { state?: string; desired?: string; error?: string; minutesAgo?: number } = {},
) {
  const id = `task${String(++made).padStart(4, "0")}`;
  const state = more.state ?? (on ? "running" : "pending");
  return {
    ID: id,
    ServiceID: `id-${name}`,
    Slot: slot,
    NodeID: on && `id-${on}`,
    Spec: {
      ContainerSpec: { Image: `${image(name)}@sha256:${"0".repeat(64)}`, Env: ["PASSWORD=do-not-show"] },
    },
    DesiredState: more.desired ?? "running",
    Status: {
      State: state,
      Err: more.error,
      Message: state === "running" ? "started" : state === "pending" ? "pending task scheduling" : state,
      Timestamp: new Date(Date.now() - (more.minutesAgo ?? 3) * 60_000).toISOString().replace("Z", "123456Z"),
      ContainerStatus: on && { ContainerID: `${id}c0ffee`.padEnd(64, "0") },
    },
  };
}

const stack = [service("redis", 1, [6379, 6379]), service("visualizer", 1, [8080, 8080])];

/** What the get-started stack looks like when all is well. */
export function getStarted(): Swarm {
  return {
    nodes: [node("myvm2"), node("myvm1", { manager: true })],
    services: [service("web", 5, [4000, 80]), ...stack],
    tasks: [
      ...[1, 2, 3, 4, 5].map((slot) => task("web", slot, slot % 2 ? "myvm2" : "myvm1")),
      task("redis", 1, "myvm1"),
      task("visualizer", 1, "myvm1"),
    ],
  };
}

/** A node is down, a task cannot start for a reason that takes many words, another waits, one has failed before. */
export function inTrouble(): Swarm {
  const error =
    'starting container failed: OCI runtime create failed: runc create failed: unable to start container process: exec: "/usr/bin/no-such-program": stat /usr/bin/no-such-program: no such file or directory: unknown';
  return {
    nodes: [
      node("myvm1", { manager: true }),
      node("myvm2", { state: "down" }),
      node("myvm3", { availability: "drain" }),
    ],
    services: [service("web", 5, [4000, 80]), ...stack, service("agent", "global")],
    tasks: [
      task("web", 1, "myvm1"),
      task("web", 2, "myvm1", { state: "preparing" }),
      task("web", 2, "myvm2", { desired: "shutdown" }),
      task("web", 3, "myvm1", { state: "ready", desired: "ready" }),
      task("web", 3, "myvm1", { state: "failed", desired: "shutdown", error, minutesAgo: 1 }),
      task("web", 4, "myvm1"),
      task("web", 4, "myvm1", { state: "failed", desired: "shutdown", error: "task: non-zero exit (137)" }),
      task("web", 5, undefined, { error: "no suitable node (insufficient resources on 1 node)" }),
      task("redis", 1, "myvm1", { state: "failed", desired: "running", error, minutesAgo: 90 }),
      task("visualizer", 1, "myvm1"),
      task("agent", undefined, "myvm1"),
    ],
  };
}

/** Ten nodes and sixty tasks. */
export function large(): Swarm {
  const names = Array.from({ length: 10 }, (_, index) => `classroom${index + 1}`);
  const kinds = ["api", "queue-with-a-rather-long-name", "search", "web", "worker"];
  return {
    nodes: names.map((name, index) => node(name, { manager: index === 0 })),
    services: kinds.map((name, index) => service(name, 12, index < 3 ? [4000 + index, 80] : undefined)),
    tasks: kinds.flatMap((name, kind) =>
      Array.from({ length: 12 }, (_, index) => task(name, index + 1, names[(index + kind) % 10])),
    ),
  };
}
