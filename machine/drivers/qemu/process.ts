/** Finds and ends the QEMU process of a machine. A process id alone is never believed: the system uses them again. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { RunningHardware } from "../../driver";

export interface QemuProcess {
  readonly pid: number;
  readonly args: readonly string[];
}

/** Command line of a process; undefined if it is gone, not ours to read, or a zombie. */
function commandLine(pid: number): string[] | undefined {
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return args.length > 1 ? args.slice(0, -1) : undefined;
  } catch {
    return undefined;
  }
}

/** Our QEMU is the one that was told to write this pid file. */
function check(pid: number, pidFile: string): QemuProcess | undefined {
  const args = commandLine(pid);
  const at = args?.indexOf("-pidfile") ?? -1;
  return args !== undefined && at > 0 && args[at + 1] === pidFile ? { pid, args } : undefined;
}

function pidIn(pidFile: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(pidFile, "utf8"), 10);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** The machine's running QEMU. Without a true pid file, as when we were killed while it started, all processes are looked at. */
export function findQemu(pidFile: string): QemuProcess | undefined {
  const written = pidIn(pidFile);
  const found = written === undefined ? undefined : check(written, pidFile);
  if (found !== undefined) return found;
  for (const entry of readdirSync("/proc")) {
    const other = /^\d+$/.test(entry) ? check(Number(entry), pidFile) : undefined;
    if (other !== undefined) return other;
  }
  return undefined;
}

export function hardwareOf(qemu: QemuProcess): RunningHardware {
  const value = (option: string): number => Number(qemu.args[qemu.args.indexOf(option) + 1]);
  return { instance: String(qemu.pid), cpus: value("-smp"), memory: value("-m") };
}

/** Whether the process still gives back its memory, which it does for some time after its command line is gone. */
function ending(pid: number): boolean {
  try {
    const [state = "Z"] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").slice(-1);
    return !/^[ZX]/.test(state);
  } catch {
    return false;
  }
}

/** Waits until no such process is left; false if it still is after `timeoutMs`. */
export async function waitUntilGone(pidFile: string, timeoutMs: number): Promise<boolean> {
  const end = Date.now() + timeoutMs;
  const pid = findQemu(pidFile)?.pid;
  while (findQemu(pidFile) !== undefined || (pid !== undefined && ending(pid))) {
    if (Date.now() > end) return false;
    await delay(50);
  }
  return true;
}

/** Kills it, and its half-started parent if it was still becoming a daemon. */
export async function killQemu(pidFile: string): Promise<void> {
  for (let round = 0; round < 20; round++) {
    const qemu = findQemu(pidFile);
    if (qemu === undefined) return;
    try {
      process.kill(qemu.pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
    await waitUntilGone(pidFile, 1000);
  }
  throw new Error(`QEMU with pid file ${pidFile} does not end`);
}
