import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { destroy, preview, up } from "../../engine";
import { errors, steps, TestProject } from "./testProject";

jest.setTimeout(60_000);

let project: TestProject;
beforeEach(async () => {
  project = new TestProject();
  await project.init();
});
afterEach(() => project.remove());

test("a failing resource stops what depends on it and nothing else; the next up finishes", async () => {
  project.things([
    { name: "bad", inputs: { value: 1, fail: "create" } },
    { name: "after", inputs: { value: { $ref: "bad.made" } } },
    { name: "ordered", inputs: { value: 2 }, options: { dependsOn: ["bad"] } },
    { name: "free", inputs: { value: 3, delayMs: 300 } },
  ]);
  const failed = await project.run(up);
  expect(failed.result).toBe("failed");
  expect(errors(failed)).toEqual(["create bad: create of bad failed on purpose"]);
  expect(project.existing()).toEqual(["free"]);
  expect(project.state().pending).toEqual([]);
  const skipped = failed.events.flatMap((event) =>
    event.kind === "resource-skipped" ? [event.urn.split("::").pop()] : [],
  );
  expect(skipped.sort()).toEqual(["after", "ordered"]);

  project.things([
    { name: "bad", inputs: { value: 1 } },
    { name: "after", inputs: { value: { $ref: "bad.made" } } },
    { name: "ordered", inputs: { value: 2 }, options: { dependsOn: ["bad"] } },
    { name: "free", inputs: { value: 3, delayMs: 300 } },
  ]);
  const mended = await project.run(up);
  expect(mended).toMatchObject({ result: "succeeded", changes: { create: 3, same: 2 } });
  expect(project.existing()).toEqual(["after", "bad", "free", "ordered"]);
});

test("what a failed update needs is not deleted, other leftovers are", async () => {
  project.things([
    { name: "old", inputs: { value: 1 } },
    { name: "user", inputs: { value: { $ref: "old.made" } } },
    { name: "other", inputs: { value: 1 } },
  ]);
  await project.run(up);
  project.things([{ name: "user", inputs: { value: 2, fail: "update" } }]);
  const failed = await project.run(up);
  expect(failed.result).toBe("failed");
  expect(steps(failed)).toEqual(["delete other"]);
  expect(project.existing()).toEqual(["old", "user"]);
  expect(project.resource("user").inputs).toMatchObject({ value: "made-1" });
});

test("leftovers stay after a failure if they are to, and go with the next up", async () => {
  project.things([
    { name: "replaced", inputs: { size: 1 } },
    { name: "dropped", inputs: { value: 1 } },
    { name: "bad", inputs: { value: 1 } },
  ]);
  await project.run(up);
  const second = (bad: object) =>
    project.things([
      { name: "replaced", inputs: { size: 2 } },
      { name: "bad", inputs: { value: 2, ...bad } },
    ]);
  second({ fail: "update" });
  const failed = await project.run(up, { keepLeftovers: true });
  expect(failed.result).toBe("failed");
  expect(steps(failed)).toEqual(["create-replacement replaced", "replace replaced"]);
  second({});
  const mended = await project.run(up, { keepLeftovers: true });
  expect(mended.result).toBe("succeeded");
  expect(steps(mended).sort()).toEqual(["delete dropped", "delete-replaced replaced", "update bad"]);
});

test("a resource that was made but is not ready is kept with its errors and tried again", async () => {
  project.things([{ name: "slow", inputs: { value: 1, fail: "init" } }]);
  const failed = await project.run(up);
  expect(failed.result).toBe("failed");
  expect(errors(failed)).toEqual(["create slow: not ready on purpose"]);
  expect(project.resource("slow")).toMatchObject({ initErrors: ["not ready on purpose"] });
  expect(project.resource("slow").id).toBeTruthy();

  project.things([{ name: "slow", inputs: { value: 1 } }]);
  const mended = await project.run(up);
  expect(steps(mended)).toEqual(["update slow"]);
  expect(project.resource("slow").initErrors).toBeUndefined();
});

test("inputs that a provider refuses name the property, and nothing is created", async () => {
  project.things([{ name: "wrong", inputs: { fail: "check" } }]);
  for (const operation of [preview, up]) {
    const failed = await project.run(operation);
    expect(failed.result).toBe("failed");
    expect(errors(failed)).toEqual([
      "testing:index:Thing resource 'wrong' has a problem: refused on purpose. Examine values at 'wrong.fail'.",
    ]);
  }
  expect(project.existing()).toEqual([]);
});

test("a provider that crashes is reported as that", async () => {
  project.things([{ name: "bomb", inputs: { fail: "crash" } }]);
  const failed = await project.run(up);
  expect(failed.result).toBe("failed");
  expect(errors(failed)).toEqual([
    "create bomb: the resource plugin testing ended unexpectedly (exit code 7)\nprovider: giving up on purpose",
  ]);
});

