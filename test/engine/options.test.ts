import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { destroy, importExisting, preview, refresh, up } from "../../engine";
import { errors, steps, TestProject } from "./testProject";

jest.setTimeout(60_000);

let project: TestProject;
beforeEach(async () => {
  project = new TestProject();
  await project.init();
});
afterEach(() => project.remove());

const urn = (name: string): string => `urn:pulumi:dev::sample::testing:index:Thing::${name}`;

test("protect refuses delete and replace, and can be taken off", async () => {
  project.things([{ name: "a", inputs: { size: 1 }, options: { protect: true } }]);
  await project.run(up);
  expect(project.resource("a").protect).toBe(true);
  expect(errors(await project.run(destroy))[0]).toContain("protected");
  project.things([{ name: "a", inputs: { size: 2 }, options: { protect: true } }]);
  expect(errors(await project.run(up))[0]).toContain("unable to replace resource");
  expect(project.existing()).toEqual(["a"]);
  project.things([]);
  expect(errors(await project.run(up))[0]).toContain("protected");
  project.things([{ name: "a", inputs: { size: 1 } }]);
  expect((await project.run(up)).result).toBe("succeeded");
  expect((await project.run(destroy)).result).toBe("succeeded");
  expect(project.existing()).toEqual([]);
});

test("retainOnDelete forgets, deletedWith needs no delete of its own", async () => {
  project.things([
    { name: "host", inputs: { value: 1 } },
    { name: "guest", inputs: { value: 1 }, options: { deletedWith: "host" } },
    { name: "kept", inputs: { value: 1 }, options: { retainOnDelete: true } },
  ]);
  await project.run(up);
  project.forgetCalls();
  await project.run(destroy);
  expect(project.calls("delete")).toEqual(["delete host"]);
  expect(project.state().resources).toEqual([]);
});

test("ignoreChanges keeps the old value, replaceOnChanges replaces for it", async () => {
  project.things([{ name: "a", inputs: { value: 1, deep: { x: 1, y: 1 } } }]);
  await project.run(up);
  project.things([
    {
      name: "a",
      inputs: { value: 2, deep: { x: 2, y: 1 } },
      options: { ignoreChanges: ["value", "deep.x"] },
    },
  ]);
  expect((await project.run(up)).changes).toEqual({ same: 2 });
  expect(project.resource("a").inputs).toMatchObject({ value: 1, deep: { x: 1, y: 1 } });
  project.things([
    { name: "a", inputs: { value: 3, deep: { x: 1, y: 1 } }, options: { replaceOnChanges: ["value"] } },
  ]);
  expect(steps(await project.run(up))).toEqual(["create-replacement a", "replace a", "delete-replaced a"]);
});

test("an alias finds the resource under its old name, and the parent's alias the child", async () => {
  project.things([
    { name: "app", kind: "group" },
    { name: "app-part", inputs: { value: 1 }, options: { parent: "app" } },
    { name: "user", inputs: { value: { $ref: "app-part.made" } } },
  ]);
  await project.run(up);
  const id = project.resource("app-part").id;
  project.things([
    { name: "web", kind: "group", options: { aliases: [{ name: "app" }] } },
    { name: "web-part", inputs: { value: 1 }, options: { parent: "web" } },
    { name: "user", inputs: { value: { $ref: "web-part.made" } } },
  ]);
  const renamed = await project.run(up);
  expect(errors(renamed)).toEqual([]);
  expect(steps(renamed)).toEqual([]);
  expect(project.resource("web-part").id).toBe(id);
  expect(project.state().text).not.toContain("::app");
  expect((await project.run(up)).changes).toEqual({ same: 4 });
});

test("deleteBeforeReplace deletes first, dependents that must be replaced before it", async () => {
  project.things([
    { name: "a", inputs: { place: 1 } },
    { name: "b", inputs: { size: { $ref: "a.ownId" } } },
    { name: "c", inputs: { value: { $ref: "a.ownId" } } },
  ]);
  await project.run(up);
  project.forgetCalls();
  project.things([
    { name: "a", inputs: { place: 2 } },
    { name: "b", inputs: { size: { $ref: "a.ownId" } } },
    { name: "c", inputs: { value: { $ref: "a.ownId" } } },
  ]);
  expect(steps(await project.run(preview)).slice(0, 3)).toEqual([
    "delete-replaced b",
    "delete-replaced a",
    "replace a",
  ]);
  const replaced = await project.run(up);
  expect(errors(replaced)).toEqual([]);
  expect(project.calls("create", "update", "delete").slice(0, 3)).toEqual([
    "delete b",
    "delete a",
    "create a",
  ]);
  expect(project.calls("create", "update", "delete").slice(3).sort()).toEqual(["create b", "update c"]);
  expect(replaced.changes).toEqual({ same: 1, replace: 2, update: 1 });
  expect(project.existing()).toEqual(["a", "b", "c"]);
  expect((await project.run(up)).changes).toEqual({ same: 4 });
});

