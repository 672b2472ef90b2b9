import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { nodeImageId } from "../../machine/image/ensure";
import { checkSpec } from "../../machine/readSpec";
import { machineStatus } from "../../machine/status";
import { writeMachine, writeTombstone } from "../../machine/store";
import { record, spec, useTemporaryHome } from "./temporaryHome";

const home = useTemporaryHome();

let swarmSshConfig: string;

beforeEach(() => {
  swarmSshConfig = join(home(), "machines/.blue.ssh_config");
  // As if the golden image were built: what is needed to build it is tested on its own.
  const dir = join(home(), "images", `node-${nodeImageId("trixie")}`);
  mkdirSync(dir, { recursive: true });
  mkdirSync(join(home(), "machines"));
  writeFileSync(join(dir, "image.json"), '{"suite":"trixie","images":[]}');
});

it("is ok for machines that were never made", async () => {
  expect(await machineStatus([spec(), spec({ name: "vm2" })])).toEqual({
    vm1: { condition: "ok", swarmSshConfig },
    vm2: { condition: "ok", swarmSshConfig },
  });
});

it("tells a machine whose emulator is gone from one that was removed by hand", async () => {
  writeMachine(record());
  writeFileSync(join(home(), "machines/vm1/disk.qcow2"), "");
  writeTombstone("vm2", { cluster: "blue", condition: "repair 1: stopped" });
  expect(await machineStatus([spec({ ports: [4000] }), spec({ name: "vm2" })])).toEqual({
    vm1: {
      condition: "repair 1: stopped",
      machine: expect.objectContaining({ name: "vm1" }),
      swarmSshConfig,
    },
    vm2: { condition: "repair 2: gone", swarmSshConfig },
  });
});

it("refuses a name that another cluster has", async () => {
  writeMachine(record());
  await expect(machineStatus([spec({ cluster: "green" })])).rejects.toThrow(
    /"vm1": the name is taken[\s\S]*"blue"/,
  );
});

it("refuses a machine that a person or another program made, unless it may be taken over", async () => {
  writeMachine(record());
  const ours = spec({ owner: "demo/dev", ports: [4000] });
  await expect(machineStatus([ours])).rejects.toThrow(
    /"vm1": the name is taken[\s\S]*by hand[\s\S]*adopt: true/,
  );
  writeMachine(record({ spec: spec({ owner: "demo/prod" }) }));
  await expect(machineStatus([ours])).rejects.toThrow(/belongs to the stack demo\/prod/);
  await expect(machineStatus([spec()])).rejects.toThrow(/demo\/prod[\s\S]*machine rm vm1/);
  expect(Object.keys(await machineStatus([{ ...ours, adopt: true }]))).toEqual(["vm1"]);
  await expect(machineStatus([{ ...ours, cluster: "red", adopt: true }])).rejects.toThrow(
    /clusterName: "blue"/,
  );
});

it("restores how the swarm is reached, which follows from the records", async () => {
  writeMachine(record());
  await machineStatus([spec({ ports: [4000] })]);
  expect(existsSync(swarmSshConfig)).toBe(false);
  writeMachine(record({ swarm: { founder: "f", manager: true } }));
  await machineStatus([spec({ ports: [4000] })]);
  expect(readFileSync(swarmSshConfig, "utf8")).toContain("HostKeyAlias vm1");
});

it("keeps what a machine has in the fields of ignoreChanges", async () => {
  writeMachine(record());
  writeFileSync(join(home(), "machines/vm1/disk.qcow2"), "");
  const changed = spec({ memory: 2048, ports: [5000] });
  const { vm1 } = await machineStatus([{ ...changed, ignoreChanges: ["memory", "ports"] }]);
  expect(vm1).toMatchObject({ condition: "repair 1: stopped", kept: { memory: 1024, ports: [4000] } });
  const absent = await machineStatus([{ ...changed, name: "vm2", ignoreChanges: ["memory"] }]);
  expect(absent.vm2).toEqual({ condition: "ok", swarmSshConfig });
});