test("a program that throws is told once, with its lines, and deletes nothing", async () => {
  project.things([{ name: "a", inputs: { value: 1 } }]);
  await project.run(up);
  project.program('throw new Error("no such luck");\n');
  const failed = await project.run(up);
  expect(failed.result).toBe("failed");
  expect(errors(failed)).toHaveLength(1);
  expect(errors(failed)[0]).toContain("no such luck");
  expect(errors(failed)[0]).toContain("index.js:1");
  expect(project.existing()).toEqual(["a"]);
  expect(project.resource("a").id).toBeTruthy();
});

test("a RunError is shown without a stack", async () => {
  project.program('throw new (require("@pulumi/pulumi").RunError)("set the port");\n');
  const failed = await project.run(up);
  expect(errors(failed)).toEqual(["set the port"]);
});

test("a program that cannot be found or does not parse says so", async () => {
  project.program("const = 1;\n");
  const failed = await project.run(preview);
  expect(failed.result).toBe("failed");
  expect(errors(failed).join("\n")).toContain("index.js");
});

test("destroy goes on after a failure, and what is left can be destroyed again", async () => {
  project.things([
    { name: "base", inputs: { value: 1 } },
    { name: "stuck", inputs: { value: 1, fail: "delete" }, options: { dependsOn: ["base"] } },
    { name: "free", inputs: { value: 1 } },
  ]);
  await project.run(up);
  const failed = await project.run(destroy);
  expect(failed.result).toBe("failed");
  expect(errors(failed)).toEqual(["delete stuck: delete of stuck failed on purpose"]);
  expect(project.existing()).toEqual(["base", "stuck"]);
  expect(
    project
      .state()
      .resources.map((resource) => resource.urn.split("::").pop())
      .sort(),
  ).toEqual(["base", "default_1_0_0", "sample-dev", "stuck"]);
  project.things([
    { name: "base", inputs: { value: 1 } },
    { name: "stuck", inputs: { value: 1 }, options: { dependsOn: ["base"] } },
  ]);
  await project.run(up);
  expect((await project.run(destroy)).result).toBe("succeeded");
  expect(project.existing()).toEqual([]);
});

test("deletes go in reverse order of dependency", async () => {
  project.things([
    { name: "a", inputs: { value: 1, delayMs: 50 } },
    { name: "b", inputs: { value: 1, delayMs: 50 }, options: { dependsOn: ["a"] } },
    { name: "c", inputs: { value: 1, delayMs: 50 }, options: { parent: "b" } },
  ]);
  await project.run(up);
  project.forgetCalls();
  await project.run(destroy);
  expect(project.calls("delete")).toEqual(["delete c", "delete b", "delete a"]);
});

test("a provider that is not installed is named with where it was looked for", async () => {
  project.program(
    'const pulumi = require("@pulumi/pulumi"); new pulumi.CustomResource("nosuch:index:Thing", "x", {}, { version: "1.2.3" });',
  );
  const failed = await project.run(up);
  expect(failed.result).toBe("failed");
  expect(errors(failed).join("\n")).toContain('no resource plugin "nosuch" v1.2.3 found');
});

test("aborting lets running steps finish and starts no new one", async () => {
  project.things([
    { name: "first", inputs: { value: 1, delayMs: 600 } },
    { name: "second", inputs: { value: { $ref: "first.made" } } },
  ]);
  const stop = new AbortController();
  const canceled = await project.run(up, {
    signal: stop.signal,
    onEvent: (event) => {
      if (event.kind === "resource-pre" && event.step.name === "first") stop.abort();
    },
  });
  expect(canceled.result).toBe("canceled");
  expect(project.existing()).toEqual(["first"]);
  expect(project.resource("first").id).toBeTruthy();
  expect(project.state().pending).toEqual([]);
  const rest = await project.run(up);
  expect(steps(rest)).toEqual(["create second"]);
});

test("what a step is doing is told while it runs", async () => {
  project.things([{ name: "slow", inputs: { value: 1, status: "waiting for the moon", delayMs: 50 } }]);
  const done = await project.run(up);
  expect(done.events).toContainEqual({
    kind: "resource-status",
    urn: "urn:pulumi:dev::sample::testing:index:Thing::slow",
    message: "waiting for the moon",
  });
});

test("a program's process that ends before it is told what to run is a failure that shows what it printed", async () => {
  writeFileSync(
    join(project.dir, "Pulumi.yaml"),
    "name: sample\nruntime: { name: nodejs, options: { nodeargs: --no-such-option } }\nmain: index.js\n",
  );
  const record = await project.run(up);
  expect(record.result).toBe("failed");
  expect(errors(record)).toEqual(["Program exited with non-zero exit code: 9"]);
  const printed = record.events.flatMap((event) => (event.kind === "program-output" ? [event.line] : []));
  expect(printed.join("\n")).toContain("bad option: --no-such-option");
});
