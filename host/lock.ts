import { spawn } from "node:child_process";
import { closeSync, constants, fstatSync, openSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { makeFolder } from "./privateFolder";
import { UserError } from "./userError";

/** A link in the lock's place is nobody's lock, and what it names is not to be made. */
const { O_WRONLY, O_CREAT, O_NOFOLLOW } = constants;

/** The lock is on the open file, so the kernel ends it with this process, however it dies. flock(1) only asks for it. */
function flock(fd: number, mode: "try" | "wait" | "look"): Promise<boolean> {
  return new Promise((resolve, reject) => {
    // Two who look are not in each other's way.
    const kind = mode === "look" ? "--shared" : "--exclusive";
    const args = mode === "wait" ? [kind, "3"] : [kind, "--nonblock", "3"];
    const child = spawn("flock", args, { stdio: ["ignore", "ignore", "ignore", fd] });
    child.on("error", (error: NodeJS.ErrnoException) => reject(error.code === "ENOENT" ? noFlock() : error));
    child.on("close", (code) => resolve(code === 0));
  });
}

const noFlock = (): UserError =>
  new UserError(
    "there is no flock on PATH",
    "with it one process at a time works on a file",
    "install util-linux (macOS: brew install flock)",
  );

/** Whether the file we opened is still the one at its path: the holder before us may have removed it. */
function stillThere(fd: number, file: string): boolean {
  const at = statSync(file, { throwIfNoEntry: false });
  return at !== undefined && at.ino === fstatSync(fd).ino;
}

/**
 * Runs `action` while holding an exclusive lock on `file` against all other processes, and removes the file after.
 * A holder that was killed holds nothing: there are no stale locks.
 *
 * @param onWait called once if another process holds the lock now
 */
export async function withLock<T>(file: string, onWait: () => void, action: () => Promise<T>): Promise<T> {
  for (;;) {
    makeFolder(dirname(file));
    const fd = openSync(file, O_WRONLY | O_CREAT | (O_NOFOLLOW ?? 0), 0o600);
    try {
      if (!(await flock(fd, "try"))) {
        onWait();
        if (!(await flock(fd, "wait"))) throw new Error(`flock failed on ${file}`);
      }
      if (!stillThere(fd, file)) continue;
      try {
        return await action();
      } finally {
        rmSync(file, { force: true });
      }
    } finally {
      closeSync(fd);
    }
  }
}

/** Whether another process holds a lock on the file. */
export async function isLocked(file: string): Promise<boolean> {
  let fd: number;
  try {
    fd = openSync(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
  try {
    return !(await flock(fd, "look"));
  } finally {
    closeSync(fd);
  }
}
