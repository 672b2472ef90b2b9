/** A program that does not come to its end fails, and what it did not reach stays. Run by the SDK's own runner. */
import { up } from "../../engine";
import { ProgramHost } from "./programHost";
import { errors, TestProject } from "./testProject";

jest.setTimeout(240_000);

const head = `const pulumi = require("@pulumi/pulumi");
const Group = (name, options) => new pulumi.ComponentResource("test:index:Group", name, {}, options);
`;

const never = "{ dependsOn: pulumi.output(new Promise(() => {})) }";

const unfinished: Readonly<Record<string, string>> = {
  "a resource waits for a promise that never resolves": `Group("a"); Group("c", ${never}); exports.n = 2;`,
  "the same, and an error is logged": `pulumi.log.error("bad"); Group("a"); Group("c", ${never});`,
  "the program's function never ends":
    'module.exports = async () => { Group("a"); await new Promise(() => {}); Group("b"); };',
  "an output never resolves": 'Group("a"); exports.n = pulumi.output(new Promise(() => {}));',
  "it exits with 0 half-way":
    'module.exports = async () => { await new Promise((done) => Group("a").urn.apply(done)); process.exit(0); Group("b"); };',
};

const finished: Readonly<Record<string, string>> = {
  "it exits with 0 at its end":
    'module.exports = async () => { await new Promise((done) => Group("a").urn.apply(done)); setTimeout(() => process.exit(0), 500); return { n: 2 }; };',
};

const host = new ProgramHost();
afterAll(() => host.close());

/** Names that are left of `a` and `b` after the program. */
async function after(program: string): Promise<{ result: string; left: string[]; errors: string[] }> {
  const project = new TestProject();
  try {
    await project.init();
    project.program(`${head} Group("a"); Group("b"); exports.n = 1;`);
    await project.run(up, { runProgram: host.run });
    project.program(head + program);
    const run = await project.run(up);
    const left = project.state().resources.map(({ urn }) => urn.split("::").at(-1) ?? "");
    return {
      result: run.result,
      left: left.filter((name) => /^[ab]$/.test(name)).sort(),
      errors: errors(run),
    };
  } finally {
    await project.remove();
  }
}

test.each(Object.entries(unfinished))("%s", async (_, program) => {
  const { result, left, errors } = await after(program);
  expect({ result, left }).toEqual({ result: "failed", left: ["a", "b"] });
  expect(errors).not.toEqual([]);
});

test.each(Object.entries(finished))("%s, which is an end", async (_, program) => {
  expect(await after(program)).toMatchObject({ result: "succeeded", left: ["a"] });
});
