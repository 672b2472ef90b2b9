/**
 * Machines that are hosts which are there already, a swarm of them with all its options, and a member of a swarm made elsewhere: real sshd, real Docker, and
 * the real machine command. What only virtual machines have is tried by test/e2e/managers.test.ts and drift.test.ts.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { destroy, type Operation, preview, refresh, up } from "../../../engine";
import { imagesDir } from "../../../host/home";
import { run } from "../../../host/run";
import { buildServiceImages } from "../../../images/build";
import { NamespaceHost } from "../../hosts/namespaceHost";
import { FileServer } from "../../machine/image/pull/fileServer";
import { checkout, EngineProject, type Told } from "../../providers/daemonProject";
import type { GivenHost } from "./hostsProgram";

jest.setTimeout(300_000);

const project = new EngineProject("hosts");
const images = new FileServer();
const variables = ["VMCLUSTER_HOME", "VMCLUSTER_IMAGES", "HOSTS", "MEMBER", "IMAGE_URL", "IMAGE_CHECKSUM"];
const before = Object.fromEntries(variables.map((name) => [name, process.env[name]]));
let hosts: NamespaceHost[] = [];
let made = 0;

beforeAll(async () => {
  await buildServiceImages({ only: ["registry"] });
  // What is built of Debian packages is kept; what is pulled here is not.
  const folder = join(project.dir, "images");
  mkdirSync(folder);
  symlinkSync(join(imagesDir(), "services"), join(folder, "services"));
  process.env.VMCLUSTER_IMAGES = folder;
  process.env.VMCLUSTER_HOME = project.options.backendDir;
  const disk = join(project.dir, "disk.qcow2");
  await run("qemu-img", ["create", "-q", "-f", "qcow2", disk, "2M"]);
  images.content = readFileSync(disk);
  await images.start();
  process.env.IMAGE_URL = images.url().href;
  process.env.IMAGE_CHECKSUM = `sha256:${createHash("sha256").update(images.content).digest("hex")}`;
  hosts = await NamespaceHost.start("one", "two", "three");
  const given = hosts.map(
    (host): GivenHost => ({
      login: host.login(),
      privateAddress: host.privateAddress,
      otherAddress: host.otherAddress,
      docker: host.dockerHost,
    }),
  );
  process.env.HOSTS = JSON.stringify(given);
  process.env.MEMBER = "yes";
  // One that it is told to leave.
  await hosts[1]?.docker("swarm", "init", "--advertise-addr", "127.0.0.1");
  await project.begin(`import "${checkout}/test/components/arguments/hostsProgram";\n`);
});

afterAll(async () => {
  await images.stop();
  for (const host of hosts) await host.remove();
  for (const [name, value] of Object.entries(before))
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  await project.remove();
});

const manager = (): NamespaceHost => hosts[0] as NamespaceHost;

/** Fails with what was said unless the operation succeeds. */
async function ok(operation: Operation): Promise<Told> {
  const told = await project.run(operation);
  if (told.result !== "succeeded") throw new Error(told.said.join("\n"));
  return told;
}

async function unchanged(): Promise<void> {
  expect(await project.run(preview)).toMatchObject({ changes: { same: made }, said: [] });
}

it("has nothing to change after an up, and after a refresh, whatever hosts, swarms and members are told", async () => {
  made = (await ok(up)).changes.create as number;
  const format = "{{.Hostname}} {{.Availability}}";
  expect((await manager().docker("node", "ls", "--format", format)).split("\n").sort()).toEqual([
    "one Pause",
    "three Drain",
    "two Drain",
  ]);
  await unchanged();
  expect(await project.run(refresh)).toMatchObject({ result: "succeeded", said: [] });
  await unchanged();
});

it("shows what somebody changed by hand of a swarm and its nodes, and puts it right", async () => {
  await manager().docker("swarm", "update", "--task-history-limit", "9", "--autolock=false");
  await manager().docker("node", "update", "--availability", "active", "--label-rm", "disk", "two");
  await manager().docker("node", "update", "--label-add", "theirs=1", "--label-add", "empty=no", "one");
  const shown = await project.run(preview);
  expect(shown).toMatchObject({ changes: { same: made - 3, update: 3 }, said: [] });
  expect(shown.steps.sort()).toEqual(["update lab-node1", "update lab-node2", "update lab-swarm"]);
  await ok(up);
  const { Spec } = JSON.parse(await manager().docker("info", "--format", "{{json .Swarm.Cluster}}"));
  expect(Spec).toMatchObject({
    Orchestration: { TaskHistoryRetentionLimit: 2 },
    EncryptionConfig: { AutoLockManagers: true },
  });
  const specs = await manager().docker("node", "inspect", "--format", "{{json .Spec}}", "one", "two");
  expect(specs.split("\n").map((line) => JSON.parse(line))).toMatchObject([
    { Availability: "pause", Labels: { theirs: "1", empty: "", "example.com/rack": "a b" } },
    { Availability: "drain", Labels: { disk: "ssd" } },
  ]);
  await unchanged();
});

it("says so when nobody answers, and plans all the same", async () => {
  await manager().unplug();
  const began = Date.now();
  const shown = await project.ok(preview);
  expect(shown.steps).toEqual(["update lab-vm1-vm"]);
  expect(Date.now() - began).toBeLessThan(40_000);
  await manager().listen();
  await unchanged();
});

it("takes a member off the list of nodes when it leaves, and leaves hosts as they were", async () => {
  delete process.env.MEMBER;
  await ok(up);
  expect((await manager().docker("node", "ls", "--format", "{{.Hostname}}")).split("\n").sort()).toEqual([
    "one",
    "two",
  ]);
  // Nobody can be asked any more, which is no reason to refuse a plan, or to keep anything.
  await manager().docker("swarm", "leave", "--force");
  const shown = await project.run(preview);
  expect(shown).toMatchObject({
    result: "succeeded",
    said: [expect.stringMatching(/not compared with the program[^\n]*is gone: lab1 left it/)],
  });
  await ok(destroy);
  for (const host of hosts) {
    expect(await host.docker("info", "--format", "{{.Swarm.LocalNodeState}}")).toBe("inactive");
    expect(await host.inside("ls /var/lib")).toBe("");
  }
});
