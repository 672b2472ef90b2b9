import { spawnSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { TinyProject } from "./tinyMachines";
import { checkout } from "./vmcluster";

/** The store survives a SIGKILL before each step of `create` and `rm`; on real QEMU, some minutes without KVM. */
jest.setTimeout(30 * 60_000);

const tiny = new TinyProject("kill");
const { vmcluster } = tiny;

beforeAll(() => tiny.prepare());
afterAll(() => tiny.clean());

const create = ["machine", "create", "vm1", "--memory", "512", "--disk", "4"];
const remove = ["machine", "rm", "-y", "vm1"];

/** Runs a command, killed before a step of it. False if it came to its end, as it had no such step. */
function killed(args: readonly string[], step: number): boolean {
  const ran = spawnSync(
    process.execPath,
    ["--require", join(__dirname, "killAtStep.cjs"), join(checkout, "dist/cli/main.js"), ...args],
    {
      env: { ...vmcluster.environment, KILL_AT: String(step) },
      encoding: "utf8",
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  if (ran.signal === "SIGKILL") return true;
  if (ran.status !== 0) throw new Error(`step ${step}: exit code ${ran.status}\n${ran.stderr}`);
  return false;
}

/** Every store is read by every command: `ls` must not fail on what is left. */
const listed = async (): Promise<{ name: string; state: string; error: string }[]> =>
  vmcluster.json("machine", "ls", "--format", "json", "--timeout", "30");

function expectNothingLeft(step: number): void {
  expect({ step, folders: vmcluster.machineFolders(), processes: vmcluster.processes() }).toEqual({
    step,
    folders: [],
    processes: [],
  });
}

it("a creation killed before each of its steps is known, and is finished or removed", async () => {
  let step = 1;
  for (; killed(create, step); step++) {
    const rows = await listed();
    expect(rows.length).toBeLessThanOrEqual(1);
    // To go on with it takes a boot: every tenth is, and those after the machine was started.
    if (step % 10 === 0 || rows[0]?.state === "running") {
      await vmcluster.ok(...(rows[0]?.error === "" ? ["machine", "start", "vm1"] : create));
      expect(await listed()).toMatchObject([{ name: "vm1", state: "running", error: "" }]);
      expect(vmcluster.processes().filter((line) => line.startsWith("qemu"))).toHaveLength(1);
      expect(await vmcluster.on("vm1", "hostname")).toBe("vm1");
    }
    await vmcluster.ok("machine", "rm", "-f", "vm1");
    expectNothingLeft(step);
  }
  expect(step).toBeGreaterThan(40);
});

it("a removal of a running machine killed before each of its steps is finished by the next", async () => {
  let step = 1;
  for (; (await listed())[0]?.state === "running"; step++) {
    killed(remove, step);
    expect(await listed()).toHaveLength(1);
  }
  expect(step).toBeGreaterThan(3);
  await vmcluster.ok(...remove);
  expectNothingLeft(step);
});

it("a removal of a stopped machine killed before each of its steps is finished by the next", async () => {
  await vmcluster.ok(...create);
  await vmcluster.ok("machine", "stop", "vm1");
  const store = join(vmcluster.home, "machines");
  const copy = join(tiny.folder, "machines");
  cpSync(store, copy, { recursive: true });
  let step = 1;
  for (; killed(remove, step); step++) {
    expect((await listed()).length).toBeLessThanOrEqual(1);
    await vmcluster.ok("machine", "rm", "-f", "vm1");
    expectNothingLeft(step);
    rmSync(store, { recursive: true });
    cpSync(copy, store, { recursive: true });
  }
  expectNothingLeft(step);
  expect(step).toBeGreaterThan(5);
});
