import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, globalAgent, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HttpGetOptions, httpGet } from "../../host/httpGet";

const folder = mkdtempSync(join(tmpdir(), "vmcluster-https-test-"));
let server: Server;
let asked: string[] = [];
/** Where the server sends every request on. */
let location: string | undefined;

beforeAll(async () => {
  const [key, cert] = [join(folder, "key"), join(folder, "cert")];
  const subject = ["-subj", "/CN=localhost", "-days", "2"];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, ...subject],
    {
      stdio: "ignore",
    },
  );
  server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, ({ url }, response) => {
    asked.push(url ?? "");
    if (location === undefined) response.end("here");
    else response.writeHead(302, { location }).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  // Its certificate is its own.
  globalAgent.options.rejectUnauthorized = false;
});

afterAll(async () => {
  delete globalAgent.options.rejectUnauthorized;
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  asked = [];
  location = undefined;
});

const own = (): URL => new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/sums`);
const get = (url: URL, secure: HttpGetOptions["secure"]) => httpGet(url, { secure });

it.each(["always", "kept"] as const)("does not go on over plain http from https (%s)", async (secure) => {
  location = "http://mirror.invalid/sums";
  await expect(get(own(), secure)).rejects.toThrow(
    `${own().href}: redirects to plain http (http://mirror.invalid)\n  anybody on the way could change what comes`,
  );
  expect(asked).toEqual(["/sums"]);
});

it("asks nothing over plain http if that must not be", async () => {
  await expect(get(new URL("http://mirror.invalid/sums"), "always")).rejects.toThrow(
    "http://mirror.invalid/sums: is plain http\n",
  );
});

it("gets what is secure, and what comes from this computer", async () => {
  const { status, body } = await get(own(), "always");
  expect(status).toBe(200);
  body.resume();
  for (const host of ["127.0.0.1", "localhost", "[::1]"]) {
    // Nobody answers there: it is asked.
    await expect(get(new URL(`http://${host}:9/`), "always")).rejects.toThrow(/ECONNREFUSED/);
  }
});
