import * as pulumi from "@pulumi/pulumi";
import { known, Recorder } from "./mocks";

const recorder = new Recorder();
recorder.start();

import { SwarmCluster } from "../../index";

/** Waits until everything that was asked for is registered. */
async function settled(cluster: SwarmCluster): Promise<void> {
  await known(pulumi.output(cluster.urn));
  await known(cluster.nodes);
  await new Promise((resolve) => setTimeout(resolve, 200));
}

describe("SwarmCluster", () => {
  let cluster: SwarmCluster;
  beforeAll(async () => {
    recorder.conditions = { my2: "repair 1: stopped" };
    cluster = new SwarmCluster("my", { nodeCount: 3, memory: 2048, ports: [4000] });
    await settled(cluster);
  });

  it("asks once about all machines before any is registered", () => {
    expect(recorder.asked).toHaveLength(1);
    expect(
      recorder.asked[0]?.map(({ name, memory, privateAddress }) => ({ name, memory, privateAddress })),
    ).toEqual([
      { name: "my1", memory: 2048, privateAddress: "192.168.56.11" },
      { name: "my2", memory: 2048, privateAddress: "192.168.56.12" },
      { name: "my3", memory: 2048, privateAddress: "192.168.56.13" },
    ]);
  });

  it("asks with the very specs that it applies", () => {
    const applied = [1, 2, 3].map(
      (n) => JSON.parse(recorder.one(`my-vm${n}-vm`).inputs.stdin as string) as object,
    );
    expect(recorder.asked[0]).toEqual(applied);
  });

  it("hands each machine its condition, so that drift is a difference", () => {
    const conditions = [1, 2, 3].map((n) => recorder.one(`my-vm${n}-vm`).inputs.environment);
    expect(conditions).toEqual([
      { VMCLUSTER_CONDITION: "ok" },
      { VMCLUSTER_CONDITION: "repair 1: stopped" },
      { VMCLUSTER_CONDITION: "ok" },
    ]);
  });

  it("makes the swarm on the first node; all are made its nodes", () => {
    const { stdin, triggers } = recorder.one("my-swarm").inputs;
    expect(JSON.parse(stdin as string)).toEqual({
      cluster: "my",
      managers: ["my1"],
      machineIds: ["my1-made-once"],
      options: {},
    });
    expect(triggers).toEqual(["my1-made-once"]);
    const nodes = [1, 2, 3].map((n) => JSON.parse(recorder.one(`my-node${n}`).inputs.stdin as string));
    expect(nodes).toEqual(
      [1, 2, 3].map((n) => ({
        machine: `my${n}`,
        machineId: `my${n}-made-once`,
        role: n === 1 ? "manager" : "worker",
        labels: {},
        managers: ["my1"],
      })),
    );
  });

  it("keeps tokens and private keys secret", async () => {
    expect(await pulumi.isSecret(cluster.workerToken)).toBe(true);
    expect(await pulumi.isSecret(cluster.managerToken)).toBe(true);
    expect(await pulumi.isSecret(cluster.unlockKey)).toBe(true);
    const plain = JSON.stringify(recorder.resources, (_key, value) =>
      value !== null && typeof value === "object" && "4dabf18193072939515e22adb298388d" in value
        ? "[secret]"
        : value,
    );
    expect(plain).not.toMatch(/SWMTKN|SWMKEY/);
    expect(plain).not.toContain("PRIVATE KEY");
  });

  it("gives services a Docker provider of the swarm, not of one of its managers", () => {
    expect(recorder.one("my-docker").inputs).toMatchObject({
      host: "ssh://my",
      sshOpts: JSON.stringify(["-F", "/home/cluster_ssh_config"]),
    });
  });

  it("tells the nodes and how to log in", async () => {
    expect(await known(cluster.nodes)).toEqual([
      { name: "my1", role: "manager", address: "127.0.0.1", privateAddress: "192.168.56.11" },
      { name: "my2", role: "worker", address: "127.0.0.2", privateAddress: "192.168.56.12" },
      { name: "my3", role: "worker", address: "127.0.0.3", privateAddress: "192.168.56.13" },
    ]);
    expect(await known(cluster.ssh)).toMatchObject({ my2: "ssh -F /home/my2/ssh_config my2" });
  });

  it.each([0, -1, 51, 1.5, Number.NaN])("refuses %p nodes and says what is allowed", (nodeCount) => {
    expect(() => new SwarmCluster("bad", { nodeCount })).toThrow(/nodeCount: .* 1 to 50 nodes/);
  });

  it("knows machines that stay before they are changed", async () => {
    recorder.machines = {
      kept1: recorder.machine("kept1", "kept"),
      kept2: recorder.machine("kept2", "kept"),
    };
    const kept = new SwarmCluster("kept", {});
    await settled(kept);
    expect(recorder.one("kept-swarm").inputs.triggers).toEqual(["kept"]);
  });

  it("keeps the swarm as long as one of its managers stays", async () => {
    const place = { founder: "first", manager: true };
    recorder.machines = { ha2: recorder.machine("ha2", "b"), ha3: recorder.machine("ha3", "c") };
    recorder.swarm = { ha1: place, ha2: place, ha3: place };
    const cluster = new SwarmCluster("ha", {
      nodeCount: 3,
      managers: 3,
      nodeLabels: { ha2: { disk: "ssd" } },
    });
    await settled(cluster);
    expect(recorder.one("ha-swarm").inputs.triggers).toEqual(["first"]);
    expect(JSON.parse(recorder.one("ha-node2").inputs.stdin as string)).toMatchObject({
      role: "manager",
      labels: { disk: "ssd" },
      managers: ["ha1", "ha2", "ha3"],
    });
    expect((await known(cluster.nodes)).map(({ role }) => role)).toEqual(["manager", "manager", "manager"]);
  });

  it("keeps the swarm of managers that are to be workers, or to go, when the only one to be is lost", async () => {
    const place = { founder: "first", manager: true };
    recorder.machines = { few2: recorder.machine("few2", "b"), few3: recorder.machine("few3", "c") };
    recorder.swarm = { few1: place, few2: place, few3: place };
    await settled(new SwarmCluster("few", { nodeCount: 3 }));
    expect(recorder.one("few-swarm").inputs.triggers).toEqual(["first"]);

    recorder.swarm = { less1: place };
    recorder.otherManagers = { less2: "first", less3: "first" };
    await settled(new SwarmCluster("less", { nodeCount: 1 }));
    expect(recorder.one("less-swarm").inputs.triggers).toEqual(["first"]);
    recorder.otherManagers = undefined;
  });

  it("has another swarm when only workers are left of it", async () => {
    const place = { founder: "first", manager: false };
    recorder.machines = { sad2: recorder.machine("sad2", "b") };
    recorder.swarm = { sad1: { ...place, manager: true }, sad2: place };
    await settled(new SwarmCluster("sad", { nodeCount: 3, managers: 3 }));
    expect(recorder.one("sad-swarm").inputs.triggers).toEqual(["sad1-made-once"]);
  });

  it.each([
    [
      2,
      /managers: 2 is not allowed; with 2 managers a swarm stops when 1 of them fail, as with 1: take 1 or 3/,
    ],
    [5, /managers: 5 is not allowed; the cluster has 3 nodes/],
    [9, /a swarm has 1, 3, 5 or 7 managers/],
  ])("refuses %p managers with the reason", (managers, message) => {
    expect(() => new SwarmCluster("bad", { nodeCount: 3, managers })).toThrow(message);
  });
});

it("has no suite but the image asked for, which makes other machines when it changes", async () => {
  const other = new SwarmCluster("pulled", { nodeCount: 1, image: "debian-13" });
  await settled(other);
  const { stdin, triggers } = recorder.one("pulled-vm1-vm").inputs as { stdin: string; triggers: string[] };
  expect(JSON.parse(stdin)).toMatchObject({ image: "debian-13" });
  expect(JSON.parse(stdin)).not.toHaveProperty("suite");
  expect(recorder.asked.at(-1)).toEqual([JSON.parse(stdin)]);
  expect(JSON.parse(recorder.one("pulled-image-build").inputs.stdin as string)).toEqual({
    image: "debian-13",
  });
  expect(triggers).toEqual(["pulled1", "pulled", "qemu", "192.168.56.0/24", "192.168.56.11", "debian-13"]);
  // Those of machines that have none are what they were, so that nobody's machines are replaced.
  expect(recorder.one("my-vm1-vm").inputs.triggers).toEqual([
    "my1",
    "my",
    "qemu",
    "192.168.56.0/24",
    "192.168.56.11",
  ]);
});
