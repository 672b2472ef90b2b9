import { up } from "../../engine";
import { newestSdk, sdkWarning } from "../../engine/sdk";
import { errors, TestProject } from "./testProject";

jest.setTimeout(60_000);

/** What the engine says it supports: all but what `mockUnsupported` names. */
const mockUnsupported = new Set<string>();
jest.mock("../../engine/monitorService", () => {
  const real = jest.requireActual("../../engine/monitorService");
  const some = () => [...real.features].filter(([name]) => !mockUnsupported.has(name));
  return {
    ...real,
    features: {
      get: (name: string) => new Map(some()).get(name),
      has: (name: string) => new Map(some()).has(name),
      values: () => new Map(some()).values(),
    },
  };
});

test("an SDK newer than those of the tests is a warning", () => {
  expect(sdkWarning("3.248.0")).toBeUndefined();
  expect(sdkWarning(newestSdk)).toBeUndefined();
  expect(sdkWarning("3.999.0")).toBe(
    `the program's Pulumi SDK 3.999.0 is newer than ${newestSdk}, the newest that the embedded engine was tested with`,
  );
  expect(sdkWarning("4.0.0")).toBeDefined();
});

describe("an SDK that does not mark secrets", () => {
  const project = new TestProject();
  afterAll(() => project.remove());

  test("is an error before anything is done, and nothing gets into the state", async () => {
    await project.init();
    project.program(`
      const pulumi = require("@pulumi/pulumi");
      const { Thing } = require("./testing");
      new Thing("a", { value: pulumi.secret("hunter2") });
      exports.password = pulumi.secret("hunter2");
    `);
    mockUnsupported.add("secrets");
    const refused = await project.run(up);
    expect(refused.result).toBe("failed");
    expect(errors(refused)).toEqual([
      expect.stringMatching(/^the Pulumi SDK 3\.\d+\.\d+ of this program does not mark secrets/),
    ]);
    expect(project.existing()).toEqual([]);
    expect(project.state().text).not.toContain("hunter2");

    mockUnsupported.clear();
    const done = await project.run(up);
    expect(errors(done)).toEqual([]);
    expect(project.existing()).toEqual(["a"]);
    expect(project.state().text).not.toContain("hunter2");
  });
});
