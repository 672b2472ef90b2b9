import { serviceImageRefs } from "../../images/refs";
import { until } from "../e2e/http";
import { ProgramFolder } from "../e2e/programFolder";
import type { Ran } from "../e2e/vmcluster";
import { cable, freeze } from "./failingNodes";

/** Managers that hang, are cut off, or were changed behind our back; three real VMs, half an hour without KVM. */
jest.setTimeout(30 * 60_000);

const folder = new ProgramFolder("failing");
const { vmcluster } = folder;
afterAll(() => folder.clean());

/** On top of a command's own time-out: a busy host needs long to start anything. What once hung took five minutes and more. */
const slack = 60;

/** Writes the program: three managers and a service with so many tasks. */
function program(replicas: number, memory = 640): void {
  const image = serviceImageRefs().web;
  const web = { image, replicas, ports: [{ target: 80, published: 8000 }] };
  folder.program(`const { SwarmCluster, SwarmService } = require("vmcluster");
const cluster = new SwarmCluster("f", { nodeCount: 3, managers: 3, memory: ${memory}, disk: 4, ports: [8000] });
new SwarmService("web", ${JSON.stringify(web)}, cluster.onSwarm);`);
}

const textOf = ({ stdout, stderr }: Ran): string => `${stdout}\n${stderr}`;

/** Runs the command, which is to end within its time-out whatever hangs. */
async function within(seconds: number, ...args: string[]): Promise<Ran> {
  const ran = await vmcluster.run(...args);
  expect({ args, late: ran.seconds > seconds + slack }).toEqual({ args, late: false });
  return ran;
}

/** The command fails in time, with these words, no stack, and none of Docker's advice that does harm. */
async function refused(seconds: number, words: RegExp, ...args: string[]): Promise<string> {
  const ran = await within(seconds, ...args);
  const text = textOf(ran);
  expect({ args, code: ran.code !== 0, text }).toEqual({
    args,
    code: true,
    text: expect.stringMatching(words),
  });
  expect(text).not.toMatch(/This is a bug|\n {4}at |use "docker swarm init"|docker swarm leave/);
  return text;
}

interface Node {
  readonly name: string;
  readonly status: string;
  readonly message: string;
}

/** Waits until a manager that has a leader says this of the nodes. */
async function nodesAre(what: string, wanted: (nodes: readonly Node[]) => boolean): Promise<void> {
  await until(what, 400, async () => {
    const ran = await vmcluster.run("nodes", "--format", "json");
    return (ran.code === 0 && wanted(JSON.parse(ran.stdout) as Node[])) || undefined;
  });
}

const allWell = (): Promise<void> =>
  nodesAre("all three nodes are well", (nodes) =>
    nodes.every(({ status, message }) => status === "ready" && message === ""),
  );

const is = (name: string, status: string): Promise<void> =>
  nodesAre(`${name} is ${status}`, (nodes) => nodes.find((node) => node.name === name)?.status === status);

/** Verbs that ask the swarm answer through another manager than the first, and say so. */
async function answeredByAnother(): Promise<void> {
  for (const verb of ["ps", "nodes", "services"]) {
    const ran = await within(30, verb);
    expect({ verb, code: ran.code, text: textOf(ran) }).toEqual({
      verb,
      code: 0,
      text: expect.stringMatching(/note: asked f[23], as f1/),
    });
  }
  // One of three nodes is not well.
  expect(textOf(await within(30, "status"))).toMatch(/f {2}not healthy {2}f[23] at/);
}

beforeAll(async () => {
  program(2);
  await vmcluster.ok("up", "--yes");
  await allWell();
});

it("a manager's guest is frozen: nothing waits for it for ever, the others answer", async () => {
  const thaw = freeze(vmcluster, "f1");
  try {
    const list = await within(5, "machine", "ls", "--timeout", "5");
    expect(list).toMatchObject({ code: 0, stdout: expect.stringMatching(/f1 .*no answer within 5 s/) });
    await is("f1", "down");
    await answeredByAnother();
    const hangs = /machine "f1" runs, but did not answer within 90 s[\s\S]*machine restart -f f1/;
    await refused(90, hangs, "machine", "start", "f1");
    await refused(90, hangs, "machine", "provision", "f1");
    expect((await within(60, "preview")).code).toBe(0);
  } finally {
    thaw();
  }
  await allWell();
  await vmcluster.ok("preview", "--expect-no-changes");
});

