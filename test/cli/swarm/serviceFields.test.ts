import { rolledBack } from "../../../cli/swarm/rollback";
import {
  lookAtFields,
  resetFields,
  type ServiceFieldsSpec,
  serviceFieldsSpec,
  setFields,
} from "../../../cli/swarm/serviceFields";
import { quietly, Swarm } from "../../../cli/swarm/swarm";
import { fieldsMark, type TaskFields } from "../../../components/service/taskFields";
import { DockerApi } from "../../../providers/docker/api";
import { expandService } from "../../../providers/docker/expandService";
import type { ApiService } from "../../../providers/docker/flattenService";
import type { JsonObject } from "../../../providers/docker/json";
import type { PropertyMap } from "../../../providers/rpc/values";
import { DockerDaemon } from "../../providers/dockerDaemon";

/** On a real swarm of one node, with services written as Pulumi's docker plugin writes them: whole, without these fields. */
jest.setTimeout(180_000);

let daemon: DockerDaemon;
let api: DockerApi;
const operation = quietly(new AbortController().signal);
beforeAll(async () => {
  daemon = await DockerDaemon.start();
  // Two updates a moment after one another leave more than the usual five tasks, and the one that tells why may be gone.
  await daemon.docker("swarm", "update", "--task-history-limit", "30");
  await daemon.makeImage("test:1");
  await daemon.docker("tag", "test:1", "test:2");
  api = new DockerApi({ kind: "unix", socket: daemon.socket });
});
afterAll(async () => {
  api.close();
  await daemon.remove();
});

const said: string[] = [];
const progress = (line: string): number => said.push(line);
beforeEach(() => said.splice(0));

const ulimits: TaskFields = { ulimits: { nofile: { soft: 77, hard: 99 } } };

/** What the program gives. */
const service = (name: string, image: string, fields: TaskFields | undefined = ulimits) => ({
  name,
  labels: fields ? [{ label: "vmcluster.fields", value: fieldsMark(fields) }] : [],
  taskSpec: { containerSpec: { image, stopGracePeriod: "1s" } },
  mode: { replicated: { replicas: 1 } },
  updateConfig: { failureAction: "rollback", monitor: "2s" },
});
type Given = ReturnType<typeof service>;

const spec = (serviceId: string, given: Given, fields = ulimits): ServiceFieldsSpec =>
  serviceFieldsSpec.parse({ host: daemon.host, serviceId, service: given, fields, timeout: "1m" });

const body = (given: Given): JsonObject => expandService(given as unknown as PropertyMap);

const inspect = (id: string): Promise<ApiService> => api.get(`/services/${id}`, operation);

async function write(id: string, wanted: JsonObject): Promise<void> {
  for (let tries = 1; ; tries++) {
    const query = { version: (await inspect(id)).Version.Index };
    try {
      return void (await api.post(`/services/${id}/update`, operation, { query, body: wanted }));
    } catch (error) {
      if (tries === 5 || !String(error).includes("out of sequence")) throw error;
    }
  }
}

async function make(given: Given): Promise<string> {
  return (await api.post<{ ID: string }>("/services/create", operation, { body: body(given) })).ID;
}

const seen = ({ TaskTemplate }: JsonObject): unknown => {
  const { Image, Ulimits } = (TaskTemplate as { ContainerSpec: JsonObject }).ContainerSpec;
  return [Image, Ulimits];
};
const limits = [{ Name: "nofile", Hard: 99, Soft: 77 }];

it("sets them, and so that the swarm goes back to what ran before", async () => {
  const one = service("back", "test:1");
  const id = await make(one);
  const look = () => lookAtFields({ host: daemon.host, serviceId: id, fields: ulimits }, progress);
  expect(await look()).toMatch(/^not as wanted: ulimits \(version \d+ of the service\)$/);
  await setFields(spec(id, one), progress);
  expect(said).toContain("setting ulimits");
  expect(said.at(-1)).toBe("1/1 running");
  expect(await look()).toBe("ok");
  expect(seen((await inspect(id)).Spec)).toEqual(["test:1", limits]);

  const swarm = new Swarm(
    { name: "c", managers: [], members: [] },
    { name: "m", daemon: { kind: "unix", socket: daemon.socket } },
    30_000,
  );
  await expect(rolledBack(swarm, "back", progress)).rejects.toMatchObject({
    what: "service back cannot be rolled back",
    why: expect.stringContaining("made in two steps"),
  });

  const two = service("back", "test:2");
  await write(id, body(two));
  await setFields(spec(id, two), progress);
  expect(seen((await inspect(id)).Spec)).toEqual(["test:2", limits]);
  await rolledBack(swarm, "back", progress);
  expect(seen((await inspect(id)).Spec)).toEqual(["test:1", limits]);
  swarm.close();
});

