/** Which manager is asked: made-up ones, that answer, hang or are cut off. */

import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connect } from "../../../cli/swarm/connect";
import type { Cluster, Member } from "../../../cli/swarm/swarm";

let folder = "";
const servers: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vmcluster-connect-"));
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

type Answer = (path: string, response: ServerResponse) => void;

async function manager(name: string, answer: Answer): Promise<Member> {
  const socket = join(folder, name);
  const server = createServer((request: IncomingMessage, response) => {
    response.setHeader("Api-Version", "1.45");
    answer((request.url ?? "").replace(/^\/v[\d.]+/, ""), response);
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(socket, done));
  return { name, daemon: { kind: "unix", socket } };
}

const says =
  (state: object): Answer =>
  (_path, response) =>
    response.end(JSON.stringify({ Swarm: state }));
const leads = says({ LocalNodeState: "active", ControlAvailable: true, Error: "" });
const cutOff = says({
  LocalNodeState: "active",
  ControlAvailable: true,
  Error: "rpc error: code = Unknown desc = The swarm does not have a leader.",
});
const expired = says({
  LocalNodeState: "error",
  Error: "error while validating Root CA Certificate: x509: certificate has expired or is not yet valid",
});
const hangs: Answer = () => undefined;

async function cluster(...answers: Answer[]): Promise<Cluster> {
  const managers = await Promise.all(answers.map((answer, index) => manager(`m${index + 1}`, answer)));
  return { name: "test", managers, members: managers };
}

it.each([
  ["is cut off and has no leader", cutOff, "m1: the swarm has no leader there"],
  ["hangs", hangs, "m1 has not answered yet"],
])("asks another manager if the first one %s, and says so", async (_what, first, why) => {
  const told: string[] = [];
  const swarm = await connect(await cluster(first, leads, hangs), 8000, (text) => told.push(text));
  expect(swarm.manager.name).toBe("m2");
  expect(told).toEqual([`asked m2, as ${why}`]);
  // Giving up the others leaves this one as it is.
  await delay(50);
  expect(await swarm.get("/info")).toMatchObject({ Swarm: { ControlAvailable: true } });
  swarm.close();
});

it("says nothing if the first one answers", async () => {
  const told: string[] = [];
  (await connect(await cluster(leads, hangs), 8000, (text) => told.push(text))).close();
  expect(told).toEqual([]);
});

it("takes no longer than its time-out, however many managers hang", async () => {
  const all = await cluster(hangs, hangs, hangs, hangs);
  const began = Date.now();
  await expect(connect(all, 2000)).rejects.toThrow(
    /no manager of the cluster test answers as one\n {2}m1 did not answer within 2 s\n {2}m2 did not/,
  );
  expect(Date.now() - began).toBeLessThan(3000);
});

it("says that there is no leader, and what that needs", async () => {
  await expect(connect(await cluster(cutOff, cutOff), 5000)).rejects.toThrow(
    /m1: the swarm has no leader there\n {2}m2: .*\n {2}more than half of its managers must run/,
  );
});

it("says that the certificates have expired, and nothing of Docker's advice", async () => {
  const error = await connect(await cluster(expired), 5000).catch((thrown: Error) => thrown);
  const { message } = error as Error;
  expect(message).toContain(
    "m1 is not active in its swarm (error: the certificates of the swarm have expired)",
  );
  expect(message).toContain("do not follow Docker's advice");
});

const left = says({ LocalNodeState: "inactive", ControlAvailable: false, Error: "" });

it("says that the swarm is gone if all of its managers left it, what went with it and what to do", async () => {
  const all = await cluster(left, left);
  await expect(connect(all, 5000)).rejects.toThrow(
    /the swarm of the cluster test is gone: m1, m2 left it\n {2}with it went its services.*\n {2}save .*vmcluster machine rm m1 m2/,
  );
  // A machine that a person names need never have been in one.
  await expect(connect({ ...all, named: true }, 5000)).rejects.toThrow(
    /answers as one\n {2}m1 is in no swarm/,
  );
});

it("does not say so while another manager may still know it", async () => {
  await expect(connect(await cluster(left, cutOff), 5000)).rejects.toThrow(
    /m1 is in no swarm \(inactive\)\n {2}m2: the swarm has no leader there/,
  );
});
