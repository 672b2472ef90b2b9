/**
 * The command, its engine and a program with the newest SDK, on the newer versions of Node.js. Everything else in this folder runs
 * with the SDK and the Node.js of the checkout (`npm ci`; CI has Node.js 20).
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../host/run";
import { newestDependencies, nodeProgram } from "./installs";

jest.setTimeout(300_000);

const checkout = join(__dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "vmcluster-sdks-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = `
import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";

class Twice extends pulumi.dynamic.Resource {
  constructor(name: string, text: pulumi.Input<string>) {
    super({ create: async ({ text }) => ({ id: "made", outs: { text, twice: text + text } }) }, name, { text, twice: undefined });
  }
}
const password = new pulumi.Config().requireSecret("password");
const made = new local.Command("made", { create: "test -n \\"$SECRET\\"", environment: { SECRET: password } });
const after = new local.Command("after", { create: "echo done" }, {
  dependsOn: made,
  hooks: { afterCreate: [new pulumi.ResourceHook("hook", async () => {})] },
  transforms: [async ({ props, opts }) => ({ props: { ...props, environment: { SECRET: password } }, opts })],
});
export const secret = password;
// In parts: what is looked for must not be in the program's own text, which Node.js caches.
export const nested = { of: [pulumi.secret(["hunter", "2"].join(""))] };
export const done = after.stdout;
export const asked = local.runOutput({ command: "echo asked" }).stdout;
export const twice = new Twice("twice", "ab").text;
`;

interface Side {
  /** Has the command in `dist`. */
  readonly command: string;
  readonly packages: string;
}

/** The library as one installs it, with the newest SDK. */
async function newest(): Promise<Side> {
  const packages = join(await newestDependencies(), "node_modules");
  const command = join(folder, "library");
  if (!existsSync(command)) {
    cpSync(join(checkout, "dist"), join(command, "dist"), { recursive: true });
    cpSync(join(checkout, "package.json"), join(command, "package.json"));
    symlinkSync(packages, join(command, "node_modules"));
  }
  return { command, packages };
}

/** The checkout, with the SDK of its lock file. */
const ours: Side = { command: checkout, packages: join(checkout, "node_modules") };

function textOf(dir: string): string {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");
}

/** An operation's whole way, with the command of one side and the program's SDK of the other. */
async function comesUpAndGoes(name: string, node: string, command: Side, sdk: Side): Promise<void> {
  const dir = join(folder, name);
  const home = join(dir, "home");
  mkdirSync(dir);
  writeFileSync(join(dir, "Pulumi.yaml"), "name: sample\nruntime: nodejs\n");
  writeFileSync(join(dir, "package.json"), JSON.stringify({ name: "sample", main: "index.ts" }));
  writeFileSync(join(dir, "index.ts"), program);
  symlinkSync(sdk.packages, join(dir, "node_modules"));
  const vmcluster = (...args: string[]) =>
    run(node, [join(command.command, "dist/cli/main.js"), ...args], {
      cwd: dir,
      env: {
        ...process.env,
        VMCLUSTER_HOME: home,
        VMCLUSTER_ENGINE: "embedded",
        PULUMI_CONFIG_PASSPHRASE: "correct horse",
      },
    });

  await vmcluster("config", "set", "--secret", "password", "hunter2");
  const up = await vmcluster("up", "--yes");
  const again = await vmcluster("preview", "--expect-no-changes");
  for (const { stdout, stderr } of [up, again]) expect(stdout + stderr).not.toMatch(/hunter2|newer than/);
  // Not `toContain`, which would print all of it.
  expect(textOf(home).includes("hunter2")).toBe(false);
  const { stdout } = await vmcluster("stack", "output", "--json", "--show-secrets");
  expect(JSON.parse(stdout)).toEqual({
    secret: "hunter2",
    nested: { of: ["hunter2"] },
    done: "done",
    asked: "asked",
    twice: "ab",
  });
  await vmcluster("destroy", "--yes");
}

it("the newest SDK on Node.js 24, for the engine and the program", async () => {
  const side = await newest();
  await comesUpAndGoes("both", await nodeProgram(24), side, side);
});

it("a program with the newest SDK on Node.js 22, and an engine with the SDK of the lock file", async () => {
  await comesUpAndGoes("program", await nodeProgram(22), ours, await newest());
});

it("an engine with the newest SDK, and a program with the SDK of the lock file", async () => {
  await comesUpAndGoes("engine", process.execPath, await newest(), ours);
});

it("the programs that the Pulumi CLI was recorded with, those about secrets, functions and reads, with the newest SDK on Node.js 24", async () => {
  const { packages } = await newest();
  const { stderr } = await run(
    await nodeProgram(24),
    [
      join(checkout, "node_modules/jest/bin/jest.js"),
      ...["--selectProjects", "unit", "-i", "--testPathPatterns", "test/engine/conformance"],
      ...["--testNamePattern", "^(secrets|functions|previews|values) "],
    ],
    { cwd: checkout, env: { ...process.env, TEST_SDK: join(packages, "..") }, timeoutMs: 280_000 },
  );
  expect(stderr).toMatch(/Tests: .* passed/);
});
