import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandUnderTest, eachTestOn } from "./command";

/** Real runs of a small program through the embedded engine and the command provider. */
jest.setTimeout(120_000);

const program = `
const pulumi = require("@pulumi/pulumi");
const { local } = require("@pulumi/command");
const config = new pulumi.Config();
console.log("program says hello");
const first = new local.Command("first", { create: config.get("first") ?? "echo one; echo one >> made", delete: "echo gone >> made" });
const second = new local.Command("second", { create: "echo two", triggers: [config.get("trigger") ?? "a"] }, { dependsOn: first });
exports.answer = first.stdout;
exports.secret = pulumi.secret("hush");
exports.urls = { web: ["http://127.0.56.11:4000/", "http://127.0.56.12:4000/"], redis: "redis://127.0.56.11:6379" };
`;

let vmcluster: CommandUnderTest;
eachTestOn(program, (made) => {
  vmcluster = made;
});

it("goes up, has nothing to do, goes down, and has nothing to do again", async () => {
  const up = await vmcluster.ok("up", "--yes");
  expect(up.stderr).toBe("Created stack 'dev'\n");
  expect(up.stdout).toContain("Previewing update (dev):");
  expect(up.stdout).toContain("    + 3 to create");
  expect(up.stdout).toContain("Updating (dev):");
  expect(up.stdout).toMatch(/^ \+ {2}command:local:Command first creating$/m);
  expect(up.stdout).toMatch(/^ \+ {2}command:local:Command first created \([\d.]+s\)$/m);
  expect(up.stdout).toContain("program says hello\n");
  expect(up.stdout).toContain('    answer: "one"\n    secret: [secret]\n');
  expect(up.stdout).toContain("    + 3 created");
  expect(up.stdout).toMatch(
    /Open in a browser:\n {4}web {4}http:\/\/127\.0\.56\.11:4000\/\n {11}http:\/\/127\.0\.56\.12:4000\/\nConnect to:\n {4}redis {2}redis:\/\/127\.0\.56\.11:6379\n/,
  );
  for (const unwanted of ["\u001b", "hush"]) expect(up.stdout).not.toContain(unwanted);

  expect(JSON.parse((await vmcluster.ok("stack", "output", "--json")).stdout)).toMatchObject({
    answer: "one",
    secret: "[secret]",
  });
  expect((await vmcluster.ok("stack", "output", "answer")).stdout).toBe("one\n");
  expect((await vmcluster.ok("stack", "output", "secret", "--show-secrets")).stdout).toBe("hush\n");
  expect((await vmcluster.run(["stack", "output", "nothing"])).stderr).toContain(
    "does not have output property 'nothing'",
  );

  const again = await vmcluster.ok("up", "--yes", "--expect-no-changes");
  expect(again.stdout).toMatch(/3 unchanged/);
  expect(again.stdout).toContain("There is nothing to change.");
  expect(again.stdout).not.toMatch(/created|updated|deleted|replaced/);

  const refresh = await vmcluster.ok("refresh", "--yes");
  expect(refresh.stdout).toContain("Refreshing (dev):");
  expect(refresh.stdout).toMatch(/3 unchanged/);

  const refused = await vmcluster.run(["stack", "rm", "dev", "--yes"]);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/still has resources/);

  const destroy = await vmcluster.ok("destroy", "--yes", "--message", "enough");
  expect(destroy.stdout).toContain("    - 3 to delete");
  expect(destroy.stdout).toContain("    - 3 deleted");
  expect(readFileSync(join(vmcluster.project, "made"), "utf8")).toBe("one\ngone\n");
  expect((await vmcluster.ok("destroy", "--yes")).stdout).toMatch(/nothing to do/);

  const history = (await vmcluster.ok("stack", "history")).stdout.split("\n\n");
  expect(history[0]).toMatch(
    /^Version: 0\nUpdateKind: destroy\nStatus: succeeded\nMessage: enough\n\+0-3~0 0 Updated (now|.* ago) took \d+s\n/,
  );
  expect(history[1]).toMatch(/UpdateKind: refresh/);
  expect(history[2]).toMatch(/UpdateKind: update\n(.*\n)+\+3-0~0 0 Updated/);
  const last = JSON.parse((await vmcluster.ok("stack", "history", "-j", "--page-size", "1")).stdout);
  expect(last).toMatchObject([{ kind: "destroy", result: "succeeded", resourceChanges: { delete: 3 } }]);
  expect(last[0].startTime).toMatch(/^\d{4}-.*Z$/);
});

