import * as pulumi from "@pulumi/pulumi";
import { known, Recorder } from "./mocks";

const recorder = new Recorder();
recorder.start();

import { SwarmCluster, SwarmJob, type SwarmJobArgs } from "../../index";

const cluster = new SwarmCluster("my");
beforeAll(() => known(cluster.nodes));

it("is run by the machine command, at the address of the swarm's provider", async () => {
  const job = new SwarmJob(
    "migrate",
    {
      image: "api:3",
      command: ["migrate"],
      env: { PASSWORD: pulumi.secret("hush") },
      completions: 2,
      ulimits: { nofile: { soft: 10, hard: 20 } },
    },
    cluster.onSwarm,
  );
  expect(await known(job.serviceId)).toBe("job");
  const { stdin, create, delete: remove } = recorder.one("migrate-job").inputs;
  expect([create, remove]).toEqual(["swarm-job", "swarm-job-rm"]);
  // It holds a secret, and so is one.
  expect(stdin).toHaveProperty("4dabf18193072939515e22adb298388d");
  expect(JSON.parse((stdin as { value: string }).value)).toMatchObject({
    host: "ssh://my",
    owner: "vmcluster/test",
    service: {
      name: "migrate",
      taskSpec: { containerSpec: { image: "api:3", args: ["migrate"], env: { PASSWORD: "hush" } } },
    },
    run: { completions: 2 },
    retries: 0,
    ulimits: { nofile: { soft: 10, hard: 20 } },
    timeout: "15m",
  });
});

it.each<[Partial<SwarmJobArgs>, RegExp]>([
  [{ completions: 0 }, /job "bad": completions: 0 must be at least 1/],
  [{ everyNode: true, completions: 2 }, /completions: is not allowed with everyNode/],
  [{ retries: -1 }, /retries: -1 must not be negative/],
  [{ timeout: "soon" }, /timeout: "soon" must be a duration/],
  [{ ulimits: { files: { soft: 1, hard: 1 } } }, /ulimits\.files: is none of core, cpu/],
  [{ ulimits: { nofile: { soft: 2, hard: 1 } } }, /ulimits.nofile: .*soft limit above the hard one/],
])("refuses %j", (args, message) => {
  expect(() => new SwarmJob("bad", { image: "a", ...args }, cluster.onSwarm)).toThrow(message);
});

it("says what it needs", () => {
  expect(() => new SwarmJob("lost", { image: "a" })).toThrow(/needs a docker provider.*cluster.onSwarm/);
});
