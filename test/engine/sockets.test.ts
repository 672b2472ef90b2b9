/** Who else is on the host reaches neither the engine nor its own providers: they have no ports, and their sockets are in a folder of the user's. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PluginHost, up } from "../../engine";
import { errors, TestProject, until } from "./testProject";

jest.setTimeout(180_000);

const program = `
  const pulumi = require("@pulumi/pulumi");
  const command = require("@pulumi/command");
  const wait = "until [ -e " + __dirname + "/go ]; do sleep 0.1; done";
  class Thing extends pulumi.dynamic.Resource {
    constructor(name) {
      super({
        async create() {
          const fs = require("node:fs");
          fs.writeFileSync(__dirname + "/dynamic", String(process.pid));
          while (!fs.existsSync(__dirname + "/go")) await new Promise((done) => setTimeout(done, 100));
          return { id: "x", outs: {} };
        },
      }, name, {});
    }
  }
  new Thing("a");
  new command.local.Command("b", { create: "echo $PPID >" + __dirname + "/own; " + wait });
`.replaceAll("__dirname", "process.env.TEST_SOCKETS_DIR");

/** Ports that a process listens on. */
function ports(pid: number): string[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      } catch {
        return undefined;
      }
    }),
  );
  return ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === "0A" && inodes.has(inode))
      .map(([, local]) => local as string),
  );
}

test("the engine, a dynamic provider and the project's own have no ports", async () => {
  if (process.platform !== "linux") throw new Error("this test reads /proc: run it on Linux");
  const dir = mkdtempSync(join(tmpdir(), "engine-sockets-"));
  process.env.TEST_SOCKETS_DIR = dir;
  const project = new TestProject();
  const plugins = new PluginHost();
  try {
    await project.init();
    project.program(program);
    const running = project.run(up, { plugins });
    const pidOf = (name: string): number => Number(readFileSync(join(dir, name), "utf8"));
    for (const name of ["dynamic", "own"])
      await until(() => existsSync(join(dir, name)) && pidOf(name) > 0, `the ${name} provider`, 120_000);
    for (const pid of [process.pid, pidOf("dynamic"), pidOf("own")]) expect(ports(pid)).toEqual([]);

    const folder = dirname(plugins.engineAddress().replace("unix:", ""));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const sockets = readdirSync(folder);
    expect(sockets).toEqual(
      expect.arrayContaining([
        "engine.sock",
        ...["dynamic", "own"].map((name) => `${65_536 + pidOf(name)}.sock`),
      ]),
    );
    const connect = `require("node:net").connect(process.argv[1]).on("connect", () => process.exit(0)).on("error", ({ code }) => { console.log(code); process.exit(1); })`;
    const as = (user: object, socket: string): string =>
      spawnSync(process.execPath, ["-e", connect, join(folder, socket)], {
        ...user,
        cwd: "/",
        encoding: "utf8",
      }).stdout.trim();
    // Another user can only be tried as root.
    const isRoot = process.getuid?.() === 0;
    for (const socket of sockets) {
      expect(as({}, socket)).toBe("");
      if (isRoot) expect(as({ uid: 65_534, gid: 65_534 }, socket)).toBe("EACCES");
    }
    writeFileSync(join(dir, "go"), "");
    expect(errors(await running)).toEqual([]);
    await plugins.close();
    expect(existsSync(folder)).toBe(false);
  } finally {
    writeFileSync(join(dir, "go"), "");
    await plugins.close();
    await project.remove();
    rmSync(dir, { recursive: true });
    delete process.env.TEST_SOCKETS_DIR;
  }
});
