import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { cancel, destroy, stackHistory, up } from "../../engine";
import { errors, steps, TestProject, until as waitUntil } from "./testProject";

jest.setTimeout(90_000);

let project: TestProject;
beforeEach(async () => {
  project = new TestProject();
  await project.init();
});
afterEach(() => project.remove());

const until = (condition: () => boolean, what: string): Promise<void> => waitUntil(condition, what, 30_000);

test("killed while it creates, updates or deletes: the state can be read, and the next up ends where it should", async () => {
  const list = (value: number, delayMs: number) => [
    { name: "a", inputs: { value, delayMs: 0 } },
    { name: "b", inputs: { value: { $ref: "a.made" }, delayMs } },
    { name: "c", inputs: { value: { $ref: "b.made" }, delayMs: 0 } },
  ];
  for (const [call, value] of [
    ["create-begin b", 1],
    ["update-begin b", 2],
  ] as const) {
    project.things(list(value, 30_000));
    project.forgetCalls();
    const child = project.upElsewhere();
    const ended = new Promise((done) => child.once("exit", done));
    const [name] = call.split(" ") as [string];
    await until(() => project.calls(name).includes(call), call);
    child.kill("SIGKILL");
    await ended;
    expect(project.state().pending).toMatchObject([
      {
        type: call.startsWith("create") ? "creating" : "updating",
        resource: { type: "testing:index:Thing" },
      },
    ]);
    project.things(list(value, 0));
    const next = await project.run(up);
    expect(errors(next)).toEqual([]);
    expect(next.result).toBe("succeeded");
    expect(next.events).toContainEqual(
      expect.objectContaining({ kind: "diagnostic", message: expect.stringContaining("took over the lock") }),
    );
    expect(project.existing()).toEqual(["a", "b", "c"]);
    expect(project.state().pending).toEqual([]);
    expect((await project.run(up)).changes).toEqual({ same: 4 });
  }
  expect(readdirSync(join(project.backendDir, ".pulumi/locks/organization/sample/dev"))).toEqual([]);
  expect((await project.run(destroy)).result).toBe("succeeded");
  expect(project.existing()).toEqual([]);
});

test("the providers and the program end with the engine that is killed", async () => {
  project.things([{ name: "a", inputs: { value: 1, delayMs: 60_000 } }]);
  const child = project.upElsewhere();
  const ended = new Promise((done) => child.once("exit", done));
  await until(() => project.calls("create-begin").length > 0, "the create");
  const log = readFileSync(join(project.providerDir, "calls.log"), "utf8");
  const pid = Number(/configure (\d+)/.exec(log)?.[1]);
  expect(existsSync(`/proc/${pid}`) || process.platform !== "linux").toBe(true);
  child.kill("SIGKILL");
  await ended;
  await until(() => !isAlive(pid), "the provider's end");
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("a lock of another host is respected, named, and cleared by cancel", async () => {
  const folder = join(project.backendDir, ".pulumi/locks/organization/sample/dev");
  mkdirSync(folder, { recursive: true });
  const lock = { pid: 1, username: "ada", hostname: `not-${hostname()}`, timestamp: "2026-01-01T00:00:00Z" };
  writeFileSync(join(folder, "x.json"), JSON.stringify(lock));
  project.things([]);
  await expect(project.run(up)).rejects.toThrow(/created by ada@not-.*\(pid 1\).*\n.*cancel/s);
  expect(await cancel(project.options)).toHaveLength(1);
  expect((await project.run(up)).result).toBe("succeeded");
});

test("two runs at once: one gives way", async () => {
  project.things([{ name: "a", inputs: { value: 1, delayMs: 300 } }]);
  const results = await Promise.allSettled([project.run(up), project.run(up)]);
  const rejected = results.filter((result) => result.status === "rejected");
  expect(rejected.length).toBeGreaterThan(0);
  for (const result of rejected) expect(String(result.reason)).toContain("locked by");
});

test("history has an entry for each update", async () => {
  project.things([{ name: "a", inputs: { value: 1 } }]);
  await project.run(up, { message: "first" });
  await project.run(destroy);
  const history = await stackHistory(project.options);
  expect(history.map(({ kind, result, message }) => [kind, result, message])).toEqual([
    ["destroy", "succeeded", ""],
    ["update", "succeeded", "first"],
  ]);
  expect(history[1]?.resourceChanges).toEqual({ create: 2 });
  expect(steps(await project.run(up))).toEqual(["create a"]);
});

test("a command whose create was killed is deleted by its delete command", async () => {
  project.program(`
    const { local } = require("@pulumi/command");
    const run = (verb) => \`echo \${verb} >> "\${__dirname}/calls"; [ \${verb} = deleted ] || sleep 60\`;
    new local.Command("machine", { create: run("made"), delete: run("deleted") });
  `);
  const calls = join(project.dir, "calls");
  const child = project.upElsewhere();
  const ended = new Promise((done) => child.once("exit", done));
  await until(() => existsSync(calls), "the create");
  child.kill("SIGKILL");
  await ended;
  const gone = await project.run(destroy);
  expect(errors(gone)).toEqual([]);
  expect(steps(gone)).toContain("delete machine");
  expect(readFileSync(calls, "utf8")).toBe("made\ndeleted\n");
  expect(project.state().pending).toEqual([]);
});