test("an explicit provider has its own process and configuration; a new account replaces its resources", async () => {
  const list = (account: string) => [
    { name: "cloud", kind: "provider" as const, inputs: { account } },
    { name: "a", inputs: { value: 1 }, options: { provider: "cloud" } },
  ];
  project.things(list("one"));
  await project.run(up);
  expect(project.resource("a").provider).toMatch(/pulumi:providers:testing::cloud::/);
  expect(project.resource("cloud").inputs).toEqual({
    __internal: {},
    account: "one",
    version: "1.0.0",
  });
  expect((await project.run(up)).changes).toEqual({ same: 3 });
  project.things(list("two"));
  const moved = await project.run(up);
  expect(errors(moved)).toEqual([]);
  expect(moved.changes).toMatchObject({ replace: 2 });
  expect(project.existing()).toEqual(["a"]);
  expect((await project.run(destroy)).result).toBe("succeeded");
});

test("a component hands its providers to its children", async () => {
  project.program(`
    const { Thing, Group, Provider } = require("./testing");
    const provider = new Provider("cloud", { account: "x" });
    const group = new Group("g", { providers: [provider] });
    new Thing("child", { value: 1 }, { parent: group });
  `);
  await project.run(up);
  expect(project.resource("child").provider).toContain("::cloud::");
});

test("functions of a provider answer, also in previews, and their failures are the program's", async () => {
  project.program(`
    const { ask } = require("./testing");
    exports.answer = ask({ question: "why" }).then((result) => result.answer);
  `);
  expect((await project.run(preview)).outputs).toEqual({ answer: "why!" });
  project.program('require("./testing").ask({ question: "why", fail: true });');
  const failed = await project.run(up);
  expect(failed.result).toBe("failed");
  expect(errors(failed).join("\n")).toContain("the function failed on purpose");
});

test("import takes over what exists, get reads it", async () => {
  project.things([{ name: "a", inputs: { value: 7 } }]);
  await project.run(up);
  const id = String(project.resource("a").id);
  project.things([{ name: "a", inputs: { value: 7 }, options: { retainOnDelete: true } }]);
  await project.run(up);
  await project.run(destroy);
  expect(readdirSync(project.providerDir)).toContain(`${id}.resource`);

  project.program(`
    const { Thing } = require("./testing");
    exports.made = Thing.get("looked", ${JSON.stringify(id)}).made;
  `);
  const read = await project.run(up);
  expect(errors(read)).toEqual([]);
  expect(read.outputs).toEqual({ made: "made-7" });
  expect(project.resource("looked")).toMatchObject({ external: true, id });

  project.program(`
    const { Thing } = require("./testing");
    exports.id = new Thing("taken", { value: 7 }, { import: ${JSON.stringify(id)} }).id;
  `);
  const imported = await project.run(up);
  expect(errors(imported)).toEqual([]);
  expect(imported.outputs).toEqual({ id });
  expect(steps(imported)).toEqual(["import taken", "discard looked"]);
  expect(project.resource("taken")).toMatchObject({ id, importID: id, inputs: { value: 7 } });
  expect(readdirSync(project.providerDir)).toContain(`${id}.resource`);
});

test("refresh takes in what changed outside and drops what is gone", async () => {
  project.things([
    { name: "a", inputs: { value: 1 } },
    { name: "b", inputs: { value: 1 } },
  ]);
  await project.run(up);
  const file = join(project.providerDir, `${project.resource("a").id}.resource`);
  writeFileSync(file, JSON.stringify({ value: 99 }));
  rmSync(join(project.providerDir, `${project.resource("b").id}.resource`));
  const refreshed = await project.run(refresh);
  expect(refreshed).toMatchObject({ result: "succeeded", changes: { update: 1, delete: 1 } });
  expect(project.resource("a").outputs).toMatchObject({ value: 99 });
  expect(steps(await project.run(up)).sort()).toEqual(["create b", "update a"]);
});

