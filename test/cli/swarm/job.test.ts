import { type JobSpec, jobSpec, removeJob, runJob } from "../../../cli/swarm/job";
import { DockerDaemon } from "../../providers/dockerDaemon";

/** Jobs on a real swarm of one node. */
jest.setTimeout(180_000);

let daemon: DockerDaemon;
beforeAll(async () => {
  daemon = await DockerDaemon.start();
  await daemon.makeImage("test:1");
});
afterAll(() => daemon.remove());

const said: string[] = [];
const progress = (line: string): number => said.push(line);
beforeEach(() => said.splice(0));

const job = (name: string, script: string, more: Partial<JobSpec> = {}): JobSpec =>
  jobSpec.parse({
    host: daemon.host,
    owner: "shop/dev",
    service: { name, taskSpec: { containerSpec: { image: "test:1", commands: ["sh", "-c", script] } } },
    run: {},
    retries: 0,
    timeout: "1m",
    ...more,
  });

const completed = async (name: string): Promise<number> => {
  const states = await daemon.docker("service", "ps", name, "--format", "{{.CurrentState}}");
  return states.split("\n").filter((state) => state.startsWith("Complete")).length;
};
const names = () => daemon.docker("service", "ls", "--format", "{{.Name}}");

it("runs as many tasks as are wanted to their end, and again when it changes", async () => {
  const spec = job("three", "true", { run: { completions: 3, concurrency: 2 } });
  const first = await runJob(spec, undefined, progress);
  expect(await completed("three")).toBe(3);
  expect(said.at(-1)).not.toBe("3 of 3 tasks ended well");
  const mode = await daemon.json("service", "inspect", "three", "--format", "{{json .Spec.Mode}}");
  expect(mode).toEqual({ ReplicatedJob: { TotalCompletions: 3, MaxConcurrent: 2 } });

  expect(await runJob({ ...spec, again: "2" }, first, progress)).toEqual(first);
  const status = await daemon.json<{ JobIteration: { Index: number } }>(
    ...["service", "inspect", "three", "--format", "{{json .JobStatus}}"],
  );
  expect(status.JobIteration.Index).toBeGreaterThan(0);
  await removeJob(spec, first, progress);
  await removeJob(spec, first, progress);
  expect(await names()).toBe("");
});

it("runs once on every node, with the limits of its processes", async () => {
  const limits = { ulimits: { nofile: { soft: 77, hard: 99 } }, run: { everyNode: true } };
  const spec = job("everywhere", 'test "$(ulimit -n) $(ulimit -H -n)" = "77 99"', limits);
  const { serviceId } = await runJob(spec, undefined, progress);
  expect(await completed("everywhere")).toBe(1);
  await removeJob(spec, { serviceId }, progress);
});

it("fails with what its tasks said, and does not stay", async () => {
  const spec = job("bad", "echo no such table: users; exit 3");
  await expect(runJob(spec, undefined, progress)).rejects.toMatchObject({
    what: "job bad failed: 0 of 1 tasks ended well",
    why: expect.stringMatching(/non-zero exit \(3\).*\n {2}no such table: users/s),
  });
  expect(await names()).toBe("");
});

it("tries a task again as often as it may", async () => {
  await daemon.docker("volume", "create", "tries");
  const second = "test -e /tries/once || { touch /tries/once; exit 1; }";
  const spec = job("flaky", second, { retries: 1 });
  Object.assign(spec.service.taskSpec.containerSpec as object, {
    mounts: [{ type: "volume", source: "tries", target: "/tries" }],
  });
  const { serviceId } = await runJob(spec, undefined, progress);
  expect(said).toContain("0 of 1 tasks ended well, 1 failed");
  await removeJob(spec, { serviceId }, progress);
});

it("does not wait for ever", async () => {
  const spec = job("slow", "sleep 100", { timeout: "3s" });
  await expect(runJob(spec, undefined, progress)).rejects.toThrow(
    "job slow did not end in 3s (timeout): 0 of 1 tasks ended well",
  );
  expect(await names()).toBe("");
});

it("goes on with a job that a killed run made, but leaves other services alone", async () => {
  const spec = job("mine", "true");
  await runJob(spec, undefined, progress);
  await runJob(spec, undefined, progress);
  expect(said).toContain("running the job again");
  await expect(runJob({ ...spec, owner: "other/dev" }, undefined, progress)).rejects.toMatchObject({
    what: "a service named mine exists already",
    why: "it is another program's job",
  });
  await daemon.docker("service", "rm", "mine");
});
