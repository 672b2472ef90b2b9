/** A job that changes, on a real swarm. */
import { preview, up } from "../../engine";
import type { SwarmJobArgs } from "../../index";
import { checkout, DaemonProject } from "../providers/daemonProject";

jest.setTimeout(120_000);

const project = new DaemonProject("job-changes");

beforeAll(() =>
  project.start(
    (host) => `import * as docker from "@pulumi/docker";
import { SwarmJob } from "${checkout}/index";
const provider = new docker.Provider("swarm", { host: ${JSON.stringify(host)} });
new SwarmJob("job", { image: "test:1", command: ["true"], ...JSON.parse(process.env.JOB ?? "{}") }, { provider });
`,
  ),
);

afterAll(async () => {
  delete process.env.JOB;
  await project.remove();
});

/** What `up` does, and then the jobs that there are. */
async function change(args: Partial<SwarmJobArgs>): Promise<[string[], string]> {
  process.env.JOB = JSON.stringify(args);
  const { said, steps } = await project.run(up);
  expect(said).toEqual([]);
  expect((await project.run(preview)).changes).toEqual({ same: expect.any(Number) });
  return [
    steps.filter((step) => step.endsWith(" job-job")),
    await project.daemon.docker("service", "ls", "--format", "{{.Name}} {{.Mode}}"),
  ];
}

it("runs again in place, and is made anew for what the swarm cannot change", async () => {
  const [, first] = await change({});
  expect(first).toBe("job replicated job");
  expect(await change({ completions: 2 })).toEqual([["update job-job"], "job replicated job"]);
  const [mode, everywhere] = await change({ everyNode: true });
  expect(mode).toContain("create-replacement job-job");
  expect(everywhere).toBe("job global job");
  const [name, renamed] = await change({ everyNode: true, serviceName: "other" });
  expect(name).toContain("create-replacement job-job");
  expect(renamed).toBe("other global job");
});
