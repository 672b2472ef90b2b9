import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { NodeSSH } from "node-ssh";
import { inGuest } from "../../../machine/guest";
import { clusterFiles } from "../../../machine/paths";
import { isRootOf } from "../../../machine/swarm/elsewhere";
import { checkDataPath } from "../../../machine/swarm/node";
import { initArguments, makingOf, swarmAnswer, updateArguments } from "../../../machine/swarm/options";
import {
  initScript,
  rootScript,
  rotateScript,
  unlockKeyScript,
  updateScript,
} from "../../../machine/swarm/scripts";
import { keepUnlockKey, readUnlockKey, unlockSwarm } from "../../../machine/swarm/unlock";
import { DockerDaemon } from "../../providers/dockerDaemon";
import { localSession } from "../drivers/generic/localSession";
import { record, useTemporaryHome } from "../temporaryHome";

/** What runs on a manager, on a real Docker daemon of this host. */
jest.setTimeout(180_000);

let daemon: DockerDaemon;
let session: NodeSSH;
const home = useTemporaryHome();
beforeEach(() => mkdirSync(join(home(), "machines")));
beforeAll(async () => {
  daemon = await DockerDaemon.start();
  await daemon.docker("swarm", "leave", "--force");
  session = localSession({ ...process.env, DOCKER_HOST: daemon.host });
});
afterAll(() => daemon.remove());

const addresses = ["--advertise-addr=127.0.0.1", "--listen-addr=127.0.0.1:2377"];
const init = async (...words: string[]) =>
  swarmAnswer.parse(JSON.parse(await inGuest(session, initScript, [...addresses, ...words].join("\n"))));
const state = () => daemon.docker("info", "--format", "{{.Swarm.LocalNodeState}}");

it("makes a swarm as it is asked for, once", async () => {
  const options = {
    defaultAddressPools: ["10.20.0.0/16", "10.30.0.0/16"],
    subnetSize: 26,
    dataPathPort: 5789,
  };
  const made = await init("--data-path-addr=127.0.0.2", ...initArguments(options));
  expect(makingOf(made)).toEqual(options);
  const again = await init(...initArguments({ dataPathPort: 6789 }));
  expect(again.ID).toBe(made.ID);
  expect(makingOf(again)).toEqual(options);
});

it("knows the data path address that a node joined with", async () => {
  await checkDataPath(session, "127.0.0.2");
  await checkDataPath(session, undefined);
  await expect(checkDataPath(session, "127.0.0.3")).rejects.toThrow(
    'dataPathAddress: "127.0.0.3", but it is in the swarm with 127.0.0.2',
  );
});

it("sets what differs, after which nothing does", async () => {
  const options = { autolock: true, certificateExpiry: "720h", taskHistoryLimit: 2 };
  const changes = updateArguments(options, await init());
  expect(changes).toHaveLength(3);
  expect(await inGuest(session, updateScript, changes.join("\n"))).toBe("");
  expect(updateArguments(options, await init())).toEqual([]);
});

it("tells by a token whether a node is in its swarm", async () => {
  const { Worker, Manager } = (await init()).JoinTokens;
  const root = await inGuest(session, rootScript);
  expect([isRootOf(Worker, root), isRootOf(Manager, root)]).toEqual([true, true]);
  expect(isRootOf(`SWMTKN-1-${"3".repeat(50)}-${"a".repeat(25)}`, root)).toBe(false);
});

it("makes tokens anew", async () => {
  const { JoinTokens: before } = await init();
  const [worker, manager] = (await inGuest(session, rotateScript)).trim().split("\n");
  const { JoinTokens: after } = await init();
  expect({ Worker: worker, Manager: manager }).toEqual(after);
  expect(after.Worker).not.toBe(before.Worker);
  expect(after.Manager).not.toBe(before.Manager);
});

it("lets a manager that has restarted into its locked swarm, with the right key only", async () => {
  const machine = record();
  const { cluster } = machine.spec;
  const said: string[] = [];
  const unlock = () => unlockSwarm(machine, session, (line) => said.push(line));
  const key = (await inGuest(session, unlockKeyScript)).trim();
  await daemon.down();
  await daemon.up();
  expect(await state()).toBe("locked");

  await unlock();
  expect(said).toEqual([]);
  keepUnlockKey(cluster, "SWMKEY-1-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
  await unlock();
  expect(said.at(-1)).toMatch(/stays locked: .*invalid key.*docker swarm unlock/s);
  expect(said.join()).not.toContain("SWMKEY");
  expect(await state()).toBe("locked");

  keepUnlockKey(cluster, key);
  expect(statSync(clusterFiles(cluster).unlockKey).mode & 0o777).toBe(0o600);
  await unlock();
  expect(await state()).toBe("active");
  keepUnlockKey(cluster, undefined);
  expect(readUnlockKey(cluster)).toBeUndefined();
});
