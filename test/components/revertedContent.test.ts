/** A config and a secret that go back to what they were after an update that failed, on a real swarm. */
import { preview, up } from "../../engine";
import { checkout, DaemonProject } from "../providers/daemonProject";

jest.setTimeout(120_000);

const project = new DaemonProject("reverted");

beforeAll(() =>
  project.start(
    (host) => `import * as docker from "@pulumi/docker";
import { SwarmConfig, SwarmSecret, SwarmService } from "${checkout}/index";
const on = { provider: new docker.Provider("swarm", { host: ${JSON.stringify(host)} }) };
const { data, command } = JSON.parse(process.env.ARGS ?? "{}");
const config = new SwarmConfig("config", { data }, on);
const secret = new SwarmSecret("secret", { data }, on);
const files = { configs: [config.file("/c")], secrets: [secret.file("s")] };
const updateConfig = { failureAction: "pause", monitor: "1s" };
new SwarmService("web", { image: "test:1", command, ...files, updateConfig, stopGracePeriod: "1s" }, on);
`,
  ),
);

afterAll(async () => {
  delete process.env.ARGS;
  await project.remove();
});

const given = (args: { data: string; command?: string[] }): void => {
  process.env.ARGS = JSON.stringify(args);
};
const names = async (): Promise<string[]> => {
  const { daemon } = project;
  const all = await Promise.all(
    ["config", "secret"].map((kind) => daemon.docker(kind, "ls", "--format", "{{.Name}}")),
  );
  return all.flatMap((list) => list.split("\n"));
};

it("are those from before again, and what came between goes", async () => {
  given({ data: "good" });
  await project.ok(up);
  const before = await names();
  given({ data: "bad", command: ["false"] });
  expect((await project.run(up)).result).toBe("failed");
  expect(await names()).toHaveLength(4);
  given({ data: "good" });
  await project.ok(up);
  expect(await names()).toEqual(before);
  expect(await project.run(preview)).toMatchObject({
    result: "succeeded",
    changes: { same: expect.any(Number) },
  });
  given({ data: "other" });
  await project.ok(up);
  expect(await names()).toHaveLength(2);
});