test("targets limit an update", async () => {
  project.things([
    { name: "a", inputs: { value: 1 } },
    { name: "b", inputs: { value: 1 } },
  ]);
  await project.run(up);
  project.things([
    { name: "a", inputs: { value: 2 } },
    { name: "b", inputs: { value: 2 } },
  ]);
  expect(steps(await project.run(up, { targets: [urn("a")] }))).toEqual(["update a"]);
  expect(project.resource("b").inputs).toEqual({ value: 1 });
  expect(steps(await project.run(destroy, { targets: [urn("a")] }))).toEqual(["delete a"]);
  expect(project.existing()).toEqual(["b"]);
});

test("timeouts, additional secret outputs and resource options are kept in the state", async () => {
  project.things([
    {
      name: "a",
      inputs: { value: 1 },
      options: {
        customTimeouts: { create: "1m30s" },
        additionalSecretOutputs: ["made"],
        ignoreChanges: ["x"],
      },
    },
  ]);
  const done = await project.run(up);
  expect(project.resource("a")).toMatchObject({
    customTimeouts: { create: 90 },
    additionalSecretOutputs: ["made"],
    ignoreChanges: ["x"],
  });
  expect(done.outputs).toEqual({ a: "[secret]" });
  expect(project.state().text).not.toContain("made-1");
});

test("two resources of one name are refused", async () => {
  project.things([
    { name: "a", inputs: { value: 1 } },
    { name: "a", inputs: { value: 2 } },
  ]);
  const failed = await project.run(up);
  expect(failed.result).toBe("failed");
  expect(errors(failed).join("\n")).toContain("Duplicate resource URN");
});

test("what the engine does not have is refused by name", async () => {
  project.program(`
    const { Provider } = require("./testing");
    new Provider("p", {}, { envVarMappings: { A: "B" } });
  `);
  expect(errors(await project.run(up)).join("\n")).toContain("envVarMappings are not supported");
});

test("a wish for a version of the Pulumi CLI is refused by name", async () => {
  project.program(`
    const pulumi = require("@pulumi/pulumi");
    module.exports = pulumi.runtime.requirePulumiVersion(">=3.0.0").then(() => ({}));
  `);
  const failed = await project.run(up);
  expect(failed.result).toBe("failed");
  expect(errors(failed).join("\n")).toContain("requirePulumiVersion is not supported");
});

test("a parameterized package is refused by name, for its resources and functions", async () => {
  // What `pulumi package add terraform-provider …` generates (utilities.ts).
  project.program(`
    const pulumi = require("@pulumi/pulumi");
    const proto = require("@pulumi/pulumi/proto/resource_pb");
    async function getPackage() {
      if (!(await pulumi.runtime.supportsParameterization()))
        throw new Error("The Pulumi CLI does not support parameterization. Please update the Pulumi CLI.");
      const request = new proto.RegisterPackageRequest();
      request.setName("terraform-provider");
      request.setVersion("1.0.0");
      const parameterization = new proto.Parameterization();
      parameterization.setName("b2");
      parameterization.setVersion("0.8.12");
      parameterization.setValue(Buffer.from("{}").toString("base64"));
      request.setParameterization(parameterization);
      return new Promise((done, failed) =>
        pulumi.runtime.getMonitor().registerPackage(request, (error, response) =>
          error ? failed(error) : done(response.getRef())));
    }
    new pulumi.CustomResource("b2:index/bucket:Bucket", "b", {}, {}, false, getPackage());
  `);
  const failed = await project.run(up);
  expect(failed.result).toBe("failed");
  expect(errors(failed).join("\n")).toContain(
    "parameterized packages (b2, of plugin terraform-provider) are not supported by the embedded engine",
  );
  expect(errors(failed).join("\n")).toContain("--engine pulumi");
});

test("a stack reference reads another stack's outputs, secrets as secrets", async () => {
  project.things([{ name: "a", inputs: { value: 1 }, options: { additionalSecretOutputs: ["made"] } }]);
  await project.run(up);
  const { initStack } = jest.requireActual<typeof import("../../engine")>("../../engine");
  await initStack({ ...project.options, stack: "other" });
  project.program(`
    const pulumi = require("@pulumi/pulumi");
    const dev = new pulumi.StackReference("organization/sample/dev");
    exports.seen = dev.getOutput("a");
  `);
  const read = await project.run(up, { stack: "other" });
  expect(errors(read)).toEqual([]);
  expect(read.outputs).toEqual({ seen: "[secret]" });
});

