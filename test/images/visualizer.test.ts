import { mkdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { renderedPage } from "../e2e/browser";
import { Unpacked } from "./builtImages";
import { FakeDocker, getStarted, inTrouble, large } from "./fakeDocker";

jest.setTimeout(5 * 60_000);

interface Task {
  readonly service: string;
  readonly slot?: number;
  readonly state: string;
  readonly desiredState: string;
  readonly message: string;
  readonly lastFailure: { readonly message: string } | null;
}

interface State {
  readonly nodes: readonly {
    readonly name: string;
    readonly state: string;
    readonly tasks: readonly Task[];
  }[];
  readonly unassigned: readonly Task[];
  readonly services: readonly { readonly name: string; readonly running: number; readonly desired: number }[];
}

let image: Unpacked;
let docker: FakeDocker;
let server: Awaited<ReturnType<Unpacked["serve"]>>;
beforeAll(async () => {
  image = await Unpacked.of("visualizer");
  mkdirSync(join(image.root, "var/run"), { recursive: true });
  docker = new FakeDocker(join(image.root, "var/run/docker.sock"));
  await docker.up();
  server = await image.serve();
});
afterAll(async () => {
  await docker?.down();
  await image?.remove();
});
beforeEach(() => {
  docker.instead = undefined;
  docker.swarm = getStarted();
  docker.requests.length = 0;
});
/** For a second, an answer of Docker serves everyone who asks. */
const forgotten = () => sleep(1100);

const url = (path: string): string => `http://127.0.0.1:${server.port}${path}`;
const state = async (): Promise<State> => (await fetch(url("/api/state"))).json() as Promise<State>;
const names = (tasks: readonly Task[]): string[] =>
  tasks.map(({ service, slot, state }) => `${service}.${slot} ${state}`);

/** The first line and the body of the answer to a path that is sent as it is. */
function raw(
  method: string,
  path: string,
  headers = "",
  port = server.port,
): Promise<{ status: string; head: string; body: string }> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () =>
      socket.write(`${method} ${path} HTTP/1.1\r\n${headers}\r\n`),
    );
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("error", reject);
    socket.on("close", () => {
      const [head = "", body = ""] = answer.split("\r\n\r\n");
      resolve({ status: head.split(" ")[1] ?? "", head, body });
    });
  });
}

describe("the name in the address bar", () => {
  it.each([
    ["127.0.56.11:8080", "200"],
    ["[::1]:8080", "200"],
    ["localhost", "200"],
    ["myvm1:8080", "200"],
    ["evil.example:8080", "421"],
    ["127.0.0.1.evil.example", "421"],
    ["[evil.example]", "421"],
    ["swarm.example.org", "421"],
  ])("answers %s with %s", async (host, status) => {
    expect((await raw("GET", "/health", `Host: ${host}\r\n`)).status).toBe(status);
  });

  it("may be one that is allowed", async () => {
    const { port } = await image.serve({ ALLOWED_HOSTS: "lab.example swarm.example.org" });
    expect((await raw("GET", "/", "Host: Swarm.example.org:80\r\n", port)).status).toBe("200");
  });
});

