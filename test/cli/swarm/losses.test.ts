/** Which data a deletion would take along: from states as they are, and what there really is on a daemon. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StateResource } from "../../../cli/swarm/clusters";
import { type Candidate, candidatesOf, lossesOf } from "../../../cli/swarm/data/losses";
import type { Member } from "../../../cli/swarm/swarm";
import { writeTombstone } from "../../../machine/store";
import { DockerDaemon } from "../../providers/dockerDaemon";

jest.setTimeout(120_000);

const urn = (type: string, name: string): string => `urn:pulumi:dev::lab::${type}::${name}`;
const clusterType = "vmcluster:index:SwarmCluster";
const cluster = urn(clusterType, "c");
const provider = urn(`${clusterType}$pulumi:providers:docker`, "c-docker");

function machine(name: string, driver: string): StateResource[] {
  const type = `${clusterType}$vmcluster:index:Machine`;
  const own = urn(type, name);
  const inputs = { stdin: JSON.stringify({ name, driver }) };
  return [
    { urn: own, type: "vmcluster:index:Machine", parent: cluster },
    {
      urn: urn(`${type}$command:local:Command`, `${name}-vm`),
      type: "command:local:Command",
      parent: own,
      inputs,
    },
  ];
}

function service(name: string, mounts: object[], constraints: string[] = []): StateResource {
  return {
    urn: urn("vmcluster:index:SwarmService$docker:index/service:Service", name),
    type: "docker:index/service:Service",
    provider: `${provider}::id`,
    outputs: { name, taskSpec: { containerSpec: { mounts }, placement: { constraints } } },
  };
}

const state = (driver: string, ...more: StateResource[]): StateResource[] => [
  {
    urn: cluster,
    type: clusterType,
    outputs: {
      nodes: ["m1", "m2"].map((name, index) => ({
        name,
        role: index === 0 ? "manager" : "worker",
        address: "127.0.0.1",
        privateAddress: `192.168.56.1${index}`,
      })),
    },
  },
  ...machine("m1", driver),
  ...machine("m2", driver),
  {
    urn: provider,
    type: "pulumi:providers:docker",
    parent: cluster,
    inputs: { host: "ssh://m1", sshOpts: '["-F","/x"]' },
  },
  ...more,
];

const bind = (source: string) => ({ type: "bind", source, target: "/data", readOnly: false });
const told = (resources: StateResource[], deleted = resources.map((one) => one.urn)): string[] =>
  candidatesOf(resources, new Set(deleted)).map(
    ({ service: whose, machine: on, source }) => `${whose}:${source}@${on}`,
  );

it("finds the data on machines that go, where constraints let it be", () => {
  const resources = state(
    "qemu",
    service("redis", [bind("/var/lib/vmcluster/redis")], ["node.role==manager"]),
    service("db", [{ type: "volume", source: "rows", target: "/rows", readOnly: false }]),
    service("seen", [{ ...bind("/srv"), readOnly: true }]),
    service("there", [bind("/srv")], ["node.hostname == m2"]),
    service("elsewhere", [bind("/srv")], ["node.hostname != m2", "node.role != manager"]),
  );
  expect(told(resources)).toEqual([
    "redis:/var/lib/vmcluster/redis@m1",
    "db:rows@m1",
    "db:rows@m2",
    "there:/srv@m2",
  ]);
  // Only the second machine goes.
  const second = resources.filter(({ urn: one }) => one.endsWith("::m2-vm")).map((one) => one.urn);
  expect(told(resources, second)).toEqual(["db:rows@m2", "there:/srv@m2"]);
  // Services alone may go: their data stays.
  expect(told(resources, [resources.at(-1)?.urn ?? ""])).toEqual([]);
});

it("finds the data on machines that a SwarmMember made nodes of a swarm", () => {
  const type = "vmcluster:index:Machine$command:local:Command";
  const vm = (name: string): StateResource => ({
    urn: urn(type, `${name}-vm`),
    type: "command:local:Command",
    inputs: { stdin: JSON.stringify({ name, driver: "qemu" }) },
  });
  const member: StateResource = {
    urn: urn("vmcluster:index:SwarmMember$command:local:Command", "extra-member"),
    type: "command:local:Command",
    // Its standard input is secret: there is a token in it.
    inputs: { create: "swarm-join", stdin: { ciphertext: "v1:x" } },
    dependencies: [vm("extra").urn],
  };
  const db = service("db", [{ type: "volume", source: "rows", target: "/rows", readOnly: false }]);
  const resources = [...state("qemu", db), vm("extra"), vm("alone"), member];
  const beside = [vm("extra").urn, vm("alone").urn];
  expect(told(resources, beside)).toEqual(["db:rows@extra"]);
});

it("counts of existing hosts only what is removed there, and volumes that go themselves", () => {
  const resources = state(
    "generic",
    service("redis", [bind("/var/lib/vmcluster/redis")], ["node.role==manager"]),
    service("db", [{ type: "volume", source: "rows", target: "/rows" }, bind("/var/lib/vmclusters")]),
    {
      urn: urn("docker:index/volume:Volume", "v"),
      type: "docker:index/volume:Volume",
      provider: `${provider}::id`,
      outputs: { name: "v" },
    },
  );
  expect(told(resources)).toEqual(["redis:/var/lib/vmcluster/redis@m1", ":v@m1"]);
});

describe("what there is", () => {
  let daemon: DockerDaemon;
  let folder: string;
  beforeAll(async () => {
    daemon = await DockerDaemon.start();
    folder = mkdtempSync(join(tmpdir(), "vmcluster-losses-"));
  });
  afterAll(async () => {
    await daemon?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is told with its size; empty and missing folders are no data", async () => {
    for (const name of ["full one", "empty"]) mkdirSync(join(folder, name));
    writeFileSync(join(folder, "full one/x"), "12345");
    const member: Member = { name: "here", daemon: { kind: "unix", socket: daemon.socket } };
    const candidate = (type: "bind" | "volume", source: string): Candidate => ({
      service: "s",
      machine: "here",
      type,
      source,
      member,
    });
    const folders = ["full one", "empty", "missing"].map((name) => candidate("bind", join(folder, name)));
    const found = await lossesOf(folders);
    const size = Number(
      execFileSync("du", ["-sb", join(folder, "full one")], { encoding: "utf8" }).split("\t")[0],
    );
    expect(found).toEqual([{ ...folders[0], size }]);
  });

  it("may be anything in a volume of a Docker that does not answer", async () => {
    await daemon.docker("volume", "create", "rows");
    const [volume] = await daemon.json<[{ Mountpoint: string }]>("volume", "inspect", "rows");
    writeFileSync(join(volume.Mountpoint, "x"), "12345");
    const candidate = (source: string, socket: string): Candidate => ({
      service: "s",
      machine: "here",
      type: "volume",
      source,
      member: { name: "here", daemon: { kind: "unix", socket } },
    });
    const there = ["rows", "none"].map((name) => candidate(name, daemon.socket));
    expect(await lossesOf(there)).toEqual([{ ...there[0], size: expect.any(Number) }]);
    const down = there.map(({ source }) => candidate(source, join(folder, "no.sock")));
    expect(await lossesOf(down)).toEqual(down.map((one) => ({ ...one, size: undefined })));
  });

  it("may be anything on a machine that does not answer", async () => {
    const daemonThere = {
      kind: "ssh",
      host: "127.0.0.1",
      port: 1,
      options: [],
      user: undefined,
      socket: undefined,
    } as const;
    const unreachable: Candidate = {
      service: "",
      machine: "gone",
      type: "volume",
      source: "v",
      member: { name: "gone", daemon: daemonThere },
    };
    expect(await lossesOf([unreachable])).toEqual([{ ...unreachable, size: undefined }]);
    // A machine whose record was lost may have data; one that a person has removed has none.
    const ofService = { ...unreachable, service: "db" };
    process.env.VMCLUSTER_HOME = mkdtempSync(join(tmpdir(), "vmcluster-losses-"));
    try {
      expect(await lossesOf([ofService])).toEqual([{ ...ofService, size: undefined }]);
      mkdirSync(join(process.env.VMCLUSTER_HOME, "machines"));
      writeTombstone("gone", { cluster: "blue", condition: "ok" });
      expect(await lossesOf([ofService])).toEqual([]);
    } finally {
      rmSync(process.env.VMCLUSTER_HOME, { recursive: true });
      delete process.env.VMCLUSTER_HOME;
    }
  });
});
