import { destroy, preview, refresh, up } from "../../engine";
import { errors, steps, TestProject } from "./testProject";

jest.setTimeout(60_000);

describe("a stack's life", () => {
  const project = new TestProject();
  afterAll(() => project.remove());

  test("create, change, replace, delete, and nothing when nothing changed", async () => {
    await project.init();
    project.things([
      { name: "a", inputs: { value: 1 } },
      { name: "b", inputs: { value: { $ref: "a.made" } } },
    ]);
    const first = await project.run(preview);
    expect(errors(first)).toEqual([]);
    expect(steps(first)).toEqual(["create a", "create b"]);
    expect(project.existing()).toEqual([]);

    const created = await project.run(up);
    expect(errors(created)).toEqual([]);
    expect(created).toMatchObject({
      result: "succeeded",
      changes: { create: 3 },
      outputs: { a: "made-1", b: 'made-"made-1"' },
    });
    expect(project.existing()).toEqual(["a", "b"]);
    expect(project.resource("b")).toMatchObject({
      parent: "urn:pulumi:dev::sample::pulumi:pulumi:Stack::sample-dev",
      dependencies: ["urn:pulumi:dev::sample::testing:index:Thing::a"],
      propertyDependencies: { value: ["urn:pulumi:dev::sample::testing:index:Thing::a"] },
    });
    expect(project.resource("b").provider).toMatch(
      /^urn:pulumi:dev::sample::pulumi:providers:testing::default_1_0_0::[0-9a-f-]{36}$/,
    );

    project.forgetCalls();
    const second = await project.run(up);
    expect(second).toMatchObject({ result: "succeeded", changes: { same: 3 } });
    expect(project.calls("create", "update", "delete")).toEqual([]);

    project.things([
      { name: "a", inputs: { value: 2, size: 1 } },
      { name: "b", inputs: { value: 5 } },
    ]);
    const changed = await project.run(up);
    expect(errors(changed)).toEqual([]);
    expect(steps(changed).filter((step) => step !== "update b")).toEqual([
      "create-replacement a",
      "replace a",
      "delete-replaced a",
    ]);
    expect(changed.changes).toEqual({ same: 1, replace: 1, update: 1 });
    expect(project.existing()).toEqual(["a", "b"]);

    project.things([{ name: "b", inputs: { value: 5 } }]);
    const less = await project.run(up);
    expect(steps(less)).toEqual(["delete a"]);
    expect(project.existing()).toEqual(["b"]);

    const gone = await project.run(destroy);
    expect(gone).toMatchObject({ result: "succeeded", changes: { delete: 2 } });
    expect(project.existing()).toEqual([]);
    expect(project.state().resources).toEqual([]);

    const again = await project.run(destroy);
    expect(again).toMatchObject({ result: "succeeded", changes: {} });
  });
});

test("a proxy in the environment does not come between the engine, programs and providers", async () => {
  const project = new TestProject();
  const before = { ...process.env };
  process.env.http_proxy = "http://127.0.0.1:9";
  process.env.no_proxy = "example.org";
  try {
    await project.init();
    project.things([{ name: "a", inputs: { value: 1 } }]);
    expect(errors(await project.run(up))).toEqual([]);
    expect(project.existing()).toEqual(["a"]);
  } finally {
    process.env = before;
    project.remove();
  }
});

test("a refresh leaves no empty lists of dependencies in the state file", async () => {
  const project = new TestProject();
  try {
    await project.init();
    project.things([{ name: "a", inputs: { value: 1 } }]);
    expect(errors(await project.run(up))).toEqual([]);
    expect(project.resource("a").propertyDependencies).toEqual({ value: [] });
    const read = await project.run(refresh);
    expect(errors(read)).toEqual([]);
    expect(read.stateChanged).toBe(false);
    expect(project.resource("a").propertyDependencies).toBeUndefined();
  } finally {
    await project.remove();
  }
});