describe("/api/state", () => {
  beforeEach(forgotten);

  it("tells nodes, the tasks on each, and services", async () => {
    const told = await state();
    expect(told.nodes).toMatchObject([
      { name: "myvm1", role: "manager", leader: true, state: "ready", address: "192.168.56.11", cpus: 1 },
      { name: "myvm2", role: "worker", leader: false, state: "ready", address: "192.168.56.12" },
    ]);
    expect(told.nodes.map(({ tasks }) => names(tasks))).toEqual([
      ["redis.1 running", "visualizer.1 running", "web.2 running", "web.4 running"],
      ["web.1 running", "web.3 running", "web.5 running"],
    ]);
    expect(told.services).toMatchObject([
      { name: "redis", running: 1, desired: 1, ports: ["6379→6379"] },
      { name: "visualizer", running: 1, desired: 1, ports: ["8080→8080"] },
      {
        name: "web",
        running: 5,
        desired: 5,
        ports: ["4000→80"],
        image: "vmcluster.internal/web:4bf0e66d71c0",
      },
    ]);
    expect(told.unassigned).toEqual([]);
  });

  it("tells what does not run and why, and leaves out what is over", async () => {
    docker.swarm = inTrouble();
    const { nodes, unassigned, services } = await state();
    expect(nodes.map(({ name, state }) => `${name} ${state}`)).toEqual([
      "myvm1 ready",
      "myvm2 down",
      "myvm3 ready",
    ]);
    const [first, second] = nodes;
    expect(names(first?.tasks ?? [])).toEqual([
      "agent.null running",
      "redis.1 failed",
      "visualizer.1 running",
      "web.1 running",
      "web.2 preparing",
      "web.3 ready",
      "web.4 running",
    ]);
    const one = (name: string): Task | undefined =>
      first?.tasks.find((task) => names([task])[0]?.startsWith(name));
    expect(one("redis.1")?.message).toMatch(/^starting container failed: .*no such file/);
    // Its own failure is told once.
    expect(one("redis.1")?.lastFailure).toBeNull();
    expect(one("web.3")?.lastFailure?.message).toMatch(/^starting container failed/);
    expect(one("web.4")?.lastFailure).toMatchObject({ message: "task: non-zero exit (137)" });
    expect(second?.tasks).toMatchObject([
      { service: "web", slot: 2, state: "running", desiredState: "shutdown" },
    ]);
    expect(unassigned).toMatchObject([
      { slot: 5, message: "no suitable node (insufficient resources on 1 node)" },
    ]);
    expect(services.map(({ name, running, desired }) => `${name} ${running}/${desired}`)).toEqual([
      "agent 1/1",
      "redis 0/1",
      "visualizer 1/1",
      "web 2/5",
    ]);
  });

  it("sorts names by their number", async () => {
    docker.swarm = large();
    const sorted = (await state()).nodes.map(({ name }) => name);
    expect(sorted).toEqual(Array.from({ length: 10 }, (_, index) => `classroom${index + 1}`));
  });

  it("asks Docker three things for any number of pages, and tells nothing of environments", async () => {
    const pages = await Promise.all(
      Array.from({ length: 20 }, () => fetch(url("/api/state?x=../../secrets"))),
    );
    for (const page of pages) expect(await page.text()).not.toContain("do-not-show");
    expect(docker.requests).toEqual(["GET /nodes", "GET /services", "GET /tasks"]);
  });

  it.each([
    [
      "refuses",
      { status: 503, body: '{"message":"This node is not a swarm manager."}' },
      /not a swarm manager/,
    ],
    ["is not one", { status: 200, body: "<html>" }, /something else than JSON/],
  ])("says so when the engine %s", async (_, instead, message) => {
    docker.instead = instead;
    const answer = await fetch(url("/api/state"));
    expect([answer.status, await answer.json()]).toEqual([502, { error: expect.stringMatching(message) }]);
  });

  it("says so while the socket is away, serves the page all the same, and is well when it is back", async () => {
    await docker.down();
    const answer = await fetch(url("/api/state"));
    expect([answer.status, await answer.json()]).toEqual([
      502,
      {
        error: expect.stringMatching(
          /^no answer from the Docker engine \(\/var\/run\/docker\.sock\): .*No such file/,
        ),
      },
    ]);
    expect((await fetch(url("/"))).status).toBe(200);
    expect((await fetch(url("/health"))).status).toBe(200);
    await docker.up();
    await sleep(1100);
    expect((await state()).nodes).toHaveLength(2);
  });
});

describe("files", () => {
  it.each([
    ["/", "text/html; charset=utf-8", "<!doctype html>"],
    ["/style.css", "text/css; charset=utf-8", ":root"],
    ["/page.js", "text/javascript; charset=utf-8", "api/state"],
    ["/icon.svg", "image/svg+xml", "<svg"],
  ])("%s", async (path, type, content) => {
    const answer = await fetch(url(path));
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, type]);
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'self'");
    expect(await answer.text()).toContain(content);
    expect(await raw("HEAD", path)).toMatchObject({ status: "200", body: "" });
  });

  it.each([
    "/../app.pyc",
    "/page/../../etc/passwd",
    "//etc/passwd",
    "/..%2fapp.pyc",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/page.js/..",
    "/index.html%00",
    "http://x/../app.pyc",
  ])("%s is not one", async (path) => {
    expect(await raw("GET", path)).toMatchObject({ status: "404", body: "not found\n" });
  });

  it.each(["POST", "PUT", "DELETE"])("are not there to %s", async (method) => {
    for (const path of ["/", "/api/state"]) {
      const answer = await raw(method, path);
      expect(answer.status).toBe("405");
      expect(answer.head).toContain("Allow: GET, HEAD");
    }
    expect(docker.requests).toEqual([]);
  });
});

describe("the page in a browser", () => {
  beforeEach(forgotten);

  it("draws each node with its tasks, in its services' colours", async () => {
    const page = await renderedPage(url("/"));
    expect(page.match(/<article class="task good"/g)).toHaveLength(7);
    expect(page.match(/<section class="node good"/g)).toHaveLength(2);
    expect(page).toContain("2 nodes, 3 services, 7 tasks");
    expect(new Set(page.match(/--hue: ?\d+/g)).size).toBe(3);
    expect(page).toMatch(/<p id="live"[^>]*class="on"/);
  });

  it("draws what went wrong, as text", async () => {
    const trouble = inTrouble();
    docker.swarm = {
      ...trouble,
      nodes: JSON.parse(
        JSON.stringify(trouble.nodes).replace("heartbeat failure", "<img src=x>"),
      ) as object[],
    };
    const page = await renderedPage(url("/"));
    expect(page.match(/<section class="node bad" data-node="myvm2"/g)).toHaveLength(1);
    expect(page.match(/<article class="task bad"/g)).toHaveLength(1);
    expect(page.match(/<article class="task moving"/g)).toHaveLength(3);
    expect(page).toContain("Waiting for a node");
    expect(page).toContain("&lt;img src=x&gt;");
  });

  it("says that the engine does not answer", async () => {
    docker.instead = { status: 503, body: '{"message":"This node is not a swarm manager."}' };
    const page = await renderedPage(url("/"));
    expect(page).toMatch(/<p id="problem" role="alert">[^<]*This node is not a swarm manager\.<\/p>/);
    expect(page).toMatch(/<p id="live"[^>]*class="off"[^>]*>not live</);
  });
});
