import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "../../../../host/tools";
import {
  type Blocked,
  blockedError,
  blockedFrom,
  judge,
  minorText,
  type Peer,
  type SwarmPort,
} from "../../../../machine/drivers/generic/ports";
import { localSession } from "./localSession";

jest.setTimeout(60_000);

const number = 1 + (process.pid % 250);
const peer = (name: string, last: number, session = localSession()): Peer => ({
  name,
  privateAddress: `127.${number}.88.${last}`,
  session,
});

/** A PATH on which only these programs are. */
function only(folder: string): NodeJS.ProcessEnv {
  const base = ["sh", "bash", "timeout", "seq", "sleep", "sed", "kill", "printf", "env"];
  mkdirSync(folder, { recursive: true });
  for (const program of base) {
    const found = findProgram(program);
    if (found !== undefined) symlinkSync(found, join(folder, program));
  }
  return { PATH: folder };
}

/** Whether something still listens on an address. */
const listeners = (address: string): string =>
  execFileSync("ss", ["-Hlntu", `src ${address}`], { encoding: "utf8" }).trim();

const folder = mkdtempSync(join(tmpdir(), "vmcluster-ports-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("finds that all passes, with Perl as the listener, and leaves none", async () => {
  const to = peer("h2", 2);
  expect(await blockedFrom(peer("h1", 1), to)).toEqual([]);
  expect(listeners(to.privateAddress)).toBe("");
});

it("names what does not pass", async () => {
  const to = peer("h2", 3);
  const session = localSession();
  // It sends to another address than the one that is listened at.
  const astray = {
    execCommand: (command: string, options: { stdin: string }) =>
      session.execCommand(command, {
        ...options,
        stdin: options.stdin.replace(`address='${to.privateAddress}'`, "address='127.0.0.1'"),
      }),
  } as unknown as Peer["session"];
  expect(await blockedFrom(peer("h1", 1, astray), to)).toEqual([
    "tcp/2377",
    "tcp/7946",
    "udp/7946",
    "udp/4789",
  ]);
  expect(listeners(to.privateAddress)).toBe("");
});

it("counts a connection to what listens there already", async () => {
  const to = peer("h2", 4);
  const server = createServer((socket) => socket.end()).listen(2377, to.privateAddress);
  await new Promise((done) => server.once("listening", done));
  expect(await blockedFrom(peer("h1", 1), to)).toEqual([]);
  server.close();
});

it("says nothing of hosts that have nothing to find out with", async () => {
  const bare = localSession(only(join(folder, "bare")));
  expect(await blockedFrom(peer("h1", 1), peer("h2", 5, bare))).toBeUndefined();
});

/** The program itself: what is on PATH may be a script that looks for it. */
function python(): string | undefined {
  if (findProgram("python3") === undefined) return undefined;
  return execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim();
}

(python() === undefined ? it.skip : it)("listens with Python where there is no Perl", async () => {
  const env = only(join(folder, "python"));
  symlinkSync(python() ?? "", join(folder, "python", "python3"));
  const to = peer("h2", 6, localSession(env));
  expect(await blockedFrom(peer("h1", 1), to)).toEqual([]);
  expect(listeners(to.privateAddress)).toBe("");
});

const blocked = (from: string, to: string, ...ports: SwarmPort[]): Blocked => ({
  from,
  to,
  address: "10.0.0.2",
  ports,
});

it("minds 2377 only if it passes in neither direction", () => {
  const one = judge([blocked("h1", "h2", "tcp/2377", "udp/4789"), blocked("h2", "h1")]);
  expect(one.wrong).toEqual([blocked("h1", "h2", "udp/4789")]);
  expect(one.minor.map(minorText)).toEqual([
    "from h1 to h2 (10.0.0.2): 2377/tcp does not pass, so h2 cannot be the swarm's manager",
  ]);
  const both = judge([blocked("h1", "h2", "tcp/2377"), blocked("h2", "h1", "tcp/2377")]);
  expect(both.wrong).toHaveLength(2);
  expect(both.minor).toEqual([]);
});

it("says between which nodes, and how it is let through", () => {
  const { message } = blockedError("h2", [blocked("h1", "h2", "udp/4789"), blocked("h2", "h1", "tcp/7946")]);
  expect(message).toContain("from h1 to h2 (10.0.0.2): 4789/udp\n");
  expect(message).toContain("ufw allow 7946/tcp");
  expect(message).toContain("firewall-cmd --permanent --add-port=4789/udp");
});
