import { serviceImageRefs } from "../../images/refs";
import { until } from "./http";
import { Load } from "./load";
import { ProgramFolder } from "./programFolder";

/** A swarm whose managers come, fail, are lost, and go, under load; three real VMs, a quarter of an hour without KVM. */
jest.setTimeout(30 * 60_000);

const folder = new ProgramFolder("managers");
const { vmcluster } = folder;
afterAll(() => folder.clean());

const images = serviceImageRefs();
const port = 8000;

/** Of which no request is to be lost. */
const web = {
  image: images.web,
  ports: [{ target: 80, published: port }],
  updateConfig: { order: "start-first" },
  stopGracePeriod: "15s",
};

/** Another one rolls it. */
let round = "1";

/** Writes the program: a cluster with these arguments and two services on it. */
function cluster(args: object, replicas = 2): void {
  folder.program(`const { SwarmCluster, SwarmService } = require("vmcluster");
const cluster = new SwarmCluster("m", ${JSON.stringify({ memory: 768, ports: [port], ...args })});
const service = new SwarmService("redis", { image: ${JSON.stringify(images.redis)} }, cluster.onSwarm);
new SwarmService("web", ${JSON.stringify({ ...web, replicas, env: { ROUND: round } })}, cluster.onSwarm);
exports.service = service.serviceId;
exports.nodes = cluster.nodes;`);
}

/** Requests to the routing mesh at these nodes. */
async function load(...at: string[]): Promise<Load> {
  const all = await vmcluster.json<{ name: string; address: string }[]>("stack", "output", "nodes", "--json");
  const there = all.filter(({ name }) => at.includes(name));
  return new Load(
    there.map(({ address }) => `http://${address}:${port}/health`),
    5,
  );
}

interface Task {
  readonly node: string;
  readonly state: string;
}

/** Waits until so many tasks of web run on these nodes, and no other. */
async function webRunsOn(machine: string, count: number, ...at: string[]): Promise<void> {
  await until(`${count} tasks run on ${at.join(", ")}`, 240, async () => {
    const tasks = await vmcluster.json<Task[]>("ps", "web", "--machine", machine, "--format", "json");
    const running = tasks.filter(({ state }) => state === "running");
    const places = new Set(running.map(({ node }) => node));
    return (
      (running.length === count && tasks.length === count && [...places].sort().join() === at.join()) ||
      undefined
    );
  });
}

/** `name status availability reachability` of each node, as a machine's Docker tells it. */
async function nodes(at: string): Promise<string[]> {
  const format = "{{.Hostname}} {{.Status}} {{.Availability}} {{.ManagerStatus}}";
  const list = await vmcluster.on(at, "docker", "node", "ls", "--format", format);
  return list
    .split("\n")
    .map((line) => line.trim().replace("Leader", "Manager").replace("Reachable", "Manager"))
    .sort();
}

const three = {
  nodeCount: 3,
  managers: 3,
  nodeLabels: { m2: { disk: "ssd" } },
  availability: { m3: "drain" },
};
const service = (): Promise<string> => vmcluster.json<string>("stack", "output", "service", "--json");
let before: string;

it("grows from one manager to three, in place", async () => {
  cluster({ nodeCount: 1 });
  await vmcluster.ok("up", "--yes");
  before = await service();

  cluster({ nodeCount: 3, managers: 2 });
  expect((await vmcluster.run("preview")).stdout).toMatch(/managers: 2 is not allowed.*take 1 or 3/);

  cluster(three);
  await vmcluster.ok("up", "--yes");
  expect(await nodes("m1")).toEqual([
    "m1 Ready Active Manager",
    "m2 Ready Active Manager",
    "m3 Ready Drain Manager",
  ]);
  expect(await vmcluster.on("m1", "docker node inspect -f '{{json .Spec.Labels}}' m2")).toBe(
    '{"disk":"ssd"}',
  );
  expect(await service()).toBe(before);
  await vmcluster.ok("preview", "--expect-no-changes");
});

it("loses no request while a service is rolled and scaled", async () => {
  const requests = await load("m1", "m2", "m3");
  round = "2";
  cluster(three, 3);
  await vmcluster.ok("up", "--yes");
  await vmcluster.ok("scale", "web=2", "--yes");
  await webRunsOn("m1", 2, "m1", "m2");
  const { sent, lost } = await requests.end("rolling update from 2 to 3 tasks, then scaled to 2");
  expect(lost).toEqual([]);
  expect(sent).toBeGreaterThan(100);
});

it("goes on when one of three managers fails, and uses it again when it is back", async () => {
  const requests = await load("m1", "m3");
  await vmcluster.ok("machine", "kill", "m2");
  // The swarm has its majority: it is asked, and told, as before.
  expect((await nodes("m1")).map((line) => line.split(" ")[0])).toEqual(["m1", "m2", "m3"]);
  await webRunsOn("m1", 2, "m1");
  const { sent, lost } = await requests.end("the machine of one of 2 tasks is killed");
  expect(sent - lost.length).toBeGreaterThan(lost.length);

  await vmcluster.ok("machine", "start", "m2");
  await until(
    "m2 is back",
    120,
    async () => (await nodes("m1"))[1] === "m2 Ready Active Manager" || undefined,
  );
  const after = await load("m1", "m2", "m3");
  await vmcluster.ok("rebalance", "web");
  await webRunsOn("m1", 2, "m1", "m2");
  expect((await after.end("rebalanced to the machine that is back")).lost).toEqual([]);
});

it("takes back a manager whose machine was lost, with the swarm and its services as they were", async () => {
  await vmcluster.ok("machine", "rm", "-f", "m1");
  const preview = await vmcluster.ok("preview");
  expect(preview.stdout).not.toMatch(/redis-service (replace|delete|create)/);
  await vmcluster.ok("up", "--yes");
  expect((await nodes("m2")).map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
    "m1 Ready",
    "m2 Ready",
    "m3 Ready",
  ]);
  expect(await service()).toBe(before);
  await vmcluster.ok("preview", "--expect-no-changes");
});

it("shrinks: demotes, and lets a node leave before its machine goes", async () => {
  cluster({ nodeCount: 2, managers: 1 });
  await vmcluster.ok("up", "--yes");
  expect(await nodes("m1")).toEqual(["m1 Ready Active Manager", "m2 Ready Active"]);
  // Its label was ours.
  expect(await vmcluster.on("m1", "docker node inspect -f '{{json .Spec.Labels}}' m2")).toBe("{}");
  expect(await service()).toBe(before);
  await vmcluster.ok("preview", "--expect-no-changes");
});

it("is destroyed without anybody leaving, also when a machine is gone", async () => {
  await vmcluster.ok("machine", "rm", "-f", "m2");
  const destroyed = await vmcluster.ok("destroy", "--yes");
  expect(destroyed.stdout).not.toContain("draining");
  expect(vmcluster.machineFolders()).toEqual([]);
});
