/** Starts the switch of a cluster's private network as a process of its own, and clears up after it. */
import { spawn } from "node:child_process";
import { closeSync, openSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { machinesDir } from "../../../../host/home";
import { isLocked } from "../../../../host/lock";
import { packageRoot } from "../../../../images/packageRoot";
import type { MachineRecord } from "../../../store";
import { keyOf, keysWithSwitch, linksFolder, linksIn, switchLock, switchLog } from "./links";

/** One that is just ending holds the lock a moment longer. */
const waitSeconds = 10;

/** Started again when it was killed, until it ends because no machine is left, or its program is gone. */
const keepRunning = 'until "$@"; do sleep 1; [ -e "$2" ] || exit 1; done';

/**
 * Starts it unless it runs; returns at once. It outlives this process. Whoever holds the lock is the one switch of the cluster, and the lock
 * ends with the process.
 */
export function startSwitch({ spec, network }: MachineRecord): void {
  const key = keyOf(spec.cluster);
  const program = join(packageRoot(), "dist/machine/drivers/qemu/privateNetwork/main.js");
  const command = [process.execPath, program, linksFolder(), key, network.multicast];
  const log = openSync(switchLog(key), "a", 0o600);
  try {
    const child = spawn(
      "flock",
      [
        "--wait",
        String(waitSeconds),
        switchLock(key),
        "sh",
        "-c",
        keepRunning,
        "vmcluster-switch",
        ...command,
      ],
      // Nothing of this process's environment, which may hold secrets, stays in one that runs for weeks.
      { detached: true, cwd: "/", env: { PATH: process.env.PATH }, stdio: ["ignore", "ignore", log] },
    );
    // Without flock no machine is made at all.
    child.on("error", () => undefined);
    child.unref();
  } finally {
    closeSync(log);
  }
}

/** Removes what is left of the switches of clusters without a running machine, once they have ended. */
export async function forgetSwitches(): Promise<void> {
  const folder = linksFolder();
  const isUsed = (key: string): boolean => linksIn(folder, key).length > 0;
  for (const key of keysWithSwitch()) {
    const lock = switchLock(key);
    for (let tries = 0; tries < 50 && !isUsed(key) && (await isLocked(lock)); tries++) await delay(100);
    if (isUsed(key) || (await isLocked(lock))) continue;
    for (const file of [lock, switchLog(key)]) rmSync(file, { force: true });
  }
  if (folder === machinesDir()) return;
  try {
    rmdirSync(folder);
  } catch {
    // Other clusters have theirs in it, or there is none.
  }
}
