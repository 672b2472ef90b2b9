import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { download } from "../../../../machine/image/pull/download";
import { type Part, partIn } from "../../../../machine/image/pull/part";
import { useTemporaryHome } from "../../temporaryHome";
import { useFileServer } from "./fileServer";

const home = useTemporaryHome();
const server = useFileServer();
const content = randomBytes(1_000_000);
let told: string[] = [];
let part: Part;

beforeEach(() => {
  server().content = content;
  told = [];
  part = partIn(join(home(), "part"));
});

const get = (path?: string, pauses: readonly number[] = [1, 1, 1], idleMs?: number): Promise<void> =>
  download(server().url(path), part, "the image", {
    progress: (line) => told.push(line),
    pauses,
    idleMs,
  });

const whole = (): boolean => readFileSync(part.file).equals(content);

/** What was asked for: `whole`, or `rest`. The last bytes before a cut may be lost with the connection. */
const asked = (): string[] =>
  server().requests.map(({ headers: { range } }) =>
    range === undefined ? "whole" : /^bytes=[1-9]\d{4,}-$/.test(range) ? "rest" : range,
  );

it("downloads a file and tells its size and rate", async () => {
  await get();
  expect(whole()).toBe(true);
  expect(told).toEqual([expect.stringMatching(/^downloaded: 1\.0 of 1\.0 MiB \(100 %\), [\d.]+ MiB\/s$/)]);
});

it("goes on where the connection was cut, on condition that the file is the same", async () => {
  server().cuts.push(300_000, 200_000);
  await get();
  expect(whole()).toBe(true);
  expect(asked()).toEqual(["whole", "rest", "rest"]);
  expect(server().requests[1]?.headers["if-range"]).toBe('"one"');
  expect(told.join("\n")).toMatch(
    /interrupted: .*trying again[\s\S]*going on at 0\.\d of 1\.0 MiB \(\d+ %\)/,
  );
});

it("goes on in another call, as after the end of the process", async () => {
  server().cuts.push(400_000);
  await expect(get(undefined, [])).rejects.toThrow(/interrupted[\s\S]*kept, and the same command goes on/);
  await get();
  expect(whole()).toBe(true);
  expect(asked()).toEqual(["whole", "rest"]);
});

it("asks for nothing when all had come before", async () => {
  await get();
  await get();
  expect(server().requests).toHaveLength(1);
});

it.each([
  ["the file is another one now", () => (server().etag = '"two"')],
  ["the server does not know ranges", () => (server().ranges = false)],
])("begins again when %s", async (_, change) => {
  server().cuts.push(400_000);
  await get(undefined, []).catch(() => undefined);
  change();
  await get();
  expect(whole()).toBe(true);
  expect(asked()).toEqual(["whole", "rest"]);
});

it("goes by the time of the last change where there is no ETag, or only a weak one", async () => {
  server().lastModified = "Sat, 21 Nov 2026 10:00:00 GMT";
  server().etag = undefined;
  server().cuts.push(400_000);
  await get();
  expect(whole()).toBe(true);
  expect(server().requests[1]?.headers["if-range"]).toBe("Sat, 21 Nov 2026 10:00:00 GMT");
});

it("does not go on where nothing tells whether it is the same file", async () => {
  server().etag = 'W/"weak"';
  server().cuts.push(400_000);
  await get();
  expect(whole()).toBe(true);
  expect(asked()).toEqual(["whole", "whole"]);
});

it("begins again when what it has is longer than the file now", async () => {
  server().cuts.push(400_000);
  await get(undefined, []).catch(() => undefined);
  server().content = content.subarray(0, 1000);
  await get();
  expect(readFileSync(part.file)).toHaveLength(1000);
});

it("begins again when the note about the part was cut off", async () => {
  server().cuts.push(400_000);
  await get(undefined, []).catch(() => undefined);
  writeFileSync(join(home(), "part/part.json"), '{"from":"htt');
  await get();
  expect(whole()).toBe(true);
});

it("goes on at the mirror that it was redirected to, and begins again at the address if that is gone", async () => {
  server().redirects.set("/latest", "/mirror/1");
  server().cuts.push(400_000);
  await get("/latest", []).catch(() => undefined);
  server().statuses.push(404);
  await get("/latest");
  expect(whole()).toBe(true);
  expect(server().requests.map(({ path }) => path)).toEqual([
    "/latest",
    "/mirror/1",
    "/mirror/1",
    "/latest",
    "/mirror/1",
  ]);
});

it("takes a server that falls silent for one that was cut off", async () => {
  server().stalls.push(300_000);
  await get(undefined, [1], 300);
  expect(whole()).toBe(true);
  expect(asked()).toEqual(["whole", "rest"]);
});

it("tries again when the server is busy, but not when there is no such file", async () => {
  server().statuses.push(503, 429);
  await get();
  expect(whole()).toBe(true);
  server().statuses.push(404);
  part.remove();
  await expect(get()).rejects.toThrow(/^the image: the server answers 404 Not Found/);
  expect(server().requests).toHaveLength(4);
  expect(existsSync(part.file)).toBe(false);
});

it("gives up after some tries without a byte", async () => {
  server().statuses.push(500, 500, 500, 500, 500);
  await expect(get()).rejects.toThrow(/500 Internal Server Error[\s\S]*check the network/);
  expect(server().requests).toHaveLength(4);
});

it("downloads through the proxy of the environment, except where no_proxy says otherwise", async () => {
  process.env.http_proxy = server().url("/").href.replace("//", "//user:secret@");
  try {
    await download(new URL("http://images.invalid/disk.qcow2"), part, "the image", {
      progress: () => undefined,
    });
    expect(whole()).toBe(true);
    expect(server().requests[0]).toMatchObject({
      path: "http://images.invalid/disk.qcow2",
      headers: { host: "images.invalid", "proxy-authorization": "Basic dXNlcjpzZWNyZXQ=" },
    });
    process.env.no_proxy = "other.example, 127.0.0.1";
    part.remove();
    await get();
    expect(server().requests[1]?.path).toBe("/disk.qcow2");
  } finally {
    delete process.env.http_proxy;
    delete process.env.no_proxy;
  }
});
