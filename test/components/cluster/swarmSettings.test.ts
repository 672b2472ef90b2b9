import * as pulumi from "@pulumi/pulumi";
import { known, Recorder } from "../mocks";

const recorder = new Recorder();
recorder.start();

import { swarmSettings } from "../../../components/cluster/swarmSettings";
import { SwarmCluster, type SwarmClusterArgs } from "../../../index";

const usual = { autolock: false, certificateExpiry: "2160h", taskHistoryLimit: 9 };
const node = { role: "worker", availability: "active", labels: { disk: "ssd" } };

/** The environment of the commands that repair a cluster's swarm and its second node. */
async function conditions(name: string, args: SwarmClusterArgs): Promise<unknown[]> {
  await known(new SwarmCluster(name, args).nodes);
  await new Promise((resolve) => setTimeout(resolve, 200));
  return [`${name}-swarm`, `${name}-node2`].map((one) => recorder.one(one).inputs.environment);
}

it("adds nothing to what commands are given as long as nobody has changed anything", async () => {
  expect(await conditions("plain", { swarm: { subnetSize: 26, rotateTokens: true } })).toEqual([
    undefined,
    undefined,
  ]);
  expect(recorder.settingsQuestions).toEqual([{ cluster: "plain" }]);
});

it("hands the commands what somebody has changed", async () => {
  recorder.settings = { settings: { options: usual, nodes: { n1: node, n2: node } } };
  recorder.swarm = {
    odd2: { founder: "f", manager: false, nodeId: "n2", condition: "repair 3: role manager" },
  };
  const args = { swarm: { taskHistoryLimit: 2 }, nodeLabels: { odd2: { disk: "hdd" } } };
  expect(await conditions("odd", args)).toEqual([
    { VMCLUSTER_CONDITION: "repair 1: taskHistoryLimit 9, wanted 2" },
    { VMCLUSTER_CONDITION: 'repair 4: label disk "ssd", wanted "hdd"' },
  ]);
  expect(recorder.settingsQuestions.at(-1)).toEqual({ cluster: "odd" });
});

it("hands a node what its machine says of its having left the swarm", async () => {
  const left = { ...node, trouble: "left the swarm" };
  recorder.settings = { settings: { options: usual, nodes: { n1: node, n2: left } } };
  recorder.swarm = { gone2: { founder: "f", manager: false, nodeId: "n2" } };
  expect(await conditions("gone", {})).toEqual([
    undefined,
    { VMCLUSTER_CONDITION: "repair 1: left the swarm" },
  ]);
  recorder.settings = { settings: { options: usual, nodes: { n1: node, n2: node } } };
});

it("keeps the last repair as long as there is nothing to repair, or nobody answers", async () => {
  const condition = "repair 3: role manager";
  recorder.swarm = { calm2: { founder: "f", manager: false, nodeId: "n2", condition } };
  const kept = [undefined, { VMCLUSTER_CONDITION: condition }];
  expect(await conditions("calm", { swarm: { taskHistoryLimit: 9 } })).toEqual(kept);
  recorder.settings = {};
  recorder.swarm = { mute2: { founder: "f", manager: false, nodeId: "n2", condition } };
  expect(await conditions("mute", { swarm: { taskHistoryLimit: 2 } })).toEqual(kept);
});

it("fails the program if the swarm has no leader", async () => {
  recorder.settings = { leaderless: "lost1: the swarm has no leader there" };
  await expect(swarmSettings("lost", pulumi.rootStackResource as pulumi.Resource)).rejects.toThrow(
    /swarm of the cluster lost has no leader, so nothing of it can be changed: lost1: /,
  );
  recorder.settings = {};
});
