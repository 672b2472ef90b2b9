import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { redisConfiguration } from "../../components/redis/configuration";
import { freePort } from "../freePort";
import { eventually, Unpacked } from "./builtImages";

jest.setTimeout(5 * 60_000);

let web: Unpacked;
let redis: Unpacked;
beforeAll(async () => {
  web = await Unpacked.of("web");
  redis = await Unpacked.of("redis");
});
afterAll(async () => {
  await web?.remove();
  await redis?.remove();
});

const absent = /<b>Visits:<\/b> <i>cannot connect to Redis, counter disabled<\/i>/;
const environment = (port: number): Record<string, string> => ({
  REDIS_HOST: "127.0.0.1",
  REDIS_PORT: String(port),
});
const page = async (port: number): Promise<string> => (await fetch(`http://127.0.0.1:${port}/`)).text();
const visits = async (port: number): Promise<number> =>
  Number(/<b>Visits:<\/b> (\d+)/.exec(await page(port))?.[1]);

/** Everything the server sends to one connection. */
function raw(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(request));
    socket.setEncoding("latin1");
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

/** Something that listens where Redis should and treats each connection in its own way. */
async function fakeRedis(talk: (socket: Socket) => void): Promise<{ port: number; close: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    talk(socket);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    port: (server.address() as { port: number }).port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

describe("with the redis image", () => {
  /** The folder /data is the image's own; root, so that a host without its users will do. */
  const startRedis = (port: number) =>
    redis.start(["/usr/bin/redis-server", "/etc/redis.conf", "--port", String(port), "--bind", "127.0.0.1"]);
  const answers = (port: number) =>
    eventually(
      "Redis answers",
      async () =>
        (await redis.output("/usr/bin/redis-cli", "-p", String(port), "ping")).includes("PONG") || undefined,
    );

  it("counts each visit once, goes on without Redis, and on from where it was when Redis is back", async () => {
    const redisPort = await freePort();
    const first = startRedis(redisPort);
    await answers(redisPort);
    const { port } = await web.serve({ ...environment(redisPort), NAME: "<you> & me" });
    expect(await page(port)).toMatch(
      /^<h3>Hello &lt;you&gt; &amp; me!<\/h3>\n<b>Hostname:<\/b> \S+<br\/>\n<b>Visits:<\/b> 1\n$/,
    );
    expect(await visits(port)).toBe(2);
    const many = await Promise.all(Array.from({ length: 40 }, () => visits(port)));
    expect(many.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, index) => index + 3));
    // Neither health checks nor a browser's other requests are visits.
    for (const path of ["health", "favicon.ico"]) await fetch(`http://127.0.0.1:${port}/${path}`);
    expect(await visits(port)).toBe(43);

    expect(await first.stop("SIGTERM")).toBe(0);
    const without = await fetch(`http://127.0.0.1:${port}/`);
    expect([without.status, await without.text()]).toEqual([200, expect.stringMatching(absent)]);

    const second = startRedis(redisPort);
    await answers(redisPort);
    expect(await visits(port)).toBe(44);
    expect(await second.stop("SIGTERM")).toBe(0);
  });
});

describe("with the redis image and a password", () => {
  const password = 'a "b" \\ c';

  it("counts with the right password, and says that it cannot with another or none", async () => {
    const redisPort = await freePort();
    const configuration = redisConfiguration(password)
      .replace("port 6379", `port ${redisPort}`)
      .replace("bind * -::*", "bind 127.0.0.1");
    redis.write("/run/secrets/redis.conf", configuration);
    redis.write("/run/secrets/redis_password", password);
    redis.start(["/usr/bin/start-redis", "redis-server", "/run/secrets/redis.conf"]);
    const cli = (program: string): Promise<string> =>
      redis.output(program, "-p", String(redisPort), "config", "get", "dir");
    await eventually("Redis answers", async () =>
      (await cli("/usr/local/bin/redis-cli")).includes("/data") ? true : undefined,
    );
    // The one that logs in is found first.
    expect(redis.image.config.config.Env).toContain("PATH=/usr/local/bin:/usr/bin");
    expect(await cli("/usr/bin/redis-cli")).toMatch(/NOAUTH/);

    for (const [given, shown] of [
      [password, /<b>Visits:<\/b> \d+/],
      ["another", absent],
    ] as const) {
      web.write("/run/secrets/redis_password", given);
      const { port } = await web.serve(environment(redisPort));
      expect(await page(port)).toMatch(shown);
    }
    const { port } = await web.serve({ ...environment(redisPort), REDIS_PASSWORD_FILE: "/none" });
    expect(await page(port)).toMatch(absent);
  });
});

