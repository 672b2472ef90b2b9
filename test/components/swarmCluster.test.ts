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

  it("makes the swarm on the first node and joins the others, each by its private address", () => {
    const { stdin, connection } = recorder.one("my-init").inputs;
    expect(stdin).toBe("192.168.56.11");
    // Secret as a whole: it holds the private key.
    expect(connection).toMatchObject({
      value: { host: "127.0.0.1", port: 2222, hostKey: "ssh-ed25519 AAAA" },
    });
    expect(recorder.resources.filter(({ name }) => name.startsWith("my-join"))).toHaveLength(2);
    const { value } = recorder.one("my-join3").inputs.stdin as { value: string };
    const [body = "", ...certificate] = value.split("\n");
    expect(certificate).toEqual(["-----BEGIN CERTIFICATE-----", ""]);
    expect(JSON.parse(body)).toEqual({
      ListenAddr: "192.168.56.13:2377",
      AdvertiseAddr: "192.168.56.13",
      RemoteAddrs: ["192.168.56.11:2377"],
      JoinToken: "SWMTKN-worker",
    });
  });

  it("keeps tokens and private keys secret", async () => {
    expect(await pulumi.isSecret(cluster.workerToken)).toBe(true);
    expect(await pulumi.isSecret(cluster.managerToken)).toBe(true);
    const plain = JSON.stringify(recorder.resources, (_key, value) =>
      value !== null && typeof value === "object" && "4dabf18193072939515e22adb298388d" in value
        ? "[secret]"
        : value,
    );
    expect(plain).not.toContain("SWMTKN");
    expect(plain).not.toContain("PRIVATE KEY");
  });

  it("puts no value into the text of a remote command", () => {
    const scripts = recorder.resources
      .filter(({ type }) => type === "command:remote:Command")
      .map(({ inputs }) => inputs.create);
    expect(scripts).toHaveLength(3);
    for (const script of scripts) expect(script).not.toMatch(/192\.168|SWMTKN/);
  });

  it("gives services a Docker provider over the manager's SSH configuration", () => {
    expect(recorder.one("my-docker").inputs).toMatchObject({
      host: "ssh://my1",
      sshOpts: JSON.stringify(["-F", "/home/my1/ssh_config"]),
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
    expect(recorder.one("kept-init").inputs.triggers).toEqual(["kept"]);
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
