import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findQemu, hardwareOf, killQemu } from "../../../../machine/drivers/qemu/process";
import { useTemporaryHome } from "../../temporaryHome";

const home = useTemporaryHome();
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** A process with arguments as QEMU's, until the test ends. */
async function standIn(...args: string[]): Promise<number> {
  const child = spawn(process.execPath, ["-e", "console.log(1);setTimeout(()=>{},60000)", "--", ...args]);
  children.push(child);
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return child.pid ?? 0;
}

const pidFile = (): string => join(home(), "qemu.pid");

it("finds nothing where nothing runs", () => {
  expect(findQemu(pidFile())).toBeUndefined();
});

it("does not believe a pid file whose number another process has now", async () => {
  writeFileSync(pidFile(), `${process.pid}\n`);
  expect(findQemu(pidFile())).toBeUndefined();
  writeFileSync(pidFile(), `${await standIn("-pidfile", "/other/qemu.pid")}\n`);
  expect(findQemu(pidFile())).toBeUndefined();
});

it("finds a machine whose pid was never written, and what it runs with", async () => {
  const pid = await standIn("-smp", "2", "-m", "768", "-pidfile", pidFile());
  const found = findQemu(pidFile());
  expect(found?.pid).toBe(pid);
  if (found) expect(hardwareOf(found)).toEqual({ instance: String(pid), cpus: 2, memory: 768 });
});

it("finds it in homes with blanks", async () => {
  const dir = join(home(), "a b, c");
  mkdirSync(dir);
  const pid = await standIn("-pidfile", join(dir, "qemu.pid"));
  expect(findQemu(join(dir, "qemu.pid"))?.pid).toBe(pid);
});

it("kills that process and no other", async () => {
  const other = await standIn("-pidfile", `${pidFile()}.other`);
  await standIn("-pidfile", pidFile());
  await killQemu(pidFile());
  expect(findQemu(pidFile())).toBeUndefined();
  expect(findQemu(`${pidFile()}.other`)?.pid).toBe(other);
});
