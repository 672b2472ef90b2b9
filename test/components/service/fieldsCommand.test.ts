/** Services with what the Docker plugin has no fields for, on a real daemon. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { destroy, exportStack, preview, refresh, up } from "../../../engine";
import type { ServiceArgs } from "../../../index";
import { checkout, DaemonProject } from "../../providers/daemonProject";

jest.setTimeout(240_000);

const project = new DaemonProject("fields");
const file = join(project.dir, "services.json");
const quick = { updateConfig: { monitor: "1s", parallelism: 0 } };
const write = (services: Record<string, Omit<ServiceArgs, "image"> & { image?: string }>): void =>
  writeFileSync(
    file,
    JSON.stringify(
      Object.fromEntries(
        Object.entries(services).map(([name, args]) => [
          name,
          { image: "test:1", stopGracePeriod: "1s", ...quick, ...args },
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

const inspect = <T>(path: string): Promise<T> =>
  project.daemon.json("service", "inspect", "web", "--format", `{{json ${path}}}`);
const image = ".TaskTemplate.ContainerSpec.Image";
const limits = ".TaskTemplate.ContainerSpec.Ulimits";

async function containers(name: string): Promise<string[]> {
  const label = `label=com.docker.swarm.service.name=${name}`;
  return (await project.daemon.docker("ps", "-q", "--filter", label)).split("\n");
}

/** Open files that the process of each running task may have: soft and hard. */
const openFiles = async (name: string): Promise<string[]> =>
  Promise.all(
    (await containers(name)).map(async (id) => {
      const pid = await project.daemon.docker("inspect", id, "--format", "{{.State.Pid}}");
      const [, soft, hard] =
        /^Max open files +(\d+) +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, "utf8")) ?? [];
      return `${soft} ${hard}`;
    }),
  );

const nothing = { result: "succeeded", said: [], steps: [] };
async function expectNothingToChange(): Promise<void> {
  expect(await project.run(preview)).toMatchObject(nothing);
  expect(await project.run(up)).toMatchObject(nothing);
  expect(await project.run(refresh)).toMatchObject({ result: "succeeded", said: [] });
  expect(await project.run(preview)).toMatchObject(nothing);
}

const web = { replicas: 2, env: { PASSWORD: "hunter2" } };
const nofile = (soft: number, hard: number) => ({ ulimits: { nofile: { soft, hard } } });

it("makes tasks that have them, and then has nothing to change", async () => {
  write({
    web: { ...web, ulimits: { nofile: { soft: 77, hard: 99 }, core: { soft: 0, hard: -1 } } },
    console: { tty: true, stdinOpen: true, pidsLimit: 33, mode: "global" },
  });
  await project.ok(up);
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

it("changes them in place, with the rest of the service or alone", async () => {
  write({ web: { ...web, ...nofile(78, 98) } });
  const alone = await project.ok(up);
  expect(alone.steps).toEqual(expect.arrayContaining(["update web-service", "update web-fields"]));
  expect(await openFiles("web")).toEqual(["78 98", "78 98"]);
  expect(await project.run(preview)).toMatchObject(nothing);

  await project.daemon.docker("tag", "test:1", "test:2");
  write({ web: { ...web, ...nofile(79, 97), image: "test:2" } });
  await project.ok(up);
  expect(await openFiles("web")).toEqual(["79 97", "79 97"]);
  // What ran before is what the swarm can go back to.
  expect(await inspect(`.PreviousSpec${image}`)).toBe("test:1");
  expect(await inspect(`.PreviousSpec${limits}`)).toEqual([{ Name: "nofile", Soft: 78, Hard: 98 }]);
  expect(await project.run(preview)).toMatchObject(nothing);
});

it("shows in a preview that somebody took them off, and puts them back", async () => {
  await project.daemon.docker("service", "update", "-q", "--ulimit-rm", "nofile", "web");
  expect((await project.run(preview)).steps).toEqual(["update web-fields"]);
  expect((await project.run(up)).steps).toEqual(["update web-fields"]);
  expect(await openFiles("web")).toEqual(["79 97", "79 97"]);
  await expectNothingToChange();
});

it("keeps them when the service is updated for what somebody else changed", async () => {
  await project.daemon.docker("service", "scale", "-d", "web=1");
  await project.ok(refresh);
  await project.ok(up);
  expect(await inspect(".Spec.Mode.Replicated.Replicas")).toBe(2);
  expect(await inspect(`.Spec${limits}`)).toEqual([{ Name: "nofile", Soft: 79, Hard: 97 }]);
});

it("fails with what the tasks say, and then goes on", async () => {
  write({ web: { ...web, ...nofile(79, 97), image: "nowhere:1" } });
  const failed = await project.run(up);
  expect(failed.result).toBe("failed");
  expect(failed.said.join("\n")).toMatch(/service web did not converge: .*\n.*No such image: nowhere:1/);
  write({ web: { ...web, ...nofile(79, 97), image: "test:1" } });
  await project.ok(up);
  expect(await openFiles("web")).toEqual(["79 97", "79 97"]);
  expect(await project.run(preview)).toMatchObject(nothing);
});

it("makes a service anew with them", async () => {
  write({ web: { ...web, ...nofile(79, 97), containerLabels: { a: "b" } } });
  await project.ok(up);
  expect((await openFiles("web")).slice(0, 2)).toEqual(["79 97", "79 97"]);
  expect(await project.run(preview)).toMatchObject(nothing);
});

it("takes them off when they are no longer given", async () => {
  write({ web: { ...web, containerLabels: { a: "b" } } });
  const removed = await project.ok(up);
  expect(removed.steps).toEqual(["update web-service", "delete web-fields"]);
  expect(await inspect(`.Spec${limits}`)).toBeNull();
  await expectNothingToChange();
});

it("leaves nothing", async () => {
  write({ web: { ...web, ...nofile(79, 97) } });
  await project.ok(up);
  expect(await project.run(destroy)).toMatchObject({ result: "succeeded", said: [] });
  expect(await project.daemon.docker("service", "ls", "-q")).toBe("");
});