it("fails with why the swarm rolled an update back, and tries again", async () => {
  const good = service("rolled", "test:1");
  const id = await make(good);
  await setFields(spec(id, good), progress);
  const bad = service("rolled", "nowhere:1");
  for (const _ of ["first", "again"]) {
    await write(id, body(bad));
    await expect(setFields(spec(id, bad), progress)).rejects.toMatchObject({
      what: expect.stringMatching(/^service rolled did not converge: its update is rollback completed/),
      why: "its tasks say: No such image: nowhere:1",
    });
    expect(seen((await inspect(id)).Spec)).toEqual(["test:1", limits]);
  }
  // Nothing was written meanwhile: what is there is what the swarm went back to.
  const other = service("rolled", "test:2");
  await setFields(spec(id, other), progress);
  expect(said).toContain("updating the service, which was rolled back");
  expect(seen((await inspect(id)).Spec)).toEqual(["test:2", limits]);
});

it("goes on where a run was killed between its two updates", async () => {
  const one = service("cut", "test:1");
  const id = await make(one);
  await setFields(spec(id, one), progress);
  const before = (await inspect(id)).Spec;
  const two = service("cut", "test:2");
  await write(id, body(two));
  await write(id, before);
  await setFields(spec(id, two), progress);
  expect(said).toContain("going on with an update that had stopped");
  expect(seen((await inspect(id)).Spec)).toEqual(["test:2", limits]);
  await setFields(spec(id, two), progress);
  expect(said.filter((line) => /setting|going on/.test(line)).slice(2)).toEqual([]);
});

it("takes them off again, unless the service is to have them or is gone", async () => {
  const one = service("reset", "test:1");
  const id = await make(one);
  await setFields(spec(id, one), progress);
  await resetFields(spec(id, one), progress);
  expect(seen((await inspect(id)).Spec)).toEqual(["test:1", limits]);
  const { Labels: _, ...unlabelled } = (await inspect(id)).Spec;
  await write(id, unlabelled);
  await resetFields(spec(id, one), progress);
  expect(seen((await inspect(id)).Spec)).toEqual(["test:1", undefined]);
  await daemon.docker("service", "rm", "reset");
  await resetFields(spec(id, one), progress);
  await expect(setFields(spec(id, one), progress)).rejects.toThrow("service reset is gone");
});

it("sets what Docker 25 knows, or says that an older one does not", async () => {
  const fields: TaskFields = {
    seccomp: "unconfined",
    apparmor: "disabled",
    noNewPrivileges: true,
    pidsLimit: 9,
  };
  const given = service("newer", "test:1", fields);
  const id = await make(given);
  const { ApiVersion } = await api.get<JsonObject>("/version", operation);
  const set = setFields(spec(id, given, fields), progress);
  if (Number(String(ApiVersion).split(".")[1]) < 44) {
    await expect(set).rejects.toMatchObject({
      what: "service newer: its swarm does not know seccomp, apparmor, noNewPrivileges",
      remedy: "that needs Docker 25 (API 1.44), on all nodes; or leave it out",
    });
  } else {
    await set;
    const { Privileges } = ((await inspect(id)).Spec.TaskTemplate as { ContainerSpec: JsonObject })
      .ContainerSpec;
    expect(Privileges).toMatchObject({
      Seccomp: { Mode: "unconfined" },
      AppArmor: { Mode: "disabled" },
      NoNewPrivileges: true,
    });
    const container = await daemon.docker(
      "ps",
      "-q",
      "--filter",
      "label=com.docker.swarm.service.name=newer",
    );
    expect(await daemon.docker("exec", container, "cat", "/proc/self/status")).toMatch(
      /NoNewPrivs:\t1\n.*Seccomp:\t0\n/s,
    );
  }
});

it("does not hold a preview up when the swarm does not answer", async () => {
  const question = { host: "unix:///nowhere/docker.sock", serviceId: "x", fields: ulimits };
  expect(await lookAtFields(question, progress)).toBe("ok");
  expect(said.join()).toMatch(/not looked at: cannot reach the Docker daemon/);
});