it("the first manager is cut off: all goes through another, also up", async () => {
  await cable(vmcluster, "f1", false);
  await is("f1", "down");
  await answeredByAnother();
  const preview = await vmcluster.ok("preview");
  expect(textOf(preview)).not.toContain("is not compared with the program");
  program(3);
  await vmcluster.ok("up", "--yes");
  await cable(vmcluster, "f1", true);
  await allWell();
  await vmcluster.ok("preview", "--expect-no-changes");
});

it("two of three are cut off: every command says that there is no leader, and ends", async () => {
  await cable(vmcluster, "f1", false);
  await cable(vmcluster, "f2", false);
  const leaderless = /the swarm (has no leader|does not answer in time) there/;
  await until("no manager has a leader", 300, async () => {
    const ran = await vmcluster.run("ps", "--timeout", "20");
    return /f1: .*leader[\s\S]*f2: .*leader[\s\S]*f3: .*leader/.test(textOf(ran)) || undefined;
  });
  for (const verb of ["status", "ps", "nodes", "services"])
    await refused(30, leaderless, verb, "--timeout", "30");
  // Changes of machines and of a service; none is begun.
  program(2, 672);
  await refused(90, /swarm of the cluster f has no leader/, "preview");
  for (const more of [[], ["--skip-preview"]])
    expect(await refused(90, /swarm of the cluster f has no leader/, "up", "--yes", ...more)).not.toMatch(
      /updating|updated/,
    );
  program(2);
  await cable(vmcluster, "f1", true);
  await cable(vmcluster, "f2", true);
  await allWell();
  await vmcluster.ok("up", "--yes");
  await vmcluster.ok("preview", "--expect-no-changes");
});

it("Docker was disabled in a guest: start, provision and up start it again", async () => {
  const disable = (): Promise<string> =>
    vmcluster.on("f3", "systemctl", "disable", "--now", "docker.socket", "docker");
  for (const verb of ["start", "provision"]) {
    await disable();
    const ran = await vmcluster.ok("machine", verb, "f3");
    expect(textOf(ran)).toContain("its Docker was off, and was started");
    expect(await vmcluster.on("f3", "systemctl", "is-enabled", "docker")).toBe("enabled");
  }
  await disable();
  await is("f3", "down");
  expect(textOf(await vmcluster.ok("preview"))).toMatch(/its Docker does not answer/);
  await vmcluster.ok("up", "--yes");
  await allWell();
});

it("a manager left the swarm by force: the preview shows it, and up lets it join again", async () => {
  await vmcluster.on("f3", "docker", "swarm", "leave", "--force");
  // Or `unknown`, if that one led and another is chosen.
  await nodesAre("f3 is missed", (nodes) =>
    nodes.some((node) => node.name === "f3" && node.status !== "ready"),
  );
  expect(textOf(await vmcluster.ok("preview", "--diff"))).toMatch(/repair \d+: .*left the swarm/);
  await vmcluster.ok("up", "--yes");
  await nodesAre("it is a node again, and the former one is gone", (nodes) => nodes.length === 3);
  await allWell();
  await vmcluster.ok("preview", "--expect-no-changes");
});

it("a guest's disk is full: status and machine ls say so; a trim gives the space back", async () => {
  await vmcluster.on("f3", "fallocate -l $(($(df -k --output=avail / | tail -1) - 20480))K /full");
  const list = await vmcluster.ok("machine", "ls");
  expect(list.stdout).toMatch(/f3 .*disk/);
  expect(textOf(await vmcluster.run("status"))).toMatch(/f3 .*disk/);
  await vmcluster.on("f3", "rm /full; dd if=/dev/urandom of=/written bs=1M count=200; sync; rm /written");
  expect((await vmcluster.ok("machine", "trim", "f3")).stdout).toMatch(/f3.*MiB/);
});

it("the certificates have expired: it is said, without Docker's advice", async () => {
  const expired = /the certificates of the swarm have expired/;
  for (const name of ["f1", "f2", "f3"])
    await vmcluster.on(
      name,
      "systemctl stop docker.socket docker; date -s '+100 days'; systemctl start docker",
    );
  await refused(30, expired, "status");
  expect(textOf(await vmcluster.run("machine", "start", "f1"))).toMatch(expired);
  expect(textOf(await within(60, "preview"))).toMatch(expired);
  program(3);
  await refused(180, expired, "up", "--yes");
});
