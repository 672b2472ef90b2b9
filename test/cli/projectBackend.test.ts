/** The key `backend.url` of Pulumi.yaml: two engines of one project must not keep two stacks of one name. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandUnderTest, eachTestOn } from "./command";

jest.setTimeout(120_000);

let vmcluster: CommandUnderTest;
eachTestOn("exports.v = 1;", (made) => {
  vmcluster = made;
});

const stacks = (backend: string): string[] => {
  const folder = join(backend, ".pulumi/stacks/lab");
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
};

it("the state is kept where the project says, unless the environment says otherwise", async () => {
  const [inProject, inEnvironment] = ["project-backend", "environment-backend"].map((name) => {
    const folder = join(vmcluster.folder, name);
    mkdirSync(folder);
    return folder;
  }) as [string, string];
  writeFileSync(
    join(vmcluster.project, "Pulumi.yaml"),
    `name: lab\nruntime: nodejs\nbackend:\n  url: file://${inProject}\n`,
  );
  await vmcluster.ok("stack", "init", "here");
  await vmcluster.ok("up", "--yes", "--stack", "here");
  expect((await vmcluster.ok("stack", "output", "v", "--stack", "here")).stdout).toBe("1\n");
  expect(stacks(inProject)).toEqual(["here.json"]);

  const env = { PULUMI_BACKEND_URL: `file://${inEnvironment}` };
  expect((await vmcluster.run(["stack", "init", "there"], { env })).code).toBe(0);
  expect(stacks(inProject)).toEqual(["here.json"]);
  expect(stacks(inEnvironment)).toEqual(["there.json"]);
  expect(stacks(join(vmcluster.home, "pulumi"))).toEqual([]);
  const names = JSON.parse((await vmcluster.ok("stack", "ls", "--json")).stdout) as { name: string }[];
  expect(names.map(({ name }) => name)).toEqual(["here"]);
});
