/** Since 3.269 an SDK asks whether a resource exists (`ExistsResource`), which the SDK of the lock file does not know. */
import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { preview, up } from "../../engine";
import { newestDependencies } from "./installs";
import { errors, steps, TestProject } from "./testProject";

jest.setTimeout(300_000);

const project = new TestProject();
afterAll(() => project.remove());

const asks = (more = "") => `
const pulumi = require("@pulumi/pulumi");
const { Thing, Provider } = require("./testing");
const exists = (id, options) =>
  pulumi.runtime.existsResource("testing:index:Thing", id, { value: 1 }, { version: "1.0.0", ...options });
const thing = new Thing("thing", { value: 1 });
exports.there = exists(thing.id);
exports.missing = exists("no-such-thing");
${more}
`;

it("a program asks its provider whether a resource exists; nothing of it gets into the state", async () => {
  await project.init();
  rmSync(join(project.dir, "node_modules"));
  symlinkSync(join(await newestDependencies(), "node_modules"), join(project.dir, "node_modules"));
  project.program(asks());
  const planned = await project.run(preview);
  expect(errors(planned)).toEqual([]);
  expect(planned.outputs).toMatchObject({ missing: false });
  const made = await project.run(up);
  expect(errors(made)).toEqual([]);
  expect(steps(made)).toEqual(["create thing"]);
  expect(made.outputs).toEqual({ there: true, missing: false });
  expect(project.state().resources).toHaveLength(3);
});

it("a provider whose configuration is not known yet is not asked", async () => {
  project.program(
    asks(`
const other = new Thing("other", { value: 2 });
const provider = new Provider("later", { setting: other.made });
exports.later = exists("no-such-thing", { provider });
`),
  );
  const planned = await project.run(preview);
  expect(errors(planned)).toEqual([]);
  // Outputs that are not known are left out.
  expect(planned.outputs).toEqual({ there: true, missing: false });
  const made = await project.run(up);
  expect(errors(made)).toEqual([]);
  expect(made.outputs).toMatchObject({ later: false });
});
