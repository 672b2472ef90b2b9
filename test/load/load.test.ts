import { serviceImageRefs } from "../../images/refs";
import { until } from "../e2e/http";
import { ProgramFolder } from "../e2e/programFolder";
import { Load, steady } from "./load";

/** Requests lost while a service is rolled, scaled and rebalanced, and while machines fail; three real VMs, a quarter of an hour without KVM. */
jest.setTimeout(30 * 60_000);

const folder = new ProgramFolder("load");
const { vmcluster } = folder;
afterAll(() => folder.clean());

const port = 8000;

/** Of which no request is to be lost (docs/swarm.md). */
const web = {
  image: serviceImageRefs().web,
  ports: [{ target: 80, published: port }],
  updateConfig: { order: "start-first" },
  stopGracePeriod: "15s",
};

/** Writes the program. Another `round` rolls the service. */
function program(managers: number, replicas: number, round: string): void {
  folder.program(`const { SwarmCluster, SwarmService } = require("vmcluster");
const cluster = new SwarmCluster("l", ${JSON.stringify({ nodeCount: 3, managers, memory: 768, ports: [port] })});
new SwarmService("web", ${JSON.stringify({ ...web, replicas, env: { ROUND: round } })}, cluster.onSwarm);
exports.nodes = cluster.nodes;`);
}

/** Requests to the routing mesh at these nodes, once it answers there. */
async function load(...at: string[]): Promise<Load> {
  const all = await vmcluster.json<{ name: string; address: string }[]>("stack", "output", "nodes", "--json");
  const there = all.filter(({ name }) => at.includes(name));
  const urls = there.map(({ address }) => `http://${address}:${port}/health`);
  await steady(urls);
  return new Load(urls, 5);
}

interface Task {
  readonly node: string;
  readonly state: string;
}

/** The nodes on which tasks of web run; waits until there are as many as wanted, and none is where it is not to be. */
async function webNodes(count: number, wanted: (nodes: readonly string[]) => boolean): Promise<string[]> {
  return until(`${count} tasks of web run where they are to`, 300, async () => {
    const tasks = await vmcluster.json<Task[]>("ps", "web", "--format", "json");
    const there = tasks.filter(({ state }) => state === "running").map(({ node }) => node);
    return there.length === count && tasks.length === count && wanted(there) ? there.sort() : undefined;
  });
}

/** Waits until a node is `ready` again, or `down`. */
async function nodeIs(name: string, status: string): Promise<void> {
  await until(`${name} is ${status}`, 180, async () => {
    const seen = await vmcluster.json<{ name: string; status: string }[]>("nodes", "--format", "json");
    return seen.find((node) => node.name === name)?.status === status || undefined;
  });
}

it("loses no request while a service is rolled and scaled", async () => {
  program(3, 2, "1");
  await vmcluster.ok("up", "--yes");
  const requests = await load("l1", "l2", "l3");
  program(3, 3, "2");
  await vmcluster.ok("up", "--yes");
  await vmcluster.ok("scale", "web=2", "--yes");
  await webNodes(2, () => true);
  const { sent, lost } = await requests.end("rolling update from 2 to 3 tasks, then scaled to 2");
  expect(lost).toEqual([]);
  expect(sent).toBeGreaterThan(100);
});

it("goes on when one of three managers fails, and uses it again when it is back", async () => {
  const failing = (await webNodes(2, () => true)).find((node) => node !== "l1") as string;
  const requests = await load(...["l1", "l2", "l3"].filter((node) => node !== failing));
  await vmcluster.ok("machine", "kill", failing);
  await webNodes(2, (there) => !there.includes(failing));
  // The swarm has its majority: it is asked, and told, as before.
  await nodeIs(failing, "down");
  await vmcluster.on("l1", "docker", "node", "update", "--label-add", "still=asked", "l1");
  const { sent, lost } = await requests.end(`the machine of one of two tasks (${failing}) is killed`);
  expect(sent - lost.length).toBeGreaterThan(lost.length);

  await vmcluster.ok("machine", "start", failing);
  await nodeIs(failing, "ready");
  const after = await load("l1", "l2", "l3");
  await vmcluster.ok("rebalance", "web");
  await webNodes(2, (there) => there.includes(failing));
  expect((await after.end(`rebalanced when ${failing} is back`)).lost).toEqual([]);
});

it("moves a worker's tasks when its machine is stopped", async () => {
  program(1, 2, "2");
  await vmcluster.ok("up", "--yes");
  const worker = (await webNodes(2, () => true)).find((node) => node !== "l1") as string;
  const requests = await load(...["l1", "l2", "l3"].filter((node) => node !== worker));
  await vmcluster.ok("machine", "stop", worker);
  await webNodes(2, (there) => !there.includes(worker));
  const { sent, lost } = await requests.end(
    `the machine of a worker (${worker}) with one of two tasks is stopped`,
  );
  expect(sent - lost.length).toBeGreaterThan(lost.length);
  await vmcluster.ok("destroy", "--yes");
  expect(vmcluster.machineFolders()).toEqual([]);
});
