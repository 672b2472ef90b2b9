import { serviceImageRefs } from "../../images/refs";
import type { SwarmClusterArgs } from "../../index";
import { virtualCluster } from "../components/arguments/machines";
import { ProgramFolder } from "./programFolder";

/** A swarm whose managers come, are lost, and go; three real VMs, ten minutes without KVM. */
jest.setTimeout(30 * 60_000);

const folder = new ProgramFolder("managers");
const { vmcluster } = folder;
afterAll(() => folder.clean());

/** What is said of nodes, in the end for all three, would be refused for others. */
const { nodeLabels, availability, ...shared } = virtualCluster;

/** Writes the program: a cluster with every argument there is, these ones otherwise, and a service on it. */
function cluster(args: Partial<SwarmClusterArgs>): void {
  folder.program(`const { SwarmCluster, SwarmJob, SwarmService } = require("vmcluster");
const cluster = new SwarmCluster("m", ${JSON.stringify({ ...shared, ...args })});
const service = new SwarmService("redis", { image: ${JSON.stringify(serviceImageRefs().redis)} }, cluster.onSwarm);
const version = { image: ${JSON.stringify(serviceImageRefs().redis)}, entrypoint: ["redis-server", "--version"] };
new SwarmJob("version", version, cluster.onSwarm);
exports.service = service.serviceId;
exports.nodes = cluster.nodes;`);
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

const service = (): Promise<string> => vmcluster.json<string>("stack", "output", "service", "--json");
let before: string;

it("grows from one manager to three, in place", async () => {
  const { autolock: _lock, rotateTokens: _rotate, ...swarm } = shared.swarm;
  cluster({ nodeCount: 1, managers: 1, swarm });
  await vmcluster.ok("up", "--yes");
  before = await service();

  cluster({ nodeCount: 3, managers: 2 });
  expect((await vmcluster.run("preview")).stdout).toMatch(/managers: 2 is not allowed.*take 1 or 3/);

  cluster({ nodeLabels, availability });
  await vmcluster.ok("up", "--yes");
  expect(await nodes("m1")).toEqual([
    "m1 Ready Active Manager",
    "m2 Ready Active Manager",
    "m3 Ready Drain Manager",
  ]);
  expect(JSON.parse(await vmcluster.on("m1", "docker node inspect -f '{{json .Spec.Labels}}' m2"))).toEqual(
    (nodeLabels as Record<string, object>).m2,
  );
  expect(await service()).toBe(before);
  await vmcluster.ok("preview", "--expect-no-changes");
  expect((await vmcluster.ok("refresh", "--yes")).stdout).toContain("There was nothing to change");
  await vmcluster.ok("preview", "--expect-no-changes");
});

it("is reached through another manager while the first is off", async () => {
  await vmcluster.ok("machine", "stop", "-f", "m1");
  expect((await vmcluster.ok("refresh", "--yes")).stdout).toContain("There was nothing to change");
  const preview = await vmcluster.ok("preview");
  expect(preview.stdout).toMatch(/m-vm1-vm update/);
  expect(preview.stdout).not.toMatch(/(redis-service|m-docker|version-job) (replace|delete|create|update)/);
  expect((await vmcluster.ok("services")).stdout).toContain("redis");
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
  cluster({ nodeCount: 2, managers: 1, swarm: { ...shared.swarm, autolock: false } });
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
