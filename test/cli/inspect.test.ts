import { type CommandUnderTest, eachTestOn } from "./command";

/** What there is to look at a stack with, and flags that steer an operation, on a small program. */
jest.setTimeout(240_000);

const program = `
const pulumi = require("@pulumi/pulumi");
const { local } = require("@pulumi/command");
const first = new local.Command("first", { create: "echo one" });
new local.Command("second", { create: "echo two", environment: { ONE: first.stdout } });
exports.port = new pulumi.Config().requireObject("server").ports[1];
`;

let vmcluster: CommandUnderTest;
eachTestOn(program, (made) => {
  vmcluster = made;
});

it("sets structured configuration, plans in JSON, replaces on demand, draws the graph", async () => {
  await vmcluster.ok("stack", "init", "dev");
  await vmcluster.ok("config", "set", "--path", "server.ports[1]", "8080");
  expect((await vmcluster.ok("config", "get", "--path", "server.ports[1]")).stdout).toBe("8080\n");
  expect((await vmcluster.run(["config", "get", "--path", "server.host"])).code).toBe(1);

  const plan = JSON.parse((await vmcluster.ok("preview", "--json")).stdout);
  expect(plan.changeSummary).toEqual({ create: 3 });
  expect(
    plan.steps.map(({ op, urn }: { op: string; urn: string }) => `${op} ${urn.split("::").pop()}`),
  ).toEqual(["create lab-dev", "create first", "create second"]);

  await vmcluster.ok("up", "--yes", "--skip-preview");
  expect((await vmcluster.ok("stack", "output", "port")).stdout).toBe("8080\n");
  const graph = (await vmcluster.ok("stack", "graph", "-")).stdout;
  expect(graph).toMatch(/^strict digraph \{\n/);
  expect(graph.match(/#246C60/g)).toHaveLength(1);

  const first = "urn:pulumi:dev::lab::command:local:Command::first";
  const replaced = await vmcluster.ok("preview", "--replace", first, "--refresh");
  expect(replaced.stdout).toContain("1 to replace");
  const unknown = await vmcluster.run(["preview", "--target", `${first}x`]);
  expect(unknown.code).toBe(1);
  expect(unknown.stdout + unknown.stderr).toContain("could not be found in the stack");

  const none = await vmcluster.run(["preview", "--engine", "pulumi"], { env: { PATH: "/bin:/usr/bin" } });
  expect(none.code).toBe(1);
  expect(none.stderr).toContain("there is no pulumi on PATH");
});