it.each(["0.0.0.0", "::"])("refuses a port that another program has on %s", async (host) => {
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, host, () => resolve((server.address() as { port: number }).port)),
  );
  try {
    await expect(machineStatus([spec({ ports: [port] })])).rejects.toThrow(`port ${port} is already in use`);
    writeMachine(record());
    await expect(machineStatus([spec({ ports: [port] })])).rejects.toThrow(`port ${port} is already in use`);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

it("refuses service images that nothing builds", async () => {
  const image = "vmcluster.internal/nothing:1";
  await expect(machineStatus([spec({ images: [image] })])).rejects.toThrow(`images: "${image}" is unknown`);
});

it("refuses more memory than the host has", async () => {
  await expect(machineStatus([spec({ memory: 1_048_576 })])).rejects.toThrow(/memory: 1048576 MiB is more/);
});

it("names the packages of programs that are missing", async () => {
  const path = process.env.PATH;
  process.env.PATH = join(home(), "nothing");
  try {
    await expect(machineStatus([spec()])).rejects.toThrow(
      /needs qemu-system-x86_64[\s\S]*apt-get install qemu-system-x86 qemu-utils/,
    );
  } finally {
    process.env.PATH = path;
  }
});

it("names the managers that go, as long as they are there", async () => {
  const manages = (name: string, manager = true) => {
    writeMachine(record({ spec: spec({ name }), swarm: { founder: "f", manager } }));
    writeFileSync(join(home(), `machines/${name}/disk.qcow2`), "");
  };
  for (const name of ["vm1", "vm2"]) manages(name);
  manages("vm3", false);
  // Its disk is gone.
  writeMachine(record({ spec: spec({ name: "vm4" }), swarm: { founder: "f", manager: true } }));
  expect((await machineStatus([spec()])).vm1?.otherManagers).toEqual({ vm2: "f" });
  const all = await machineStatus([spec(), spec({ name: "vm2" })]);
  expect(all.vm1).not.toHaveProperty("otherManagers");
});

describe("what is seldom meant", () => {
  const warnings = async (...specs: Parameters<typeof machineStatus>[0]) => {
    const said: string[] = [];
    await machineStatus(specs, (text) => said.push(text));
    return said;
  };

  it("is more CPUs than the host has, and more memory together", async () => {
    const cpus = availableParallelism();
    expect(await warnings(spec({ cpus }))).toEqual([]);
    expect(await warnings(spec({ cpus: 64 }))).toEqual([
      `machine "vm1": cpus: 64 is more than this host's ${cpus}`,
    ]);
    const memory = Math.floor(totalmem() / 2 ** 20) - 1;
    expect(await warnings(spec({ memory }), spec({ name: "vm2", memory }))).toEqual([
      expect.stringMatching(
        /^memory: the 2 machines to be made have \d+ MiB together, more than this host's/,
      ),
    ]);
  });
});

it("refuses the network of others for a cluster that is to be made, not of one that is there", async () => {
  const subnet = "8.8.8.0/24";
  await expect(machineStatus([spec({ subnet })])).rejects.toThrow(
    /"vm1": subnet: "8\.8\.8\.0\/24" is not a private/,
  );
  writeMachine(record({ spec: spec({ subnet }) }));
  await machineStatus([spec({ name: "vm2", subnet })]);
  await expect(machineStatus([spec({ name: "g1", cluster: "green", subnet })])).rejects.toThrow(
    /not a private/,
  );
});

describe("an existing host that is no machine yet", () => {
  const key = () => {
    const file = join(home(), "id");
    if (!existsSync(file)) execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
    return file;
  };
  const host = (name: string, more: object = {}) =>
    checkSpec({
      name,
      cluster: "blue",
      driver: "generic",
      host: "127.0.0.1",
      sshPort: 1,
      identity: key(),
      ...more,
    });

  it("is refused without a key that can be used", async () => {
    await expect(machineStatus([host("h1", { identity: "/nowhere/id" })])).rejects.toThrow(
      /machine "h1": identity: "\/nowhere\/id" cannot be read/,
    );
  });

  it("is refused in a preview if it cannot be reached, each of them", async () => {
    const questions = ["h1", "h2"].map((name) => ({ ...host(name), lookAtHost: true }));
    await expect(machineStatus(questions)).rejects.toThrow(
      /machine "h1": host "127\.0\.0\.1" does not answer SSH on port 1[\s\S]*machine "h2": host/,
    );
    expect(Object.keys(await machineStatus([host("h1")]))).toEqual(["h1"]);
  }, 30_000);
});
