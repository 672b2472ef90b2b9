import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { onceEnded } from "../../host/ended";
import { RunError, run } from "../../host/run";

const holderFile = join(tmpdir(), `vmcluster-holder-${process.pid}`);
afterEach(() => {
  if (!existsSync(holderFile)) return;
  process.kill(Number(readFileSync(holderFile, "utf8")));
  rmSync(holderFile);
});

/** Leaves a process behind that has the pipes, as ssh leaves that of its shared connection, and does what follows. */
const leaving = (script: string): [string, string[]] => [
  "sh",
  ["-c", `sleep 60 & echo $! > ${holderFile}; ${script}`],
];

async function timed<T>(action: Promise<T>): Promise<{ result: PromiseSettledResult<T>; ms: number }> {
  const began = Date.now();
  const [result] = await Promise.allSettled([action]);
  return { result, ms: Date.now() - began };
}

it("returns when the program has ended, whoever still holds its pipes", async () => {
  const { result, ms } = await timed(run(...leaving("echo said; echo told >&2")));
  expect(result).toMatchObject({ status: "fulfilled", value: { stdout: "said\n", stderr: "told\n" } });
  expect(ms).toBeLessThan(5000);
});

it("fails with the program's own code, whoever still holds its pipes", async () => {
  const { result, ms } = await timed(run(...leaving("echo why >&2; exit 3")));
  expect(result).toMatchObject({ status: "rejected", reason: { code: 3, stderr: "why\n" } });
  expect(ms).toBeLessThan(5000);
});

it.each([
  ["waits", "sleep 50"],
  ["waits and cannot be asked to end", "trap '' TERM; while :; do sleep 1; done"],
])("takes no longer than its time-out if the program %s", async (_what, script) => {
  const { result, ms } = await timed(run(...leaving(script), { timeoutMs: 500 }));
  expect(result).toMatchObject({ status: "rejected", reason: { code: undefined } });
  expect(String((result as PromiseRejectedResult).reason.reason)).toContain("time-out 500 ms");
  expect(ms).toBeLessThan(1500);
});

it("returns all of a large output that is read late", async () => {
  const answer = run("sh", ["-c", "sleep 0.1; head -c 60000 /dev/zero | tr '\\0' x"]);
  const until = Date.now() + 700;
  // This process is busy while the program ends.
  setTimeout(() => {
    while (Date.now() < until);
  }, 80);
  expect((await answer).stdout).toHaveLength(60_000);
});

it("ends a program whose input fails", async () => {
  const input = new Readable({ read() {} });
  setTimeout(() => input.destroy(new Error("the disk is gone")), 100);
  const failure = await run("cat", [], { stdin: input }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(RunError);
  expect((failure as RunError).reason).toContain("the disk is gone");
});

it("waits for a reader that is slow to take what was printed", async () => {
  const child = spawn("sh", ["-c", "head -c 200000 /dev/zero"], { stdio: ["ignore", "pipe", "pipe"] });
  let read = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    read += chunk.length;
    child.stdout.pause();
    setTimeout(() => child.stdout.resume(), 300);
  });
  child.stderr.resume();
  await new Promise<void>((done) => onceEnded(child, () => done()));
  expect(read).toBe(200_000);
});
