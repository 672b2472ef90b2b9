/** The verbs' own work, on a real daemon: a swarm of one node. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pc from "picocolors";
import { dockerBeside } from "../../../cli/swarm/beside";
import { chooseCluster, clustersOf } from "../../../cli/swarm/clusters";
import { connect } from "../../../cli/swarm/connect";
import { eachEvent, type SwarmEvent } from "../../../cli/swarm/events";
import { memberOf, placeOf } from "../../../cli/swarm/exec";
import { healthOf } from "../../../cli/swarm/health";
import { healthLines } from "../../../cli/swarm/healthScreen";
import { type LogLine, logLines } from "../../../cli/swarm/logLines";
import { meant } from "../../../cli/swarm/names";
import { nodesOf } from "../../../cli/swarm/nodes";
import { tasksOf } from "../../../cli/swarm/ps";
import { rebalanced } from "../../../cli/swarm/rebalance";
import { differences, rolledBack } from "../../../cli/swarm/rollback";
import { servicesOf } from "../../../cli/swarm/services";
import { type Cluster, type Member, Swarm } from "../../../cli/swarm/swarm";
import { machineFiles } from "../../../machine/paths";
import { DockerDaemon } from "../../providers/dockerDaemon";

jest.setTimeout(180_000);

const image = "vmcluster.internal/box:1";
const timeoutMs = 60_000;
let daemon: DockerDaemon;
let cluster: Cluster;
let swarm: Swarm;
const silent = (): void => undefined;

beforeAll(async () => {
  daemon = await DockerDaemon.start();
  await daemon.makeImage(image);
  const member: Member = { name: "here", daemon: { kind: "unix", socket: daemon.socket } };
  cluster = { name: "test", managers: [member], members: [member] };
  swarm = await connect(cluster, timeoutMs);
  const script = "echo out $HOSTNAME; echo err >&2; exec sleep 100000";
  await daemon.docker(
    ...["service", "create", "--name", "web", "--replicas", "2", "--hostname", "w{{.Task.Slot}}"],
    ...["--stop-grace-period", "1s", "--update-monitor", "1s", "--env", "A=1", image, "sh", "-c", script],
  );
}, 120_000);

afterAll(async () => {
  swarm?.close();
  await daemon?.remove();
}, 60_000);

async function everything() {
  const [services, nodes, tasks] = await Promise.all([swarm.services(), swarm.nodes(), swarm.tasks()]);
  return { services, nodes, tasks };
}

it("lists nodes, services and tasks", async () => {
  const [node] = await nodesOf(swarm);
  expect(node).toMatchObject({
    role: "leader",
    availability: "active",
    status: "ready",
    message: "",
    tasks: 2,
    engine: expect.stringMatching(/^\d+\./),
    address: "127.0.0.1",
  });
  expect(await servicesOf(swarm)).toMatchObject([
    { name: "web", mode: "replicated", running: 2, wanted: 2, image, ports: [], update: "" },
  ]);
  const rows = await tasksOf(swarm, ["web"]);
  expect(rows).toMatchObject([
    { name: "web.1", slot: 1, node: node?.name, state: "running", desiredState: "running", error: "" },
    { name: "web.2", slot: 2, node: node?.name, state: "running" },
  ]);
  expect(await tasksOf(swarm, [], { node: node?.name })).toHaveLength(2);
});

it("names what there is when a name means nothing", async () => {
  await expect(tasksOf(swarm, ["wbe"])).rejects.toThrow(
    "no service named 'wbe' runs on this swarm\n  there are: web",
  );
  await expect(tasksOf(swarm, [], { node: "x" })).rejects.toThrow(/no node named 'x'/);
  const there = await everything();
  expect(() => meant("web.9", there)).toThrow("service web has no task '9'\n  it has: 1, 2");
  expect(() => meant("abcdefghij", there)).toThrow(/no service named/);
  const [task] = await tasksOf(swarm, []);
  expect(meant(task?.id.slice(0, 10) ?? "", there).task?.ID).toBe(task?.id);
});

async function collected(
  name: string,
  follow: boolean,
  signal: AbortSignal,
  enough = Number.POSITIVE_INFINITY,
) {
  const found: LogLine[] = [];
  for await (const line of logLines(swarm, meant(name, await everything()), { follow }, signal)) {
    found.push(line);
    if (found.length >= enough) break;
  }
  return found;
}

it("prints logs of a service and of a task", async () => {
  const never = new AbortController().signal;
  const found = await collected("web", false, never);
  const texts = found.map(({ task, stream, text }) => `${task} ${stream} ${text}`).sort();
  expect(texts).toEqual([
    "web.1 stderr err",
    "web.1 stdout out w1",
    "web.2 stderr err",
    "web.2 stdout out w2",
  ]);
  expect(found[0]).toMatchObject({ service: "web", time: expect.stringMatching(/^\d{4}-.*Z$/) });
  expect((await collected("web.2", false, never)).map(({ task }) => task)).toEqual(["web.2", "web.2"]);
});

it("prints what ended in the middle of a line, and takes what ended well for healthy", async () => {
  const once = ["--restart-condition", "none", "--detach"];
  const script = "echo a; printf 'no line'";
  await daemon.docker("service", "create", "--name", "once", ...once, image, "sh", "-c", script);
  const row = async () => (await servicesOf(swarm)).find(({ name }) => name === "once");
  for (let tries = 0; (await row())?.completed === 0 && tries < 300; tries++) await sleep(100);
  await sleep(1000);
  expect(await row()).toMatchObject({ running: 0, completed: 1, wanted: 1 });
  expect(await healthOf(swarm, [])).toMatchObject({ healthy: true });
  const texts = (await collected("once", false, new AbortController().signal)).map(({ text }) => text);
  expect(texts).toEqual(["a", "no line"]);
  await daemon.docker("service", "rm", "once");
});

it("tells of a server's task that was told to end and is not started again", async () => {
  const server = ["--restart-condition", "on-failure", "--replicas", "2"];
  const script = "trap 'exit 0' TERM; while :; do sleep 0.1; done";
  await daemon.docker("service", "create", "--name", "server", ...server, image, "sh", "-c", script);
  const [container] = (await daemon.docker("ps", "-q", "--filter", "name=server.1")).split("\n");
  await daemon.docker("kill", "--signal", "TERM", String(container));
  const row = async () => (await healthOf(swarm, [])).services.find(({ name }) => name === "server");
  for (let tries = 0; (await row())?.completed === 0 && tries < 300; tries++) await sleep(100);
  expect(await row()).toMatchObject({ running: 1, completed: 1, wanted: 2, healthy: false });
  const lines = healthLines(await healthOf(swarm, []), pc.createColors(false)).join("\n");
  expect(lines).toMatch(/✗ +server +1\/2 \(1 completed\) .*: vmcluster rebalance server/);
  expect(await rebalanced(swarm, [], { say: silent })).toMatchObject([
    { service: "server", incomplete: true, rebalanced: true },
    { service: "web", incomplete: false, rebalanced: false },
  ]);
  expect(await row()).toMatchObject({ running: 2, completed: 0, wanted: 2, healthy: true });
  await daemon.docker("service", "rm", "server");
});

it("follows logs until it is stopped, new tasks too", async () => {
  const stop = new AbortController();
  const following = collected("web", true, stop.signal, 6);
  await sleep(1500);
  await daemon.docker("service", "scale", "web=3");
  expect((await following).slice(4).map(({ task }) => task)).toEqual(["web.3", "web.3"]);
  const more = collected("web", true, stop.signal);
  await sleep(1000);
  stop.abort();
  expect((await more).length).toBeGreaterThanOrEqual(6);
  await daemon.docker("service", "scale", "web=2");
});

it("runs a command in a task's container and passes on its exit code", async () => {
  const { task, node, container } = await placeOf(swarm, "web.2");
  expect(task).toBe("web.2");
  const { daemon: there } = memberOf(cluster, node);
  const words = ["exec", "-i", container, "sh", "-c", 'echo "$0|$HOSTNAME"; exit 7', "a  b"];
  const { program, args } = dockerBeside(there, words, false);
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  let told = "";
  child.stdout?.on("data", (chunk) => {
    told += chunk;
  });
  const code = await new Promise((done) => child.on("close", done));
  expect({ told, code }).toEqual({ told: "a  b|w2\n", code: 7 });
});

it("rolls a service back and waits for its tasks", async () => {
  const scaled = await rolledBack(swarm, "web", silent);
  expect(differences(scaled.from, scaled.to)).toEqual([
    { field: "Mode.Replicated.Replicas", from: 2, to: 3 },
  ]);
  await daemon.docker("service", "update", "--env-add", "A=2", "web");
  const { from, to } = await rolledBack(swarm, "web", silent);
  expect(differences(from, to)).toEqual([
    { field: "TaskTemplate.ContainerSpec.Env", from: ["A=2"], to: ["A=1"] },
  ]);
  const [row] = await servicesOf(swarm);
  expect(row).toMatchObject({ running: 3, wanted: 3, update: "rollback completed" });
  await daemon.docker("service", "create", "--detach", "--name", "fresh", "--replicas", "0", image);
  await expect(rolledBack(swarm, "fresh", silent)).rejects.toThrow(/service fresh cannot be rolled back/);
  await daemon.docker("service", "rm", "fresh");
});

it("renews a named service's tasks, and none that are even already", async () => {
  const before = (await tasksOf(swarm, ["web"])).map(({ id }) => id);
  const said: string[] = [];
  const say = (service: string, line: string) => said.push(`${service}: ${line}`);
  expect(await rebalanced(swarm, [], { say })).toMatchObject([
    { service: "web", uneven: false, rebalanced: false },
  ]);
  expect((await tasksOf(swarm, ["web"])).map(({ id }) => id)).toEqual(before);
  expect(await rebalanced(swarm, ["web"], { say })).toMatchObject([{ rebalanced: true }]);
  const after = (await tasksOf(swarm, ["web"])).map(({ id }) => id);
  expect(after.filter((id) => before.includes(id))).toEqual([]);
  expect(said.at(-1)).toBe("web: 3/3 running");
});

async function eventsSeen(containers: boolean): Promise<SwarmEvent[]> {
  const found: SwarmEvent[] = [];
  const options = { follow: false, containers, since: Math.floor(Date.now() / 1000) - 600 };
  await eachEvent(swarm, options, new AbortController().signal, (event) => found.push(event), silent);
  return found;
}

it("tells events of services, and of containers when asked", async () => {
  const services = await eventsSeen(false);
  expect(services.map(({ type, name, action }) => `${type} ${name} ${action}`)).toContain(
    "service web create",
  );
  expect(services.some(({ detail }) => detail.includes("replicas 2 => 3"))).toBe(true);
  expect(services.every(({ type }) => type !== "container")).toBe(true);
  const all = await eventsSeen(true);
  expect(
    all.some(({ type, name, node }) => type === "container" && name === "web.1" && node === "here"),
  ).toBe(true);
  expect(all.map(({ time }) => time)).toEqual(all.map(({ time }) => time).sort());
});

it("follows events", async () => {
  const stop = new AbortController();
  const found: SwarmEvent[] = [];
  const options = { follow: true, containers: false, since: undefined };
  const following = eachEvent(swarm, options, stop.signal, (event) => found.push(event), silent);
  await sleep(500);
  await daemon.docker("service", "update", "--detach", "--label-add", "x=y", "web");
  for (let tries = 0; found.length === 0 && tries < 300; tries++) await sleep(100);
  stop.abort();
  await following;
  expect(found[0]).toMatchObject({ type: "service", name: "web", action: "update" });
});

it("says that the connection ended when it did", async () => {
  const socket = join(await mkdtemp(join(tmpdir(), "vmcluster-cut-")), "docker.sock");
  const server = createServer((request, response) => {
    if (!request.url?.includes("/events")) return void response.end("{}");
    response.write("\n");
    setTimeout(() => response.destroy(), 50);
  }).listen(socket);
  const broken = new Swarm(cluster, { name: "cut", daemon: { kind: "unix", socket } }, timeoutMs);
  const options = { follow: true, containers: false, since: undefined };
  const never = new AbortController().signal;
  await expect(eachEvent(broken, options, never, silent, silent)).rejects.toThrow(
    /^the connection to cut ended/,
  );
  broken.close();
  server.closeAllConnections();
  server.close();
  await rm(dirname(socket), { recursive: true });
});

it("tells what is not healthy", async () => {
  expect(await healthOf(swarm, [])).toMatchObject({ healthy: true, cluster: "test", problems: [] });
  const nobody = { name: "web", url: "http://127.0.0.1:9/" };
  expect(await healthOf(swarm, [nobody, { name: "redis", url: "redis://127.0.0.1:9" }])).toMatchObject({
    healthy: false,
    urls: [{ answers: false, said: expect.stringContaining("ECONNREFUSED") }, { said: "" }],
  });
  const never = ["--constraint", "node.role==worker"];
  await daemon.docker("service", "create", "--detach", "--name", "stuck", ...never, image);
  for (
    let tries = 0;
    (await tasksOf(swarm, ["stuck"])).every(({ error }) => error === "") && tries < 300;
    tries++
  )
    await sleep(100);
  const health = await healthOf(swarm, []);
  expect(health).toMatchObject({
    healthy: false,
    services: [
      { name: "stuck", healthy: false, running: 0, wanted: 1 },
      { name: "web", healthy: true },
    ],
    problems: [
      { name: "stuck.1", node: "", state: "pending", error: expect.stringContaining("no suitable node") },
    ],
  });
  await daemon.docker("service", "rm", "stuck");
});

it("says of each manager why it is not the one to ask", async () => {
  const missing: Member = { name: "gone", daemon: { kind: "unix", socket: "/nowhere/docker.sock" } };
  const [there] = cluster.managers as [Member];
  const second = await connect({ ...cluster, managers: [missing, there] }, timeoutMs);
  expect(second.manager.name).toBe("here");
  second.close();
  await expect(connect({ ...cluster, managers: [missing] }, timeoutMs)).rejects.toThrow(
    /no manager of the cluster test answers as one\n {2}gone: .*ENOENT[\s\S]*vmcluster machine start gone/,
  );
});

it("does not wait for a manager that says nothing", async () => {
  const [there] = cluster.managers as [Member];
  const impatient = new Swarm(cluster, there, 1);
  await expect(impatient.nodes()).rejects.toThrow(/here did not answer within 0.001 s/);
  impatient.close();
});

it("finds clusters in a stack's state", () => {
  const urn = (type: string, name: string) => `urn:pulumi:dev::lab::${type}::${name}`;
  const owner = "vmcluster:index:SwarmCluster";
  const node = (name: string, role: string, last: number) => ({
    name,
    role,
    address: `127.0.0.${last}`,
    privateAddress: `192.168.56.${last}`,
  });
  const nodes = [node("a1", "manager", 1), node("a2", "worker", 2), node("a3", "manager", 3)];
  const resources = [
    { urn: urn(owner, "a"), type: owner, outputs: { nodes } },
    {
      urn: urn(`${owner}$pulumi:providers:docker`, "a-docker"),
      type: "pulumi:providers:docker",
      parent: urn(owner, "a"),
      inputs: { host: "ssh://a", sshOpts: '["-F","/home/.a.ssh_config"]' },
    },
    {
      urn: urn("pulumi:providers:docker", "mine"),
      type: "pulumi:providers:docker",
      inputs: { host: "unix:///run/docker.sock" },
    },
    { urn: urn("pulumi:providers:docker", "default"), type: "pulumi:providers:docker", inputs: {} },
  ];
  const found = clustersOf(resources);
  expect(
    found.map(({ name, managers, members }) => [name, managers.map((one) => one.name), members.length]),
  ).toEqual([
    ["a", ["a1", "a3"], 3],
    ["mine", ["/run/docker.sock"], 1],
  ]);
  expect(found[0]?.managers[0]?.daemon).toMatchObject({ options: ["-F", machineFiles("a1").sshConfig] });
  expect(chooseCluster(found, "mine").name).toBe("mine");
  expect(() => chooseCluster(found, undefined)).toThrow(
    "there are: a (a1), mine (/run/docker.sock)\n  name one with --cluster",
  );
  expect(() => chooseCluster(found, "b")).toThrow(/no cluster named 'b'/);
  expect(() => chooseCluster([], undefined)).toThrow(/this stack has no swarm/);
});
