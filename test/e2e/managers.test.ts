import { join } from "node:path";
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

/** Writes the program: a cluster with every argument there is, these ones otherwise, a service on it, and what else is given. */
function cluster(args: Partial<SwarmClusterArgs>, more = ""): void {
  folder.program(`const { Machine, SwarmCluster, SwarmJob, SwarmMember, SwarmService } = require("vmcluster");
const cluster = new SwarmCluster("m", ${JSON.stringify({ ...shared, ...args })});
const service = new SwarmService("redis", { image: ${JSON.stringify(serviceImageRefs().redis)} }, cluster.onSwarm);
const version = { image: ${JSON.stringify(serviceImageRefs().redis)}, entrypoint: ["redis-server", "--version"] };
new SwarmJob("version", version, cluster.onSwarm);
exports.service = service.serviceId;
exports.nodes = cluster.nodes;
${more}`);
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

it("shows options that somebody has changed by hand, and puts them right", async () => {
  await vmcluster.on(
    "m1",
    "docker swarm update --task-history-limit 9 && docker node update --availability active m3",
  );
  const shown = await vmcluster.ok("preview", "--diff");
  expect(shown.stdout).toMatch(/repair \d+: taskHistoryLimit 9, wanted 2/);
  expect(shown.stdout).toMatch(/repair \d+: availability active, wanted drain/);
  await vmcluster.ok("up", "--yes");
  expect(await nodes("m1")).toContain("m3 Ready Drain Manager");
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

/** One node of three, and beside it a machine of its own that joins as if the swarm were somebody else's. */
const one = { nodeCount: 1, managers: 1, swarm: { ...shared.swarm, autolock: false } };
const beside = (memory: number): string => `
const machine = new Machine("extra", { clusterName: "m", subnet: "${shared.subnet}", memory: ${memory} });
const { privateAddress, machineName } = cluster.manager;
const member = { manager: privateAddress, token: cluster.workerToken, host: machineName.apply((name) => "ssh://" + name) };
new SwarmMember("extra-node", { machine, ...member, labels: { disk: "ssd" } });
`;

it("shrinks to a manager that is not the leader: the others leave before their machines go; a machine beside it joins by a token", async () => {
  // It was made anew.
  expect(await vmcluster.on("m1", "docker node inspect -f '{{.ManagerStatus.Leader}}' m1")).toBe("false");
  // By this the user's ssh knows the machines.
  await vmcluster.ok("machine", "env", "m1");
  vmcluster.extra = { PATH: `${join(vmcluster.home, "ssh/bin")}:${process.env.PATH}` };
  cluster(one, beside(512));
  await vmcluster.ok("up", "--yes");
  expect(await nodes("m1")).toEqual(["extra Ready Active", "m1 Ready Active Manager"]);
  const labels = "docker node inspect -f '{{json .Spec.Labels}}' extra";
  expect(await vmcluster.on("m1", labels)).toBe('{"disk":"ssd"}');
  expect(await service()).toBe(before);
  await vmcluster.ok("preview", "--expect-no-changes");
});

it("drains a member of a swarm made elsewhere before its machine restarts", async () => {
  cluster(one, beside(640));
  const { stdout } = await vmcluster.ok("up", "--yes");
  expect(stdout).toMatch(/extra: draining the swarm node[\s\S]*extra: making the swarm node active/);
  expect(await nodes("m1")).toContain("extra Ready Active");
  await vmcluster.ok("preview", "--expect-no-changes");

  cluster(one);
  await vmcluster.ok("up", "--yes");
  expect(await nodes("m1")).toEqual(["m1 Ready Active Manager"]);
});

it("is destroyed without anybody leaving, also when its machine is gone", async () => {
  await vmcluster.ok("machine", "rm", "-f", "m1");
  const destroyed = await vmcluster.ok("destroy", "--yes");
  expect(destroyed.stdout).not.toContain("draining");
  expect(vmcluster.machineFolders()).toEqual([]);
});
