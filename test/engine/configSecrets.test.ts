/** Secrets of the configuration that a program uses as plain text are shown nowhere; what a stack reference makes secret. */
import { destroy, preview, refresh, up } from "../../engine";
import { Builtins } from "../../engine/builtins";
import { Secret } from "../../engine/values";
import { ProgramHost } from "./programHost";
import { TestProject } from "./testProject";

jest.setTimeout(120_000);

const host = new ProgramHost();
afterAll(() => host.close());

const program = `const pulumi = require("@pulumi/pulumi");
const { Thing } = require("./testing");
const config = new pulumi.Config();
const plain = config.get("word");
exports.plain = plain;
exports.json = JSON.stringify({ line: config.get("lines") });
exports.list = ["before " + plain + " after", config.getObject("nested").inner.key];
const a = new Thing("a", { value: "value " + plain });
class Group extends pulumi.ComponentResource {
  constructor() { super("test:index:Group", "g", {}); this.registerOutputs({ plain }); }
}
new Group();
exports.resource = a;
pulumi.log.warn("warned of " + plain);
console.log("printed " + plain);
if (process.env.TEST_FAILS) throw new Error("failed with " + plain);
`;

test("in no event of any operation", async () => {
  const project = new TestProject();
  try {
    await project.init();
    const secrets = { word: "hunter2secret", lines: 'two\n"lines"', key: "xyz" };
    await project.config({
      "sample:word": { $secret: secrets.word },
      "sample:lines": { $secret: secrets.lines },
      "sample:nested": { open: "shown", inner: { key: { $secret: secrets.key } } },
    });
    project.program(program);
    for (const operation of [preview, up, preview, refresh, destroy]) {
      const { events, result } = await project.run(operation, { runProgram: host.run });
      expect(result).toBe("succeeded");
      const told = JSON.stringify(events);
      for (const text of [secrets.word, "two\\n", "two\\\\n", secrets.key]) expect(told).not.toContain(text);
      // A resource that is an output is marked for the engine only.
      expect(told).not.toContain("@isPulumiResource");
    }
  } finally {
    await project.remove();
  }
});

test("an output with a secret anywhere in it is a secret one of a stack reference", async () => {
  const outputs = {
    plain: 1,
    list: [1, new Secret("s")],
    deep: { a: { b: new Secret("s") } },
    all: new Secret(1),
  };
  const builtins = new Builtins(
    () => undefined,
    async () => outputs,
  );
  const urn = "urn:pulumi:dev::sample::pulumi:pulumi:StackReference::base";
  const read = await builtins.read({ urn, id: "base", inputs: { name: "base" }, outputs: {}, timeout: 0 });
  expect(read.outputs).toEqual({ name: "base", outputs, secretOutputNames: ["all", "deep", "list"] });
});
