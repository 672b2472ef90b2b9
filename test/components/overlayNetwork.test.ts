/** Networks that change, on a real swarm: what is on them comes to the new one. */

import { destroy, preview, refresh, up } from "../../engine";
import type { OverlayNetworkArgs } from "../../index";
import { checkout, DaemonProject } from "../providers/daemonProject";

jest.setTimeout(240_000);

const project = new DaemonProject("networks");

beforeAll(() => project.start(() => `import "${checkout}/test/components/network";\n`));

afterAll(async () => {
  delete process.env.NETWORK;
  await project.remove();
});

interface Seen {
  readonly Id: string;
  readonly Name: string;
  readonly Options: Record<string, string>;
  readonly Attachable: boolean;
  readonly Internal: boolean;
  readonly IPAM: { readonly Config: readonly { readonly Subnet: string }[] };
}

/** The network that the services' tasks are on, besides `other`; the only one there is. */
async function network(): Promise<Seen> {
  const { daemon } = project;
  const names = (await daemon.docker("network", "ls", "-f", "driver=overlay", "--format", "{{.Name}}")).split(
    "\n",
  );
  const left = names.filter((name) => !["ingress", "other"].includes(name));
  expect(left).toHaveLength(1);
  const [seen] = await daemon.json<Seen[]>("network", "inspect", left[0] as string);
  for (const service of ["web", "db", "job"]) {
    const on = await daemon.json<{ Target: string }[]>(
      "service",
      "inspect",
      service,
      "--format",
      "{{json .Spec.TaskTemplate.Networks}}",
    );
    expect(on.map(({ Target }) => Target)).toContain(seen?.Id);
  }
  return seen as Seen;
}

/** `web` is healthy if it reaches `db` by name, so `up` says whether the network works. */
async function change(args: OverlayNetworkArgs): Promise<Seen> {
  process.env.NETWORK = JSON.stringify(args);
  expect(await project.run(up)).toMatchObject({ result: "succeeded", said: [] });
  expect((await project.run(preview)).changes).toEqual({ same: expect.any(Number) });
  return network();
}

it("moves the services to a network of another name", async () => {
  const before = await change({});
  expect(before.Name).toBe("webnet");
  const secure = await change({ encrypted: true });
  expect(secure).toMatchObject({
    Name: expect.stringMatching(/^webnet-[0-9a-f]{12}$/),
    Options: { encrypted: "" },
  });
  const open = await change({ attachable: true, labels: { a: "b", c: "d" } });
  expect(open).toMatchObject({ Name: expect.stringMatching(/^webnet-/), Attachable: true });
  expect(open.Options).not.toHaveProperty("encrypted");
  process.env.NETWORK = JSON.stringify({ labels: { c: "d", a: "b" }, attachable: true });
  expect((await project.run(preview)).changes).toEqual({ same: expect.any(Number) });
});

it("makes a network anew whose subnet stays", async () => {
  const subnets = [{ subnet: "10.77.0.0/24" }];
  const first = await change({ subnets });
  const second = await change({ subnets, internal: true });
  expect(second.Name).not.toBe(first.Name);
  expect(second).toMatchObject({ Internal: true, IPAM: { Config: [{ Subnet: "10.77.0.0/24" }] } });
});

it("makes a network anew whose name stays, after all that is on it has gone", async () => {
  await change({ networkName: "called" });
  process.env.NETWORK = JSON.stringify({ networkName: "called", encrypted: true });
  const { steps } = await project.run(preview);
  expect([...new Set(steps.map((step) => step.split(" ")[1]))].sort()).toEqual([
    "db-service",
    "job-job",
    "web-service",
    "webnet-network",
  ]);
  expect(await change({ networkName: "called", encrypted: true })).toMatchObject({
    Name: "called",
    Options: { encrypted: "" },
  });
  expect(await project.run(refresh)).toMatchObject({ result: "succeeded", said: [] });
  expect((await project.run(preview)).changes).toEqual({ same: expect.any(Number) });
});

it("leaves nothing", async () => {
  await project.ok(destroy);
  expect(await project.daemon.docker("network", "ls", "-q", "-f", "driver=overlay")).toHaveLength(12);
});