it("says that there is nothing to destroy where no stack was ever made", async () => {
  expect((await vmcluster.ok("destroy", "--yes")).stdout).toMatch(/nothing to do/);
});

it("previews changes, also property by property, and makes none", async () => {
  await vmcluster.ok("up", "--yes", "--skip-preview");
  await vmcluster.ok("config", "set", "trigger", "b");
  const preview = await vmcluster.run(["preview", "--diff", "--expect-no-changes"]);
  expect(preview.code).toBe(7);
  expect(preview.stdout).toMatch(/command:local:Command: \(replace\)/);
  expect(preview.stdout).toContain('      ~ triggers: [\n          ~ [0]: "a" => "b"\n        ]\n');
  expect(preview.stdout).toContain("    +-1 to replace\n    2 unchanged");
  expect(preview.stderr).toBe("error: no changes were expected for preview but changes were proposed\n");
  expect((await vmcluster.ok("up", "--skip-preview")).stdout).toContain("    +-1 replaced");
});

it("tells a failing command once, by its resource, and keeps what was made", async () => {
  await vmcluster.ok("config", "set", "first", "echo about to fail; echo the disk is full >&2; exit 7");
  const up = await vmcluster.run(["up", "--yes"]);
  expect(up.code).toBe(1);
  const said = up.stdout + up.stderr;
  expect(up.stdout).toMatch(/Diagnostics:\n {2}command:local:Command \(first\):\n(.*\n)*? {4}error: /);
  expect(said.match(/error: .*exit/g)).toHaveLength(1);
  expect(said).toContain("the disk is full");
  expect(said).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  await vmcluster.ok("config", "rm", "first");
  expect((await vmcluster.ok("up", "--skip-preview")).stdout).toContain('answer: "one"');
});

/** Starts an `up` and sends it SIGINT once after each of the times, in milliseconds after `first` is under way. */
async function interrupted(
  ...times: number[]
): Promise<{ code: number | null; stdout: string; milliseconds: number }> {
  const child = vmcluster.start(["up", "--skip-preview"]);
  child.stdin?.end();
  let stdout = "";
  let began: number | undefined;
  child.stdout?.on("data", (chunk: Buffer) => {
    stdout += chunk;
    if (began !== undefined || !stdout.includes("first creating")) return;
    began = Date.now();
    for (const time of times) setTimeout(() => child.kill("SIGINT"), time);
  });
  // "exit", not "close": a child that lives on for a moment keeps the pipes open.
  const code = await new Promise<number | null>((done) => child.on("exit", done));
  return { code, stdout, milliseconds: Date.now() - (began ?? 0) };
}

it("starts nothing new after Ctrl-C and can be taken up again", async () => {
  await vmcluster.ok("config", "set", "first", "sleep 20; echo slow");
  const ran = await interrupted(300);
  expect(ran.stdout).toContain("Cancelling");
  expect(ran.stdout).not.toContain("second creating");
  expect(ran.stdout).toContain("error: update canceled");
  expect(ran.code).toBe(1);
  expect(ran.milliseconds).toBeLessThan(15_000);
  await vmcluster.ok("config", "rm", "first");
  expect((await vmcluster.ok("up", "--skip-preview")).stdout).toContain('answer: "one"');
});

it("ends at once after the second Ctrl-C, whatever the running command thinks of it", async () => {
  await vmcluster.ok("config", "set", "first", "trap '' TERM INT; sleep 20 & wait; wait");
  const ran = await interrupted(200, 700);
  expect(ran.code).toBe(130);
  // Well before the command would have ended by itself.
  expect(ran.milliseconds).toBeLessThan(10_000);
  await vmcluster.ok("config", "rm", "first");
  expect((await vmcluster.ok("up", "--skip-preview")).stdout).toContain('answer: "one"');
});

it("moves a stack's state through export and import", async () => {
  await vmcluster.ok("up", "--skip-preview");
  const file = join(vmcluster.folder, "state.json");
  await vmcluster.ok("stack", "export", "--file", file);
  expect(readFileSync(file, "utf8")).not.toContain("hush");
  await vmcluster.ok("stack", "import", "--file", file);
  expect((await vmcluster.ok("preview", "--expect-no-changes")).stdout).toMatch(/3 unchanged/);
  const broken = await vmcluster.run(["stack", "import"], { input: "{" });
  expect(broken.code).toBe(1);
  expect(broken.stderr).toContain("standard input is not JSON");
});

