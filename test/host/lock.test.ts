import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isLocked, withLock } from "../../host/lock";
import { compile } from "../cli/command";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "vmcluster-test-"));
});
afterEach(() => rmSync(dir, { recursive: true }));
const quiet = (): void => undefined;

it.each([
  ["to lock", "withLock(process.env.LOCK, () => {}, async () => {})"],
  ["to look", "isLocked(process.env.LOCK)"],
])("without flock says what is missing, %s", (_, act) => {
  compile();
  const lock = join(dir, "lock");
  writeFileSync(lock, "");
  // A process of its own, as jest keeps changes of the environment to itself.
  const program = `const { isLocked, withLock } = require(process.env.MODULE);
    ${act}.catch((error) => console.log(error.constructor.name + ": " + error.message));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", program], {
    encoding: "utf8",
    env: { PATH: dir, LOCK: lock, MODULE: join(__dirname, "../../dist/host/lock.js") },
  });
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^UserError: there is no flock on PATH\n[\s\S]*install util-linux/);
});

it("lets one in at a time, tells those who wait, and leaves no file", async () => {
  const file = join(dir, "sub/lock");
  let inside = 0;
  let waited = 0;
  const enter = (): Promise<void> =>
    withLock(
      file,
      () => waited++,
      async () => {
        expect(++inside).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 30));
        inside--;
      },
    );
  await Promise.all([enter(), enter(), enter(), enter()]);
  expect(waited).toBeGreaterThan(0);
  expect(existsSync(file)).toBe(false);
});

it("gives back what the action gives, and is free after one that throws", async () => {
  const file = join(dir, "lock");
  await expect(withLock(file, quiet, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await withLock(file, quiet, async () => 7)).toBe(7);
});

it("is free as soon as its holder was killed", async () => {
  const file = join(dir, "lock");
  const holder = spawn("flock", ["--exclusive", file, "sh", "-c", "echo held; exec sleep 60"], {
    detached: true,
  });
  await new Promise((resolve) => holder.stdout.once("data", resolve));
  let waited = false;
  const entered = withLock(
    file,
    () => {
      waited = true;
      if (holder.pid) process.kill(-holder.pid, "SIGKILL");
    },
    async () => "in",
  );
  expect(await entered).toBe("in");
  expect(waited).toBe(true);
});

it("follows no link, which somebody may have put in its place", async () => {
  const target = join(dir, "made");
  symlinkSync(target, join(dir, "lock"));
  await expect(withLock(join(dir, "lock"), quiet, async () => undefined)).rejects.toThrow(/ELOOP/);
  expect(existsSync(target)).toBe(false);
});

it("tells whether somebody holds it, to several at once", async () => {
  const file = join(dir, "lock");
  expect(await isLocked(file)).toBe(false);
  await withLock(file, quiet, async () =>
    expect(await Promise.all([isLocked(file), isLocked(file)])).toEqual([true, true]),
  );
  writeFileSync(file, "");
  expect(await Promise.all([isLocked(file), isLocked(file)])).toEqual([false, false]);
});