test("a resource passed through a component's outputs is found again", async () => {
  project.program(`
    const pulumi = require("@pulumi/pulumi");
    const { Thing } = require("./testing");
    const a = new Thing("a", { value: 1 });
    const b = new Thing("b", { value: a });
    exports.kind = b.value === undefined ? "plain" : "reference";
  `);
  const done = await project.run(up);
  expect(errors(done)).toEqual([]);
  expect(JSON.stringify(project.resource("b").inputs)).toContain("5cf8f73096256a8f31e491e813e4eb8e");
  expect((await project.run(up)).changes).toEqual({ same: 3 });
});

test("a dynamic provider's resource lives and dies", async () => {
  project.program(`
    const pulumi = require("@pulumi/pulumi");
    class Echo extends pulumi.dynamic.Resource {
      constructor(name, text) {
        super({
          async create(inputs) { return { id: "echo-1", outs: { said: inputs.text + "!" } }; },
          async delete() {},
        }, name, { text, said: undefined });
      }
    }
    exports.said = new Echo("e", "hello").said;
  `);
  const made = await project.run(up);
  expect(errors(made)).toEqual([]);
  expect(made.outputs).toEqual({ said: "hello!" });
  expect((await project.run(destroy)).result).toBe("succeeded");
});

test("a resource is taken into the state without the program, which can then declare it", async () => {
  project.things([{ name: "a", inputs: { value: 1 } }]);
  await project.run(up);
  writeFileSync(join(project.providerDir, "b-1-1.resource"), JSON.stringify({ value: 3 }));
  const request = { type: "testing:index:Thing", name: "b", id: "b-1-1", protect: true };
  const done = await project.run(importExisting, { import: [request] });
  expect(errors(done)).toEqual([]);
  expect(done.changes).toEqual({ same: 2, import: 1 });
  expect(project.resource("b")).toMatchObject({ id: "b-1-1", protect: true, inputs: { value: 3 } });
  expect(project.resource("a").id).toBeDefined();
  expect((await project.run(importExisting, { import: [{ ...request, id: "other" }] })).result).toBe(
    "failed",
  );
  // It is there already.
  expect((await project.run(importExisting, { import: [request] })).changes).toEqual({ same: 3 });

  project.things([
    { name: "a", inputs: { value: 1 } },
    { name: "b", inputs: { value: 3 }, options: { protect: true } },
  ]);
  expect((await project.run(up)).changes).toEqual({ same: 3 });
});

test("resources are imported below each other, from a provider of their own, with some of their inputs", async () => {
  project.things([
    { name: "cloud", kind: "provider", inputs: { account: "one" } },
    { name: "top", kind: "group" },
  ]);
  await project.run(up);
  const urnOf = (type: string, name: string): string => `urn:pulumi:dev::sample::${type}::${name}`;
  writeFileSync(join(project.providerDir, "b-1-1.resource"), JSON.stringify({ value: 3, list: [1] }));
  writeFileSync(join(project.providerDir, "c-1-1.resource"), JSON.stringify({ value: 4 }));
  const thing = { type: "testing:index:Thing", protect: false };
  const below = urnOf("testing:index:Group$testing:index:Thing", "b");
  const done = await project.run(importExisting, {
    import: [
      // The child first: it waits for its parent.
      { ...thing, name: "c", id: "c-1-1", parent: below },
      {
        ...thing,
        name: "b",
        id: "b-1-1",
        parent: urnOf("testing:index:Group", "top"),
        provider: urnOf("pulumi:providers:testing", "cloud"),
        properties: ["value"],
      },
    ],
  });
  expect(errors(done)).toEqual([]);
  expect(steps(done)).toEqual(["import b", "import c"]);
  expect(project.resource("b")).toMatchObject({ inputs: { value: 3 }, urn: below });
  expect(project.resource("b").provider).toContain("::cloud::");
  expect(project.resource("c")).toMatchObject({ inputs: { value: 4 }, parent: below });
  // What needs something comes after it, so that either engine reads the state.
  const order = project.state().resources.map(({ urn }) => urn.split("::").pop());
  expect(order.indexOf("top")).toBeLessThan(order.indexOf("b"));
  expect(order.indexOf("b")).toBeLessThan(order.indexOf("c"));
  await expect(
    project.run(importExisting, {
      import: [{ ...thing, name: "d", id: "d", provider: urnOf("a:b:C", "x") }],
    }),
  ).rejects.toThrow("is not in the state");
});
