import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { CommandUnderTest, compile } from "./command";

jest.setTimeout(120_000);

let vmcluster: CommandUnderTest;
beforeAll(compile);
beforeEach(() => {
  vmcluster = new CommandUnderTest();
  vmcluster.write("");
});
afterEach(() => vmcluster.clean());

/** A stand-in for the Pulumi CLI, which notes how it was called; first on PATH. */
function withPulumi(version: string, engine = ""): NodeJS.ProcessEnv {
  const folder = join(vmcluster.folder, "it's bin");
  mkdirSync(folder);
  const file = join(folder, "pulumi");
  writeFileSync(
    file,
    `#!/bin/sh
[ "$1" = version ] && { echo ${version}; exit; }
printf '%s\\n' "$@" "$PULUMI_BACKEND_URL" >"$(dirname "$0")/called"
exit 7
`,
  );
  chmodSync(file, 0o755);
  return { PATH: `${folder}${delimiter}${process.env.PATH}`, VMCLUSTER_ENGINE: engine };
}

const called = (): string[] =>
  readFileSync(join(vmcluster.folder, "it's bin/called"), "utf8").trim().split("\n");

it("gives operations to the Pulumi CLI that is on PATH, and its exit code back", async () => {
  const env = withPulumi("v3.248.0");
  expect((await vmcluster.run(["up", "--yes", "--parallel", "4"], { env })).code).toBe(7);
  const words = called();
  expect(words.slice(0, 3)).toEqual(["up", "--stack", "dev"]);
  expect(words).toEqual(expect.arrayContaining(["--parallel", "4", "--yes", `file://${vmcluster.home}`]));
  expect(words).toContain("--continue-on-error");
});

it("lets it stop at the first failure where services are to be put back, as it would delete what these need", async () => {
  const env = withPulumi("v3.248.0");
  expect((await vmcluster.run(["up", "--yes", "--rollback-on-failure"], { env })).code).toBe(7);
  expect(called()).not.toContain("--continue-on-error");
});

it("does it itself if that is too old, and says so, or if told to", async () => {
  const env = withPulumi("v3.206.9");
  const up = await vmcluster.run(["up", "--yes"], { env });
  expect(up.code).toBe(0);
  expect(up.stderr).toContain("version v3.206.9, older than 3.207: using the embedded engine");
  const told = { ...env, VMCLUSTER_ENGINE: "embedded" };
  expect((await vmcluster.run(["preview"], { env: told })).stderr).not.toContain("3.206");
});

it("refuses an engine that there is not", async () => {
  const env = { VMCLUSTER_ENGINE: "steam" };
  const ran = await vmcluster.run(["preview"], { env });
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain('VMCLUSTER_ENGINE is "steam"');
});
