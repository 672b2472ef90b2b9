/** Which manager is asked: made-up ones, that answer, hang or are cut off. */

import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

const told =
  (state: object): Answer =>
  (_path, response) =>
    response.end(JSON.stringify({ Swarm: state }));
const leads = told({ LocalNodeState: "active", ControlAvailable: true, Error: "" });
const cutOff = told({
  LocalNodeState: "active",
  ControlAvailable: true,
  Error: "rpc error: code = Unknown desc = The swarm does not have a leader.",
});
const expired = told({
  LocalNodeState: "error",
  Error: "error while validating Root CA Certificate: x509: certificate has expired or is not yet valid",
});
const hangs: Answer = () => undefined;

async function cluster(...answers: Answer[]): Promise<Cluster> {
  const managers = await Promise.all(answers.map((answer, index) => manager(`m${index + 1}`, answer)));
  return { name: "test", managers, members: managers };
}

it.each([
  ["is cut off and has no leader", cutOff],
  ["hangs", hangs],
])("asks another manager if the first one %s", async (_what, first) => {
  const swarm = await connect(await cluster(first, leads, hangs), 8000);
  expect(swarm.manager.name).toBe("m2");
  swarm.close();
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
