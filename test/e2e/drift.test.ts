import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { MachineRecord } from "../../machine/store";
import { virtualMachine } from "../components/arguments/machines";
import { TinyProject } from "./tinyMachines";

/** What happens to a program's machines behind its back, and Pulumi's options on them; real QEMU, some minutes without KVM. */
jest.setTimeout(20 * 60_000);

const tiny = new TinyProject("drift");
const { vmcluster } = tiny;

beforeAll(() => tiny.prepare());
afterAll(() => tiny.clean());

const record = (name: string): MachineRecord =>
  JSON.parse(readFileSync(join(vmcluster.home, "machines", name, "machine.json"), "utf8"));

const size = { clusterName: "drift", memory: 512, disk: 4 };

/** A program of one machine, `new Machine(name, {…size, …args}, options)`. */
const machine = (name: string, args: object = {}, options = "{}"): string =>
  `new Machine(${JSON.stringify(name)}, ${JSON.stringify({ ...size, ...args })}, ${options});`;

const one = (...args: Parameters<typeof machine>): void => tiny.program(machine(...args));

/** `up` repairs what the preview tells, and after it there is nothing to change. */
async function repaired(told: RegExp): Promise<void> {
  const preview = await vmcluster.ok("preview", "--diff");
  expect(preview.stdout).toMatch(told);
  expect((await vmcluster.run("preview", "--expect-no-changes")).code).not.toBe(0);
  await vmcluster.ok("up", "--yes");
  await vmcluster.ok("preview", "--expect-no-changes");
}

it("says why a machine does not come up, with its console, and tries again", async () => {
  one("a");
  vmcluster.extra.VMCLUSTER_BOOT_MINUTES = "0.02";
  const failed = await vmcluster.run("up", "--yes");
  delete vmcluster.extra.VMCLUSTER_BOOT_MINUTES;
  expect(failed.code).toBe(1);
  expect(failed.stdout + failed.stderr).toMatch(
    /machine "a" did not come up[\s\S]*last lines of its console/,
  );
  await vmcluster.ok("up", "--yes");
  expect(await vmcluster.on("a", "hostname")).toBe("a");
});

describe("a machine that was", () => {
  let before: MachineRecord;
  beforeEach(() => {
    before = record("a");
  });

  it("stopped", async () => {
    await vmcluster.ok("machine", "stop", "a");
    await repaired(/repair 2: stopped/);
    expect(record("a").network).toEqual(before.network);
  });

  it("killed", async () => {
    await vmcluster.ok("machine", "kill", "a");
    await repaired(/repair 3: stopped/);
    expect(record("a").machineId).toBe(before.machineId);
  });

  it("resized", async () => {
    const resized = JSON.stringify({ ...before.spec, memory: 640 });
    await vmcluster.pipe(resized, "machine", "apply");
    await repaired(/repair 4: memory 640, wanted 512/);
    expect(record("a").machineId).toBe(before.machineId);
  });

  it("deleted", async () => {
    await vmcluster.ok("machine", "rm", "-y", "a");
    await repaired(/repair 5: gone/);
    expect(record("a").machineId).not.toBe(before.machineId);
    expect(await vmcluster.on("a", "hostname")).toBe("a");
  });
});

it("grows its disk, changes CPUs and memory in place, and never shrinks the disk", async () => {
  const { machineId } = record("a");
  await vmcluster.on("a", "echo kept >/root/file; sync");
  one("a", { cpus: 2, memory: 640, disk: 5 });
  expect((await vmcluster.ok("up", "--yes")).stdout).toMatch(/1 updated/);
  expect(await vmcluster.on("a", "cat /root/file; grep -c ^processor /proc/cpuinfo")).toBe("kept\n2");
  const total = await vmcluster.on("a", "df -m / | tail -1 | awk '{print $2}'");
  expect(Number(total)).toBeGreaterThan(4200);
  expect(record("a").machineId).toBe(machineId);
  one("a");
  await vmcluster.ok("up", "--yes");
  await vmcluster.ok("preview", "--expect-no-changes");
  expect(record("a")).toMatchObject({ machineId, spec: { memory: 512, disk: 5 } });
});

