/** `up --rollback-on-failure`, with the engine in this process and a real daemon. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { up as upCommand } from "../../../cli/operate";
import type { ApiServiceSpec } from "../../../cli/swarm/api";
import * as connecting from "../../../cli/swarm/connect";
import { putBack, servicesBefore } from "../../../cli/swarm/stackRollback";
import { preview, setConfig } from "../../../engine";
import { UserError } from "../../../host/userError";
import { checkout, DaemonProject } from "../../providers/daemonProject";

jest.setTimeout(300_000);

const project = new DaemonProject("rolling");
const flags = {
  cwd: project.dir,
  engine: "embedded",
  yes: true,
  nonInteractive: true,
  color: "never",
  rollbackOnFailure: true,
} as const;
const variables = { VMCLUSTER_HOME: project.options.backendDir, PULUMI_CONFIG_PASSPHRASE: "test" };
let told = "";

const program = (host: string, services: string): string => `
import * as docker from "@pulumi/docker";
import { SwarmConfig, SwarmSecret, SwarmService } from "${checkout}/index";
const provider = new docker.Provider("swarm", { host: "${host}" });
const common = { image: "test:1", stopGracePeriod: "1s" };
/** What the api uses: all of it is another one when the content is. */
function using(content: string) {
  const site = new SwarmConfig("site", { data: content }, { provider });
  const key = new SwarmSecret("key", { data: content }, { provider });
  return { env: { RELEASE: content }, configs: [site.file("/site")], secrets: [key.file("key")] };
}
${services}
`;
const first = `
const limit = (soft) => ({ ulimits: { nofile: { soft, hard: 99 } } });
new SwarmService("api", { ...common, ...limit(77), ...using("1") }, { provider });
new SwarmService("web", { ...common, env: { RELEASE: "1" } }, { provider });`;
/** The api is updated and an agent made before the update of the web fails. */
const second = `
const limit = (soft) => ({ ulimits: { nofile: { soft, hard: 99 } } });
const api = new SwarmService("api", { ...common, ...limit(78), ...using("2") }, { provider });
const agent = new SwarmService("agent", common, { provider });
const bad = { ...common, command: ["false"], restartPolicy: { condition: "none" }, env: { RELEASE: "2" } };
new SwarmService("web", bad, { provider, dependsOn: [api, agent] });`;

beforeAll(async () => {
  Object.assign(process.env, variables);
  jest.spyOn(process.stdout, "write").mockReturnValue(true);
  jest.spyOn(process.stderr, "write").mockImplementation((text) => {
    told += String(text);
    return true;
  });
  await project.start((host) => program(host, first));
});

afterAll(async () => {
  jest.restoreAllMocks();
  for (const name of Object.keys(variables)) delete process.env[name];
  await project.remove();
});

const release = (name: string): Promise<string> =>
  project.daemon.docker("service", "inspect", "--format", "{{.Spec.TaskTemplate.ContainerSpec.Env}}", name);
const limits = (): Promise<string> =>
  project.daemon.docker(
    "service",
    "inspect",
    "--format",
    "{{.Spec.TaskTemplate.ContainerSpec.Ulimits}}",
    "api",
  );
const services = async (): Promise<string[]> =>
  (await project.daemon.docker("service", "ls", "--format", "{{.Name}} {{.Replicas}}")).split("\n").sort();

const withConfigs = (spec: ApiServiceSpec, Configs: readonly object[]): ApiServiceSpec => {
  const { TaskTemplate } = spec;
  const ContainerSpec = { ...TaskTemplate.ContainerSpec, Configs };
  return { ...spec, TaskTemplate: { ...TaskTemplate, ContainerSpec } };
};
const used = async (): Promise<string[]> =>
  Promise.all(
    ["config", "secret"].map((kind) => project.daemon.docker(kind, "ls", "--format", "{{.ID}} {{.Name}}")),
  );

it("puts the services back to what they were, with what they use, and fails", async () => {
  expect(await upCommand(flags)).toBe(0);
  expect(told).toBe("");
  const before = await used();
  for (const one of before) expect(one).toMatch(/^\w+ (site|key)-\w+$/);

  writeFileSync(join(project.dir, "index.ts"), program(project.daemon.host, second));
  expect(await upCommand(flags)).toBe(1);
  expect(told).toContain("The update failed, and the services of the stack run as before it.");
  expect(told).toMatch(/put back: (api, web|web, api)\n {2}removed again: agent\n/);
  expect([await release("api"), await release("web")]).toEqual(["[RELEASE=1]", "[RELEASE=1]"]);
  expect(await limits()).toBe("[nofile=77:99]");
  expect(await services()).toEqual(["api 1/1", "web 1/1"]);
  expect(await used()).toEqual(before);
});

it("leaves a state that is true: the program's changes are still to be made", async () => {
  const { changes } = await project.run(preview);
  expect(changes).toMatchObject({ create: 1, update: 3, replace: 2 });
  writeFileSync(join(project.dir, "index.ts"), program(project.daemon.host, first));
  const back = await project.run(preview);
  // The command that sets limits was told others last.
  expect(back.steps.filter((step) => !step.startsWith("delete"))).toEqual(["update api-fields"]);
});

it("does so by the stack's setting too", async () => {
  const bySetting = { ...flags, rollbackOnFailure: undefined };
  const setting = { ...project.options, key: "vmcluster:rollbackOnFailure", secret: false };
  await setConfig({ ...setting, value: "yes" });
  writeFileSync(join(project.dir, "index.ts"), program(project.daemon.host, second));
  const undone = jest.fn(async () => undefined);
  await expect(upCommand(bySetting, undone)).rejects.toMatchObject({
    what: 'vmcluster:rollbackOnFailure is "yes"',
    remedy: "use true or false",
  });
  expect(undone).toHaveBeenCalledTimes(1);
  await setConfig({ ...setting, value: "true" });
  told = "";
  expect(await upCommand(bySetting)).toBe(1);
  expect(told).toContain("put back: ");
  expect([await release("api"), await release("web")]).toEqual(["[RELEASE=1]", "[RELEASE=1]"]);
  expect(await services()).toEqual(["api 1/1", "web 1/1"]);
});

it("puts back what it can where the swarm refuses a service as it was", async () => {
  const saved = await servicesBefore(project.options, (line) => expect(line).toBe(""));
  for (const name of ["api", "web"])
    await project.daemon.docker("service", "update", "--env-add", "X=1", name);
  const lost = [
    { ConfigID: "gone", ConfigName: "gone", File: { Name: "/site", UID: "0", GID: "0", Mode: 292 } },
  ];
  const damaged = saved.map(({ cluster, services }) => ({
    cluster,
    services: services?.map((service) =>
      service.spec.Name === "api" ? { ...service, spec: withConfigs(service.spec, lost) } : service,
    ),
  }));
  const { back, failed } = await putBack(damaged, project.options, () => undefined);
  expect(failed).toEqual([expect.stringMatching(/^api: .*gone/)]);
  expect(back).toEqual(["web"]);
  expect(await release("web")).toBe("[RELEASE=1]");
  await putBack(saved, project.options, () => undefined);
  expect(await release("api")).toBe("[RELEASE=1]");
});

it("goes on where no manager answers, as what the update may mend, and says what that means", async () => {
  const connect = jest.spyOn(connecting, "connect");
  connect.mockRejectedValueOnce(new UserError("no manager answers"));
  told = "";
  expect(await upCommand(flags)).toBe(1);
  connect.mockRestore();
  expect(told).toContain("warning: if this update fails, services cannot be put back: no manager answers\n");
  expect(told).toMatch(/The update failed\.\n {2}not as before: swarm: it did not answer before the update/);
  expect(await release("api")).toBe("[RELEASE=2]");
});
