import * as pulumi from "@pulumi/pulumi";
import { machineSpec, placeOf } from "../../components/machineSpec";
import { known, Recorder } from "./mocks";

const recorder = new Recorder();
recorder.start();

import { SwarmCluster } from "../../index";

describe("SwarmCluster of hosts that are there already", () => {
  beforeAll(async () => {
    const hosts = [
      { host: "10.0.0.5" },
      { host: "pi.local", sshUser: "ada", privateAddress: "10.0.0.6", dataPathAddress: "10.9.0.6" },
    ];
    const cluster = new SwarmCluster("home", { hosts });
    await known(pulumi.output(cluster.urn));
    await known(cluster.nodes);
    await new Promise((resolve) => setTimeout(resolve, 200));
  });

  it("asks about and applies specs without what only virtual machines have", () => {
    const applied = [1, 2].map(
      (n) => JSON.parse(recorder.one(`home-vm${n}-vm`).inputs.stdin as string) as object,
    );
    const shared = { owner: expect.any(String), cluster: "home", driver: "generic", images: [] };
    expect(applied).toEqual([
      { name: "home1", ...shared, host: "10.0.0.5" },
      { name: "home2", ...shared, host: "pi.local", sshUser: "ada", privateAddress: "10.0.0.6" },
    ]);
    expect(recorder.asked).toEqual([applied]);
  });

  it("builds no node image, and joins the second host to the first", () => {
    const names = recorder.resources.map(({ name }) => name);
    expect(names).toContain("home-node2");
    expect(names.filter((name) => name.includes("image"))).toEqual([]);
  });
});

it("gives a node its data path address when it joins, and makes it join again for another one", () => {
  const { stdin, triggers } = recorder.one("home-node2").inputs;
  expect(JSON.parse(stdin as string)).toMatchObject({ dataPathAddress: "10.9.0.6" });
  expect(triggers).toEqual(["home2-made-once", "10.9.0.6"]);
  expect(recorder.one("home-node1").inputs.triggers).toEqual(["home1-made-once"]);
  expect(() => new SwarmCluster("bad", { hosts: [{ host: "a", dataPathAddress: "eth1" }] })).toThrow(
    /hosts\.0\.dataPathAddress: "eth1" must be an IPv4 address/,
  );
});

const asked = { name: "h1", owner: "me", cluster: "blue" };

it("keeps the order of the keys, whatever is given", () => {
  const keys = (spec: object): string[] => Object.keys(spec);
  expect(keys(machineSpec({ suite: "trixie", cpus: 2, ...asked }))).toEqual(keys(machineSpec(asked)));
});

it("replaces an existing host by another one, not for a port that was the same unsaid", () => {
  const place = (more: object): string => placeOf(machineSpec({ ...asked, driver: "generic", ...more }));
  expect(place({ host: "a" })).toBe(place({ host: "a", sshPort: 22 }));
  expect(place({ host: "a" })).not.toBe(place({ host: "b" }));
  expect(placeOf(machineSpec(asked))).toBe("qemu");
});
