/** `scale` and what it leaves behind, with the engine in this process and a real daemon: the program stays true. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "../../../cli/swarm/connect";
import { rebalanced } from "../../../cli/swarm/rebalance";
import { scale } from "../../../cli/swarm/scale";
import { type Operation, preview, refresh, up } from "../../../engine";
import { checkout, DaemonProject } from "../../providers/daemonProject";

jest.setTimeout(300_000);

const project = new DaemonProject("scaling");
const projectDir = project.dir;
const flags = {
  cwd: projectDir,
  engine: "embedded",
  yes: true,
  nonInteractive: true,
  color: "never",
  timeout: 60,
} as const;
const variables = { VMCLUSTER_HOME: project.options.backendDir, PULUMI_CONFIG_PASSPHRASE: "test" };
let printed: jest.SpyInstance;

const program = (host: string) => `
import * as docker from "@pulumi/docker";
import { SwarmService } from "${checkout}/index";
const provider = new docker.Provider("swarm", { host: "${host}" });
const common = { image: "test:1", stopGracePeriod: "1s" };
new SwarmService("web", { ...common, replicas: 1, ulimits: { nofile: { soft: 77, hard: 99 } } }, { provider });
new SwarmService("agent", { ...common, mode: "global" }, { provider });
new docker.Service(
  "plain",
  { name: "plain", taskSpec: { containerSpec: { image: "test:1" } }, mode: { replicated: { replicas: 0 } } },
  { provider, ignoreChanges: ["*"] },
);
`;

beforeAll(async () => {
  Object.assign(process.env, variables);
  printed = jest.spyOn(process.stdout, "write").mockReturnValue(true);
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
  await project.start(program);
});

afterAll(async () => {
  jest.restoreAllMocks();
  for (const name of Object.keys(variables)) delete process.env[name];
  await project.remove();
});

async function run(operation: Operation) {
  const told = await project.run(operation);
  return { ...told, said: told.said.join("\n") };
}

const replicas = (): Promise<string> =>
  project.daemon.docker("service", "inspect", "--format", "{{.Spec.Mode.Replicated.Replicas}}", "web");
const limits = (): Promise<string> =>
  project.daemon.docker(
    "service",
    "inspect",
    "--format",
    "{{.Spec.TaskTemplate.ContainerSpec.Ulimits}}",
    "web",
  );
const config = (): string => readFileSync(join(projectDir, "Pulumi.dev.yaml"), "utf8");
const differences = async (): Promise<string[]> =>
  Object.keys((await run(preview)).changes).filter((op) => op !== "same");

it("scales as a change of the configuration, which the program then says too", async () => {
  expect(await run(up)).toMatchObject({ result: "succeeded" });
  expect(await scale(flags, "web=2")).toBe(0);
  expect(await replicas()).toBe("2");
  // Waited for by the command that sets what the Docker plugin has no fields for.
  expect(
    await project.daemon.docker("service", "ls", "--filter", "name=web", "--format", "{{.Replicas}}"),
  ).toBe("2/2");
  expect(await limits()).toBe("[nofile=77:99]");
  expect(config()).toMatch(/vmcluster:scale:\n\s+web: 2\n/);
  expect(await differences()).toEqual([]);
});

it("leaves nothing for the next preview after a rebalance", async () => {
  const member = { name: "here", daemon: { kind: "unix", socket: project.daemon.socket } } as const;
  const swarm = await connect({ name: "test", managers: [member], members: [member] }, 60_000);
  await rebalanced(swarm, ["web"], { say: () => undefined });
  swarm.close();
  expect(
    await project.daemon.docker(
      "service",
      "inspect",
      "--format",
      "{{.Spec.TaskTemplate.ForceUpdate}}",
      "web",
    ),
  ).toBe("1");
  expect(await limits()).toBe("[nofile=77:99]");
  expect(await differences()).toEqual([]);
  expect(await run(refresh)).toMatchObject({ result: "succeeded", said: "" });
  expect(await differences()).toEqual([]);
});

it("names the services when there is none of that name", async () => {
  await expect(scale(flags, "wbe=3")).rejects.toThrow(
    "no service named 'wbe' runs on this swarm\n  there are: agent, plain, web",
  );
  await expect(scale(flags, "agent=3")).rejects.toThrow(/service agent is global/);
  await expect(scale(flags, "plain=3")).rejects.toThrow(
    /service plain is declared as a plain docker.Service/,
  );
  expect(config()).toMatch(/vmcluster:scale:\n\s+web: 2\n/);
});

it("puts the configuration back if the preview fails", async () => {
  const before = readFileSync(join(projectDir, "index.ts"), "utf8");
  writeFileSync(join(projectDir, "index.ts"), `${before}\nthrow new Error("broken");\n`);
  const old = config();
  expect(await scale(flags, "web=3")).toBe(1);
  expect(config()).toBe(old);
  writeFileSync(join(projectDir, "index.ts"), before);
  expect(await replicas()).toBe("2");
});

it("fails a program that has no service of a configured name, and takes the name out again", async () => {
  const text = config();
  writeFileSync(join(projectDir, "Pulumi.dev.yaml"), text.replace("web: 2", "web: 2\n    gone: 4"));
  const failed = await run(preview);
  expect(failed.result).toBe("failed");
  expect(failed.said).toContain(
    "vmcluster:scale: the program has no service gone that can be scaled; it has agent, web.",
  );
  expect(await scale(flags, "gone=")).toBe(0);
  expect(config()).not.toContain("gone");
  expect(await scale(flags, "web=")).toBe(0);
  expect(await replicas()).toBe("1");
  expect(config()).not.toContain("vmcluster:scale");
  expect(printed).toHaveBeenCalled();
});

it.each([
  ['"many"', 'vmcluster:scale: "many" is not allowed: it must be an object'],
  ["\n    web: many", 'vmcluster:scale.web: "many" is not allowed: it must be a whole number from 0 on'],
  ["\n    agent: 2", "vmcluster:scale has a number of tasks for agent, but it is a global service"],
])("refuses the value %j", async (value, message) => {
  const text = config();
  const salt = text.split("\n").filter((line) => line.startsWith("encryptionsalt"));
  writeFileSync(
    join(projectDir, "Pulumi.dev.yaml"),
    [...salt, "config:", `  vmcluster:scale: ${value}`, ""].join("\n"),
  );
  const failed = await run(preview);
  expect(failed).toMatchObject({ result: "failed", said: expect.stringContaining(message) });
  writeFileSync(join(projectDir, "Pulumi.dev.yaml"), text);
});
