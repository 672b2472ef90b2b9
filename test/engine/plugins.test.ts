/** Processes of providers: each ends with who started it, whenever that is. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { destroy, PluginHost, up } from "../../engine";
import { errors, steps, TestProject, until as waitUntil } from "./testProject";

jest.setTimeout(60_000);

const path = process.env.PATH;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "engine-plugins-"));
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(dir, { recursive: true, force: true });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // Ended, and nobody has asked how.
    return !(process.platform === "linux" && /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8")));
  } catch {
    return false;
  }
}

const until = (condition: () => boolean, what: string): Promise<void> => waitUntil(condition, what, 20_000);

/** A plugin that never prints its port, and whose work is done by a process that it waits for. */
function neverReady(): string {
  const pids = join(dir, "pids");
  const script = `#!/bin/sh\nsleep 60 &\necho $! $$ > ${pids}.tmp; mv ${pids}.tmp ${pids}\nwait\n`;
  writeFileSync(join(dir, "pulumi-resource-slow"), script, { mode: 0o755 });
  process.env.PATH = `${dir}${delimiter}${path}`;
  return pids;
}

const start = { address: "127.0.0.1:1", programDir: tmpdir(), project: "p", onLine: () => undefined };

test.each(["taken", "launched before"])("a plugin that is still starting (%s) ends at close", async (how) => {
  const pids = neverReady();
  const host = new PluginHost();
  if (how !== "taken") host.prelaunch("slow", undefined, start);
  const taken = host.take("slow", undefined, "{}", start);
  const refused = expect(taken).rejects.toThrow(/did not start|shutting down/);
  await until(() => existsSync(pids), "the plugin");
  const started = readFileSync(pids, "utf8").trim().split(" ").map(Number);
  expect(started.every(isAlive)).toBe(true);
  await host.close();
  await refused;
  await until(() => !started.some(isAlive), "the end of the plugin and its process");
  await expect(host.take("slow", undefined, "{}", start)).rejects.toThrow(/shutting down/);
});

const dynamic = `
  const pulumi = require("@pulumi/pulumi");
  const { writeFileSync, existsSync } = require("node:fs");
  class Thing extends pulumi.dynamic.Resource {
    constructor(name, props) {
      super({
        async create(inputs) {
          require("node:fs").writeFileSync(inputs.file, String(process.pid));
          await new Promise((done) => setTimeout(done, inputs.delayMs));
          return { id: "x", outs: inputs };
        },
      }, name, props);
    }
  }
  new Thing("a", { file: __dirname + "/pid", delayMs: Number(process.env.TEST_DELAY) });
`;

test("a dynamic provider works, and ends with an engine that is killed", async () => {
  const project = new TestProject();
  try {
    await project.init();
    project.program(dynamic);
    const pidFile = join(project.dir, "pid");
    const child = project.upElsewhere({ TEST_DELAY: "30000" });
    await until(() => existsSync(pidFile) && readFileSync(pidFile, "utf8") !== "", "the create");
    const pid = Number(readFileSync(pidFile, "utf8"));
    expect(isAlive(pid)).toBe(true);
    child.kill("SIGKILL");
    await until(() => !isAlive(pid), "the end of the provider");

    process.env.TEST_DELAY = "0";
    const next = await project.run(up);
    expect(errors(next)).toEqual([]);
    expect(steps(next)).toEqual(["create a"]);
    expect((await project.run(destroy)).result).toBe("succeeded");
  } finally {
    delete process.env.TEST_DELAY;
    await project.remove();
  }
});
