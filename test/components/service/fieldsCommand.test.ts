/** Services with what the Docker plugin has no fields for, on a real daemon. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportStack, preview, refresh, up } from "../../../engine";
import type { ServiceArgs } from "../../../index";
import { checkout, DaemonProject } from "../../providers/daemonProject";

jest.setTimeout(240_000);

const project = new DaemonProject("fields");
const file = join(project.dir, "services.json");
const write = (services: Record<string, Omit<ServiceArgs, "image"> & { image?: string }>): void =>
  writeFileSync(
    file,
    JSON.stringify(
      Object.fromEntries(
        Object.entries(services).map(([name, args]) => [
          name,
          { image: "test:1", stopGracePeriod: "1s", updateConfig: { monitor: "1s" }, ...args },
        ]),
      ),
    ),
  );

beforeAll(() => {
  process.env.SERVICES = file;
  return project.start(() => `import "${checkout}/test/components/service/fieldsProgram";\n`);
});
afterAll(async () => {
  delete process.env.SERVICES;
  await project.remove();
});

const spec = <T>(path: string, name = "web"): Promise<T> =>
  project.daemon.json("service", "inspect", name, "--format", `{{json .Spec.TaskTemplate.${path}}}`);

async function containers(name: string): Promise<string[]> {
  const label = `label=com.docker.swarm.service.name=${name}`;
  return (await project.daemon.docker("ps", "-q", "--filter", label)).split("\n");
}

/** Open files that the process of each running task may have: soft and hard. A process that is started beside it may have others (runc). */
async function openFiles(name: string): Promise<string[]> {
  const limits = (await containers(name)).map((id) =>
    project.daemon.docker("exec", id, "cat", "/proc/1/limits"),
  );
  return (await Promise.all(limits)).map(
    (text) => /^Max open files +(\d+ +\d+)/m.exec(text)?.[1]?.replace(/ +/, " ") ?? text,
  );
}

const nothing = { result: "succeeded", said: [], steps: [] };
async function expectNothingToChange(): Promise<void> {
  expect(await project.run(preview)).toMatchObject(nothing);
  expect(await project.run(up)).toMatchObject(nothing);
  expect(await project.run(refresh)).toMatchObject({ result: "succeeded", said: [] });
  expect(await project.run(preview)).toMatchObject(nothing);
}

it("makes tasks that have them, and then has nothing to change", async () => {
  write({
    web: {
      replicas: 2,
      ulimits: { nofile: { soft: 77, hard: 99 }, core: { soft: 0, hard: -1 } },
      env: { PASSWORD: "hunter2" },
    },
    console: { tty: true, stdinOpen: true, pidsLimit: 33, mode: "global" },
  });
  const made = await project.run(up);
  expect(made).toMatchObject({ result: "succeeded" });
  expect(await openFiles("web")).toEqual(["77 99", "77 99"]);
  const [id = ""] = await containers("console");
  expect(await project.daemon.json("inspect", id, "--format", "{{json .Config}}")).toMatchObject({
    Tty: true,
    OpenStdin: true,
  });
  expect(await project.daemon.docker("inspect", id, "--format", "{{.HostConfig.PidsLimit}}")).toBe("33");
  const { deployment } = await exportStack({ ...project.options, showSecrets: false });
  expect(JSON.stringify(deployment)).not.toContain("hunter2");
  await expectNothingToChange();
});
