import { readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandUnderTest, eachTestOn } from "./command";

jest.setTimeout(120_000);

let vmcluster: CommandUnderTest;
eachTestOn("exports.answer = 42;", (made) => {
  vmcluster = made;
});
const stacks = () => join(vmcluster.home, ".pulumi/stacks/lab");

it("tells of the copy of a state that somebody deleted, and makes no second one beside it", async () => {
  await vmcluster.ok("up", "--yes", "--skip-preview");
  rmSync(join(stacks(), "dev.json"));
  for (const verb of [
    ["preview"],
    ["up", "--yes"],
    ["destroy", "--yes", "-s", "organization/lab/dev"],
    ["stack"],
  ]) {
    const ran = await vmcluster.run(verb);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("the state of stack dev is gone: there is no");
    expect(ran.stderr).toContain(`bring it back: cp ${stacks()}/dev.json.bak ${stacks()}/dev.json`);
  }
  expect(readdirSync(stacks())).toEqual(["dev.json.bak"]);
  renameSync(join(stacks(), "dev.json.bak"), join(stacks(), "dev.json"));
  expect((await vmcluster.ok("stack", "ls")).stdout).toMatch(/^dev\*? .* 1$/m);
});

it("takes fully qualified names in every verb, and refuses those of other projects", async () => {
  await vmcluster.ok("stack", "init", "organization/lab/one");
  await vmcluster.ok("stack", "init", "organization/two");
  await vmcluster.ok("stack", "select", "organization/lab/one");
  expect((await vmcluster.ok("stack", "--show-name")).stdout).toBe("one\n");
  await vmcluster.ok("stack", "rename", "organization/lab/three");
  await vmcluster.ok("config", "set", "a", "1", "-s", "organization/lab/three");
  await vmcluster.ok("config", "cp", "-s", "organization/lab/three", "--dest", "organization/lab/two");
  const env = { PULUMI_STACK: "organization/lab/two" };
  expect((await vmcluster.run(["config", "get", "a"], { env })).stdout).toBe("1\n");
  await vmcluster.ok("stack", "rm", "organization/lab/two", "--yes");
  const other = await vmcluster.run(["preview", "-s", "organization/other/three"]);
  expect(other.code).toBe(6);
  expect((await vmcluster.run(["stack", "select"])).code).toBe(6);
  expect(other.stderr).toContain("stack organization/other/three is of another project");
  const wrong = await vmcluster.run(["stack", "init", "organization/lab/.."]);
  expect(wrong.stderr).toContain('stack name ".." is not valid');
  expect(readdirSync(stacks()).filter((name) => name.endsWith(".json"))).toEqual(["three.json"]);
});

it("removes nothing for a project that is called as the folder above", async () => {
  await vmcluster.ok("stack", "init", "dev");
  writeFileSync(join(vmcluster.project, "Pulumi.yaml"), 'name: ".."\nruntime: nodejs\n');
  for (const args of [
    ["stack", "init", "stacks"],
    ["stack", "rm", "stacks", "--yes", "--force"],
  ]) {
    const ran = await vmcluster.run(args);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("is not a valid project file");
  }
  expect(readdirSync(stacks())).toEqual(["dev.json"]);
});