it("mends the state: what others need or what is protected stays, unless told otherwise", async () => {
  vmcluster.write(`
    const { local } = require("@pulumi/command");
    const first = new local.Command("first", { create: "echo 1" }, { protect: true });
    new local.Command("second", { create: "echo 2" }, { dependsOn: first });
  `);
  await vmcluster.ok("up", "--skip-preview");
  const urn = (name: string): string => `urn:pulumi:dev::lab::command:local:Command::${name}`;
  const refused = await vmcluster.run(["state", "delete", urn("first"), "--yes"]);
  expect(refused.stderr).toMatch(/other resources need it\n.*::second/);
  expect((await vmcluster.run(["state", "delete", urn("nothing"), "--yes"])).stderr).toContain("no resource");
  await vmcluster.ok("state", "delete", urn("second"), "--yes");
  expect((await vmcluster.run(["state", "delete", urn("first"), "--yes"])).stderr).toContain("is protected");
  expect((await vmcluster.run(["destroy", "--skip-preview"])).code).toBe(1);
  await vmcluster.ok("state", "unprotect", urn("first"), "--yes");
  await vmcluster.ok("destroy", "--skip-preview");
  expect((await vmcluster.ok("destroy", "--yes")).stdout).toMatch(/nothing to do/);
});

it("shows a stack, renames it and what is in it, protects and spares, and removes all of it", async () => {
  const program = (name: string): void =>
    vmcluster.write(`
    const { local } = require("@pulumi/command");
    const first = new local.Command("${name}", { create: "echo 1" });
    new local.Command("second", { create: "echo 2" }, { dependsOn: first });
    exports.list = ["it's", 1];
  `);
  program("first");
  await vmcluster.ok("up", "--skip-preview", "--config", "size=3");
  expect((await vmcluster.ok("config", "get", "size")).stdout).toBe("3\n");
  expect((await vmcluster.ok("stack", "output", "--shell")).stdout).toBe(`list='["it'\\''s",1]'\n`);
  expect((await vmcluster.ok("stack", "--show-name")).stdout).toBe("dev\n");

  expect((await vmcluster.ok("stack", "rename", "prod")).stdout).toBe("Renamed dev to prod\n");
  const shown = (await vmcluster.ok("stack", "--show-urns")).stdout;
  expect(shown).toContain("Current stack is prod:\n");
  expect(shown).toMatch(
    /\n {4}pulumi:pulumi:Stack +lab-prod\n {4}│ {2}URN: urn:pulumi:prod::lab::pulumi:pulumi:Stack::lab-prod\n/,
  );
  expect(shown).toMatch(
    /\n {4}└─ command:local:Command +second\n {10}URN: urn:pulumi:prod::lab::command:local:Command::second\n/,
  );
  expect((await vmcluster.ok("preview", "--expect-no-changes")).stdout).toMatch(/3 unchanged/);
  expect(JSON.parse((await vmcluster.ok("stack", "history", "--json")).stdout)).toHaveLength(1);
  expect((await vmcluster.run(["preview", "--stack", "dev"])).code).toBe(6);

  const urn = (name: string): string => `urn:pulumi:prod::lab::command:local:Command::${name}`;
  await vmcluster.ok("state", "rename", urn("first"), "primus", "--yes");
  program("primus");
  expect((await vmcluster.ok("preview", "--expect-no-changes")).stdout).toMatch(/3 unchanged/);
  expect((await vmcluster.run(["state", "rename", urn("primus"), "second", "--yes"])).stderr).toContain(
    "already",
  );

  expect((await vmcluster.ok("state", "protect", urn("primus"), "--yes")).stdout).toBe(
    "1 resources protected\n",
  );
  const spared = await vmcluster.ok("destroy", "--skip-preview", "--exclude-protected");
  expect(spared.stdout).toContain("- 1 deleted");
  expect(spared.stdout).toContain("There are still 1 protected resources");
  expect((await vmcluster.ok("destroy", "--yes", "--exclude-protected")).stdout).toContain(
    "no unprotected resources",
  );
  await vmcluster.ok("state", "unprotect", "--all", "--yes");
  expect((await vmcluster.ok("destroy", "--preview-only")).stdout).toContain("- 2 to delete");
  expect((await vmcluster.run(["destroy", "--preview-only", "--yes"])).stderr).toContain(
    "cannot be used together",
  );

  await vmcluster.ok("up", "--skip-preview");
  await vmcluster.ok("state", "delete", urn("primus"), "--target-dependents", "--yes");
  expect((await vmcluster.ok("destroy", "--yes", "--remove")).stdout).toContain("configuration removed");
  expect((await vmcluster.ok("stack", "ls")).stdout).toContain("no stack yet");
});
