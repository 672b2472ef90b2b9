import {
  initArguments,
  makingOf,
  optionDifferences,
  setOptionsOf,
  swarmAnswer,
  swarmOptions,
  updateArguments,
} from "../../../machine/swarm/options";

/** What Docker 26 answers `GET /swarm` with, of a swarm that was told nothing. */
const usual = swarmAnswer.parse({
  ID: "k6sd2bff8o9ihzzkb9b6xscpd",
  Version: { Index: 10 },
  CreatedAt: "2026-11-22T02:00:00Z",
  Spec: {
    Name: "default",
    Labels: {},
    Orchestration: { TaskHistoryRetentionLimit: 5 },
    Raft: { SnapshotInterval: 10000, ElectionTick: 10, HeartbeatTick: 1 },
    Dispatcher: { HeartbeatPeriod: 5000000000 },
    CAConfig: { NodeCertExpiry: 7776000000000000 },
    TaskDefaults: {},
    EncryptionConfig: { AutoLockManagers: false },
  },
  RootRotationInProgress: false,
  DefaultAddrPool: ["10.0.0.0/8"],
  SubnetSize: 24,
  DataPathPort: 4789,
  JoinTokens: { Worker: "w", Manager: "m" },
});

it("sets only what differs", () => {
  const set = (options: object): string[] => updateArguments(swarmOptions.parse(options), usual);
  expect(set({})).toEqual([]);
  expect(set({ autolock: false, certificateExpiry: "2160h", taskHistoryLimit: 5 })).toEqual([]);
  expect(set({ autolock: true, certificateExpiry: "90m", taskHistoryLimit: 0 })).toEqual([
    "--autolock=true",
    "--cert-expiry=1h30m",
    "--task-history-limit=0",
  ]);
});

it("tells what somebody has set otherwise, of what is given", () => {
  const differences = (options: object): string[] =>
    optionDifferences(swarmOptions.parse(options), setOptionsOf(usual));
  expect(differences({ autolock: false, dataPathPort: 5789 })).toEqual([]);
  expect(differences({ autolock: true, certificateExpiry: "720h", taskHistoryLimit: 0 })).toEqual([
    "autolock false, wanted true",
    "certificateExpiry 2160h, wanted 720h",
    "taskHistoryLimit 5, wanted 0",
  ]);
});

it("gives a new swarm what it is to be made with", () => {
  expect(initArguments({})).toEqual([]);
  expect(
    initArguments({
      defaultAddressPools: ["10.20.0.0/16", "10.30.0.0/16"],
      subnetSize: 26,
      dataPathPort: 5789,
    }),
  ).toEqual([
    "--default-addr-pool=10.20.0.0/16",
    "--default-addr-pool=10.30.0.0/16",
    "--default-addr-pool-mask-length=26",
    "--data-path-port=5789",
  ]);
});

it("takes what Docker leaves out as Docker's own values", () => {
  const { DefaultAddrPool: _pools, SubnetSize: _size, ...rest } = usual;
  expect(makingOf({ ...rest, DataPathPort: 0 })).toEqual(makingOf(usual));
});