describe("without Redis", () => {
  let port = 0;
  let server: Awaited<ReturnType<Unpacked["serve"]>>;
  beforeAll(async () => {
    server = await web.serve(environment(await freePort()));
    port = server.port;
  });

  it("says so, and is up", async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(await answer.text()).toMatch(absent);
    expect(await (await fetch(`http://127.0.0.1:${port}/health`)).text()).toBe("ok\n");
  });

  it("says so when there is no such name", async () => {
    const { port } = await web.serve({ REDIS_HOST: "redis.invalid" });
    expect(await page(port)).toMatch(absent);
  });

  it.each([
    ["an error", (socket: Socket) => socket.on("data", () => socket.write("-LOADING still loading\r\n"))],
    ["a closed connection", (socket: Socket) => socket.on("data", () => socket.end())],
    ["half an answer", (socket: Socket) => socket.on("data", () => socket.end(":1"))],
    ["silence", () => undefined],
  ])("says so when it answers with %s, within seconds, holding up nothing else", async (_, talk) => {
    const fake = await fakeRedis(talk);
    const { port } = await web.serve(environment(fake.port));
    const asked = Date.now();
    const waiting = [page(port), page(port)];
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
    for (const text of await Promise.all(waiting)) expect(text).toMatch(absent);
    expect(Date.now() - asked).toBeLessThan(10_000);
    fake.close();
  });

  const requests: [string, string][] = [
    ["GET /nothing HTTP/1.1\r\n\r\n", "404"],
    ["POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "405"],
    ["POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "405"],
    ["POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n", "413"],
    ["POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "400"],
    ["GET /%zz HTTP/1.1\r\n\r\n", "404"],
    ["GET / SMTP\r\n\r\n", "400"],
    ["GET / HTTP/1.1\r\nno colon\r\n\r\n", "400"],
    // Not all of it is read when the server answers.
    [`GET / HTTP/1.1\r\nX: ${"x".repeat(17_000)}`, "431"],
    [`GET / HTTP/1.1\r\nX: ${"x".repeat(900_000)}`, "431"],
    [`POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n${"x".repeat(3_000_000)}`, "413"],
  ];
  it.each(requests.map(([request, status]) => [request.slice(0, 60), status, request]))(
    "answers %j with %s",
    async (_, status, request) => {
      expect(await raw(port, request)).toMatch(
        new RegExp(`^HTTP/1.[01] ${status} [\\s\\S]*\r\nConnection: close\r\n`),
      );
    },
  );

  it("answers while more clients than it has threads send their requests slowly, and ends those in time", async () => {
    const slow = Array.from({ length: 200 }, () => connect(port, "127.0.0.1"));
    let ended = 0;
    for (const socket of slow) {
      socket.on("error", () => undefined);
      socket.on("close", () => {
        ended++;
      });
      socket.write("GET / HTTP/1.1\r\n");
    }
    // A byte now and then is no reason to wait on.
    const drip = setInterval(() => {
      for (const socket of slow) if (!socket.destroyed) socket.write("X");
    }, 1000);
    try {
      await sleep(500);
      const began = Date.now();
      expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
      expect(Date.now() - began).toBeLessThan(5000);
      await eventually("they are ended", async () => (ended === slow.length ? true : undefined), 40_000);
    } finally {
      clearInterval(drip);
      for (const socket of slow) socket.destroy();
    }
  });

  it("sends no body to HEAD", async () => {
    expect(await raw(port, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")).toMatch(/^HTTP\/1.1 200 [\s\S]*\r\n\r\n$/);
  });

  it("logs a line for each request, in which nothing is a control character", async () => {
    await raw(port, "GET /a\x1b[31m\tb HTTP/1.1\r\n\r\n");
    await eventually("it is logged", async () => (server.log.includes("\\x1b") ? true : undefined));
    expect(server.log).toMatch(/^127\.0\.0\.1 GET \/a\\x1b\[31m\\tb HTTP\/1\.1 404 \d+ms$/m);
  });

  it("has a health check that tells whether it answers", async () => {
    const [, ...check] = web.image.config.config.Healthcheck?.Test ?? [];
    // Its root has no devices here.
    const asks = (there: number): Promise<string> =>
      web.output(
        ...check.map((word) => word.replace("127.0.0.1/", `127.0.0.1:${there}/`).replace("/dev/null", "-")),
      );
    await asks(port);
    await expect(asks(await freePort())).rejects.toThrow(/exit code 1/);
  });

  it("serves until nobody comes any more when it is told to end, then ends", async () => {
    const halfway = connect(port, "127.0.0.1", () => halfway.write("GET /health HTTP/1.1\r\n"));
    let answer = "";
    halfway.setEncoding("latin1");
    halfway.on("data", (chunk) => {
      answer += chunk;
    });
    await sleep(100);
    const ended = server.stop("SIGTERM");
    await sleep(1000);
    expect(await raw(port, "GET /health HTTP/1.1\r\n\r\n")).toMatch(/^HTTP\/1.1 200 /);
    halfway.write("\r\n");
    await new Promise((done) => halfway.once("close", done));
    expect(answer).toMatch(/^HTTP\/1.1 200 [\s\S]*ok\n$/);
    const quiet = Date.now();
    expect(await ended).toBe(0);
    expect(Date.now() - quiet).toBeGreaterThan(1500);
    expect(Date.now() - quiet).toBeLessThan(5000);
  });

  it("ends in time also while somebody says nothing, and at once when it is told again", async () => {
    for (const [again, atLeast, atMost] of [
      [false, 7000, 10_000],
      [true, 0, 2000],
    ] as const) {
      const other = await web.serve(environment(await freePort()));
      const idle = connect(other.port, "127.0.0.1");
      idle.on("error", () => undefined);
      await sleep(100);
      const told = Date.now();
      const ended = other.stop("SIGTERM");
      await sleep(300);
      if (again) void other.stop("SIGTERM");
      expect(await ended).toBe(0);
      expect(Date.now() - told).toBeGreaterThanOrEqual(atLeast);
      expect(Date.now() - told).toBeLessThan(atMost);
      idle.destroy();
    }
  });
});