it("lets be what ignoreChanges names", async () => {
  one("a", { memory: 1024, cpus: 2, ports: [4000] }, '{ ignoreChanges: ["memory", "cpus", "ports"] }');
  await vmcluster.ok("preview", "--expect-no-changes");
  one("a", {}, '{ ignoreChanges: ["colour"] }');
  expect((await vmcluster.run("preview")).stdout).toMatch(/ignoreChanges[\s\S]*colour/);
});

it("stays the same machine under another resource name, by an alias", async () => {
  const { machineId } = record("a");
  one("renamed", { machineName: "a" }, '{ aliases: [{ name: "a" }] }');
  await vmcluster.ok("preview", "--expect-no-changes");
  await vmcluster.ok("up", "--yes");
  expect(record("a").machineId).toBe(machineId);
});

it("is not destroyed while it is protected", async () => {
  one("renamed", { machineName: "a" }, "{ protect: true }");
  await vmcluster.ok("up", "--yes");
  const refused = await vmcluster.run("destroy", "--yes");
  expect(refused.code).not.toBe(0);
  expect(refused.stdout + refused.stderr).toMatch(/protect/);
  expect(await vmcluster.on("a", "hostname")).toBe("a");
  one("renamed", { machineName: "a" });
  await vmcluster.ok("up", "--yes");
});

it("takes over a machine that a person made only if told to", async () => {
  await vmcluster.ok("machine", "create", "mine", "--cluster", "drift", "--memory", "512", "--disk", "4");
  const { machineId } = record("mine");
  const program = (args: object): void =>
    tiny.program(`${machine("renamed", { machineName: "a" })}\n${machine("mine", args)}`);
  program({});
  const refused = await vmcluster.run("up", "--yes");
  expect(refused.code).toBe(1);
  expect(refused.stdout + refused.stderr).toMatch(
    /"mine": the name is taken[\s\S]*made by hand[\s\S]*adopt: true/,
  );
  program({ adopt: true });
  await vmcluster.ok("up", "--yes");
  program({});
  await vmcluster.ok("preview", "--expect-no-changes");
  expect(record("mine")).toMatchObject({ machineId, spec: { owner: "drift/dev" } });
});

it("is left alone by another stack of the same program", async () => {
  const { machineId } = record("mine");
  await vmcluster.ok("stack", "init", "other");
  expect((await vmcluster.run("up", "--yes")).stdout).toMatch(/belongs to the stack drift\/dev/);
  await vmcluster.ok("destroy", "--yes");
  await vmcluster.ok("stack", "select", "dev");
  expect(record("mine").machineId).toBe(machineId);
  await vmcluster.ok("preview", "--expect-no-changes");
});

it("is replaced when its subnet is another one", async () => {
  const { machineId } = record("a");
  one("renamed", { machineName: "a", subnet: "192.168.60.0/24" });
  expect((await vmcluster.ok("preview")).stdout).toMatch(/1 to replace/);
  await vmcluster.ok("up", "--yes");
  expect(record("a")).toMatchObject({
    network: { privateAddress: expect.stringMatching(/^192\.168\.60\./) },
  });
  expect(record("a").machineId).not.toBe(machineId);
  // The other machine is no longer in the program.
  expect(vmcluster.machineFolders()).toEqual(["a"]);
});

it("has nothing to change with every argument there is, nor after a refresh", async () => {
  const every = `new Machine("every", ${JSON.stringify(virtualMachine)});`;
  tiny.program(`${machine("renamed", { machineName: "a", subnet: "192.168.60.0/24" })}\n${every}`);
  await vmcluster.ok("up", "--yes");
  expect(record("all")).toMatchObject({ phase: "ready", spec: { memory: 640 } });
  await vmcluster.ok("preview", "--expect-no-changes");
  expect((await vmcluster.ok("refresh", "--yes")).stdout).toContain("There was nothing to change");
  await vmcluster.ok("preview", "--expect-no-changes");
});

it("goes without a trace", async () => {
  await vmcluster.ok("destroy", "--yes");
  expect(vmcluster.machineFolders()).toEqual([]);
  expect(vmcluster.processes()).toEqual([]);
});
