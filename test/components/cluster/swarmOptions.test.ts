import * as pulumi from "@pulumi/pulumi";
import { known, Recorder } from "../mocks";

const recorder = new Recorder();
recorder.start();

import { checkedOptions, checkMaking, checkNetworks } from "../../../components/cluster/swarmOptions";
import { SwarmCluster, type SwarmOptionsArgs } from "../../../index";

const checked = (args: object, subnet: string | undefined = "192.168.56.0/24") =>
  known(checkedOptions(args, subnet === undefined ? undefined : pulumi.output(subnet)));

describe("what the swarm as a whole is told", () => {
  it("is what is given, as Docker writes it, and nothing else", async () => {
    expect(await checked({})).toEqual({});
    expect(await checked({ certificateExpiry: "90m", autolock: false })).toEqual({
      certificateExpiry: "1h30m",
      autolock: false,
    });
  });

  it.each<[object, RegExp]>([
    [{ certificateExpiry: "30m" }, /swarm.certificateExpiry: "30m" must be a duration of "1h" or more/],
    [{ taskHistoryLimit: -1 }, /swarm.taskHistoryLimit: -1 must not be negative/],
    [{ dataPathPort: 80 }, /swarm.dataPathPort: 80 must be 1024 to 49151/],
    [
      { defaultAddressPools: ["10.0.0.0"] },
      /swarm.defaultAddressPools.0: "10.0.0.0" must be an IPv4 network/,
    ],
    [
      { defaultAddressPools: ["10.20.0.1/16"] },
      /swarm.defaultAddressPools.0: "10.20.0.1\/16" is an address in a network: 10.20.0.0\/16$/,
    ],
    [{ defaultAddressPools: ["10.1.0.0/28"] }, /10.1.0.0\/28 has no room for a network of subnetSize 24/],
    [{ defaultAddressPools: ["10.0.0.0/8", "10.1.0.0/16"] }, /10.1.0.0\/16 overlaps another one/],
    [{ autoLock: true }, /autoLock is not one of its fields/],
    [{ autolock: "yes" }, /swarm.autolock: must be a boolean, not "yes"/],
    [{ rotateTokens: "daily" }, /swarm.rotateTokens: must be a boolean, not "daily"/],
  ])("refuses %j", (args, message) => {
    expect(() => checkedOptions(args as SwarmOptionsArgs, undefined)).toThrow(message);
  });

  it("refuses what the cluster's machines cannot have", () => {
    const pools = { defaultAddressPools: ["192.168.0.0/16"] };
    expect(() => checkNetworks(pools, "192.168.56.0/24")).toThrow(
      /overlaps the machines' own network 192.168.56.0\/24/,
    );
    expect(() => checkNetworks(pools, undefined)).not.toThrow();
    expect(() => checkNetworks({}, "10.0.7.0/24")).toThrow(/subnet: 10.0.7.0\/24 is where Docker takes/);
    expect(() => checkNetworks({ defaultAddressPools: ["10.20.0.0/16"] }, "10.0.7.0/24")).not.toThrow();
    expect(() => checkNetworks({ dataPathPort: 5789 }, undefined)).toThrow(
      /dataPathPort: not allowed with hosts/,
    );
  });

  it("refuses, before anything is changed, what only another swarm could have", () => {
    const made = { defaultAddressPools: ["10.0.0.0/8"], subnetSize: 24, dataPathPort: 4789 };
    const status = (founder: string) => ({
      condition: "ok",
      swarmSshConfig: "",
      swarm: { founder, manager: true, made },
    });
    expect(() => checkMaking({ dataPathPort: 5789 }, "a", [status("a")])).toThrow(
      /swarm.dataPathPort: 5789, but the swarm was made with 4789, which cannot be changed.*vmcluster machine rm/,
    );
    expect(() => checkMaking({ dataPathPort: 4789, subnetSize: 24 }, "a", [status("a")])).not.toThrow();
    // Its managers are lost: it is made anew in any case.
    expect(() => checkMaking({ dataPathPort: 5789 }, "b", [status("a")])).not.toThrow();
  });
});

it("makes tokens anew after all nodes have joined, and gives out those", async () => {
  const cluster = new SwarmCluster("rot", { swarm: { rotateTokens: true } });
  expect(await known(cluster.workerToken)).toBe("SWMTKN-new");
  expect(await pulumi.isSecret(cluster.workerToken)).toBe(true);
  expect(JSON.parse(recorder.one("rot-tokens").inputs.stdin as string)).toEqual({
    managers: ["rot1"],
    machineIds: ["rot1-made-once", "rot2-made-once"],
  });
});
