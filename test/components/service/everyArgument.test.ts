/** No difference for ever: what every argument makes is, for the next preview, what was asked for. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { preview, refresh, up } from "../../../engine";
import { checkout, DaemonProject } from "../../providers/daemonProject";
import { cases, newerCases } from "./cases";

jest.setTimeout(180_000);

const project = new DaemonProject("arguments");
let newer = false;
beforeAll(async () => {
  await project.start(() => `import "${checkout}/test/components/service/everyArgument";\n`);
  const [, minor] = (await project.daemon.docker("version", "--format", "{{.Server.APIVersion}}")).split(".");
  newer = Number(minor) >= 44;
  process.env.NEWER_DOCKER = newer ? "yes" : "no";
});
afterAll(async () => {
  delete process.env.NEWER_DOCKER;
  await project.remove();
});

const file = { id: "i", name: "n", target: "t" };
const all = cases({ networkId: "n", secret: () => file, config: () => file });

it("has a case for every argument", () => {
  const source = readFileSync(join(checkout, "components/service/args.ts"), "utf8");
  const names = [
    ...source.matchAll(/interface (?:Task|Service)Args (?:extends TaskArgs )?\{([\s\S]*?)\n\}/g),
  ].flatMap(([, fields = ""]) => [...fields.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name));
  const used = new Set([
    "image",
    "serviceName",
    ...Object.values({ ...all, ...newerCases }).flatMap(Object.keys),
  ]);
  expect([...used].sort()).toEqual(names.sort());
});

it("has nothing to change after an up, and after a refresh", async () => {
  const made = await project.run(up);
  expect(made).toMatchObject({ result: "succeeded", said: [] });
  const services = (await project.daemon.docker("service", "ls", "-q")).split("\n").length;
  expect(services).toBe(Object.keys({ ...all, ...(newer ? newerCases : {}) }).length);
  expect((await project.run(preview)).changes).toEqual({ same: made.changes.create });
  const read = await project.run(refresh);
  expect(read).toMatchObject({ result: "succeeded", said: [] });
  expect((await project.run(preview)).changes).toEqual({ same: made.changes.create });
});
