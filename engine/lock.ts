/**
 * One update at a time: lock files as Pulumi's file backend writes them (pkg/backend/diy/lock.go). Theirs is written,
 * then looked for again, so of two that start at once at least one gives way. A lock whose process is gone
 * on this host is taken over; any other is named with how to clear it.
 */
import { randomUUID } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { UserError } from "../host/userError";
import { userName } from "../host/userName";
import { writeAtomically } from "./atomicFile";

interface LockContent {
  readonly pid: number;
  readonly username: string;
  readonly hostname: string;
  readonly timestamp: string;
}

export interface Lock {
  release(): Promise<void>;
}

/**
 * Throws {@link UserError} if another live process holds the stack.
 * @param onTakenOver called for each lock of a dead process that was removed
 */
export async function acquireLock(folder: string, onTakenOver: (who: string) => void): Promise<Lock> {
  await refuseOthers(folder, undefined, onTakenOver);
  const own = `${randomUUID()}.json`;
  const content: LockContent = {
    pid: process.pid,
    username: userName(),
    hostname: hostname(),
    timestamp: new Date().toISOString(),
  };
  await writeAtomically(join(folder, own), JSON.stringify(content));
  // A process that is ended by its second Ctrl-C runs its exit handlers and nothing else.
  const onExit = (): void => rmSync(join(folder, own), { force: true });
  process.once("exit", onExit);
  const release = async (): Promise<void> => {
    process.removeListener("exit", onExit);
    await rm(join(folder, own), { force: true });
  };
  try {
    await refuseOthers(folder, own, onTakenOver);
  } catch (error) {
    await release();
    throw error;
  }
  return { release };
}

/** Removes every lock of the stack; returns who held them. */
export async function clearLocks(folder: string): Promise<string[]> {
  const cleared: string[] = [];
  for (const name of await lockFiles(folder)) {
    cleared.push(describe(await readLock(join(folder, name))));
    await rm(join(folder, name), { force: true });
  }
  return cleared;
}

async function refuseOthers(
  folder: string,
  own: string | undefined,
  onTakenOver: (who: string) => void,
): Promise<void> {
  const others: string[] = [];
  for (const name of await lockFiles(folder)) {
    if (name === own) continue;
    const path = join(folder, name);
    const lock = await readLock(path);
    if (lock !== undefined && lock.hostname === hostname() && !isAlive(lock.pid)) {
      await rm(path, { force: true });
      onTakenOver(describe(lock));
    } else if (existsSync(path)) others.push(describe(lock));
  }
  if (others.length > 0)
    throw new UserError(
      `the stack is currently locked by ${others.length} lock(s)`,
      others.join("; "),
      "wait for the other run to end; if it runs no more, on another host: vmcluster cancel",
    );
}

async function lockFiles(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  return (await readdir(folder)).filter((name) => name.endsWith(".json") && !name.startsWith("."));
}

async function readLock(path: string): Promise<LockContent | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as LockContent;
  } catch {
    return undefined;
  }
}

function describe(lock: LockContent | undefined): string {
  if (lock === undefined) return "a lock that cannot be read";
  return `created by ${lock.username}@${lock.hostname} (pid ${lock.pid}) at ${lock.timestamp}`;
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, but there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
