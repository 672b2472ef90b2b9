/** What a run leaves in the history, as Pulumi 3.248.0 writes it (seen with the same configuration). */
import { up } from "../../engine";
import { Backend } from "../../engine/backend";
import { TestProject } from "./testProject";

jest.setTimeout(60_000);

const project = new TestProject();
afterAll(() => project.remove());

it("keeps configuration as text, objects and lists, with secrets encrypted", async () => {
  await project.init();
  await project.config({
    "sample:s": "text",
    "sample:i": 5,
    "sample:b": true,
    "sample:p": { $secret: "geheim" },
    "sample:o": { a: 1, l: ["x"], z: { $secret: "topf" } },
  });
  project.program("exports.a = 1;");
  await project.run(up);
  const [entry] = await new Backend(project.backendDir).history("sample", "dev");
  const secure = { secure: expect.stringMatching(/^v1:/) };
  expect(entry?.config).toEqual({
    "sample:s": "text",
    "sample:i": "5",
    "sample:b": "true",
    "sample:p": secure,
    "sample:o": { a: 1, l: ["x"], z: secure },
  });
});
