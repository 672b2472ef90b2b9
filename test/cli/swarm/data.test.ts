/** `backup` and `restore` on a real daemon: a swarm of one node, whose folders are this host's. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiService } from "../../../cli/swarm/api";
import * as connecting from "../../../cli/swarm/connect";
import { amount } from "../../../cli/swarm/data/amount";
import { backedUp } from "../../../cli/swarm/data/backup";
import { dataMounts } from "../../../cli/swarm/data/mounts";
import * as nodes from "../../../cli/swarm/data/onNode";
import { restored } from "../../../cli/swarm/data/restore";
import { swapScript } from "../../../cli/swarm/data/scripts";
import { stoppedLabel } from "../../../cli/swarm/data/stopped";
import { onData } from "../../../cli/swarm/data/work";
import { rolledBack } from "../../../cli/swarm/rollback";
import type { Member, Swarm } from "../../../cli/swarm/swarm";
import { UserError } from "../../../host/userError";
import { DockerDaemon } from "../../providers/dockerDaemon";

jest.setTimeout(180_000);

const image = "vmcluster.internal/box:1";
let daemon: DockerDaemon;
let swarm: Swarm;
let folder: string;
let data: string;
const never = new AbortController().signal;
const said: string[] = [];
const say = (line: string): void => void said.push(line);
const context = { say, signal: never };
const yes = { ...context, confirmed: async () => true };

/** A service that counts its starts in its data, and does not start with data that says so. */
const script = "[ ! -e /data/broken ] || exit 1; echo start >> /data/starts; exec sleep 100000";

beforeAll(async () => {
  daemon = await DockerDaemon.start();
  await daemon.makeImage(image);
  folder = mkdtempSync(join(tmpdir(), "vmcluster-data-"));
  data = join(folder, "it's data");
  mkdirSync(data, { mode: 0o750 });
  const member: Member = { name: "here", daemon: { kind: "unix", socket: daemon.socket } };
  swarm = await connecting.connect({ name: "test", managers: [member], members: [member] }, 60_000);
  await daemon.docker(
    ...["service", "create", "--name", "db", "--stop-grace-period", "1s", "--restart-delay", "100ms"],
    ...["--mount", `type=bind,source=${data},target=/data`, image, "sh", "-c", script],
  );
}, 120_000);

afterAll(async () => {
  swarm?.close();
  await daemon?.remove();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const starts = (): number => readFileSync(join(data, "starts"), "utf8").trim().split("\n").length;
const service = async (name = "db"): Promise<ApiService> =>
  (await swarm.services()).find(({ Spec }) => Spec.Name === name) as ApiService;
/** What is in the folder of the data besides it: nothing may be left there. */
const beside = (): string[] => readdirSync(folder).filter((name) => name.startsWith("it's data"));

async function runsAsBefore(): Promise<void> {
  const { Spec } = await service();
  expect(Spec.Mode).toEqual({ Replicated: { Replicas: 1 } });
  expect(Spec.Labels).toEqual({});
  const running = (await swarm.tasks(["db"])).filter(({ Status }) => Status.State === "running");
  expect(running).toHaveLength(1);
  expect(beside()).toEqual(["it's data"]);
}

it("copies the data while nothing runs, to a file for its owner alone, and starts the service again", async () => {
  writeFileSync(join(data, "table"), "rows");
  chmodSync(join(data, "table"), 0o640);
  chownSync(join(data, "table"), 123, 456);
  const output = join(folder, "first.tar.gz");
  const before = starts();
  const result = await backedUp(swarm, "db", { ...context, output });
  expect(result).toMatchObject({ service: "db", path: data, file: output });
  expect(result.fileBytes).toBe(statSync(output).size);
  expect(statSync(output).mode & 0o777).toBe(0o600);
  expect(starts()).toBe(before + 1);
  await runsAsBefore();
  const listed = spawnSync("tar", ["-tzvf", output, "--numeric-owner"], { encoding: "utf8" }).stdout;
  expect(listed).toMatch(/drwxr-x--- .* \.\/\n/);
  expect(listed).toMatch(/-rw-r----- 123\/456 +4 .*table\n/);
  expect(said).toContain("stopping its 1 tasks");
});

it("does not overwrite a file unless it is told to, and leaves the service alone then", async () => {
  const output = join(folder, "first.tar.gz");
  const before = starts();
  await expect(backedUp(swarm, "db", { ...context, output })).rejects.toThrow(/exists already\n.*--force/);
  expect(starts()).toBe(before);
  const old = statSync(output).ino;
  await backedUp(swarm, "db", { ...context, output, force: true, live: true });
  expect(statSync(output).ino).not.toBe(old);
  // With --live nothing was stopped.
  expect(starts()).toBe(before);
  await expect(backedUp(swarm, "db", { ...context, output: join(folder, "no", "x") })).rejects.toThrow(
    /there is no folder/,
  );
});

it("restores what was saved, with owners and permissions, and removes what came since", async () => {
  writeFileSync(join(data, "table"), "other rows");
  writeFileSync(join(data, "later"), "");
  const result = await restored(swarm, "db", join(folder, "first.tar.gz"), yes);
  expect(result).toMatchObject({ service: "db", files: 2 });
  expect(readFileSync(join(data, "table"), "utf8")).toBe("rows");
  expect(statSync(join(data, "table"))).toMatchObject({ uid: 123, gid: 456 });
  expect(statSync(join(data, "table")).mode & 0o777).toBe(0o640);
  expect(statSync(data).mode & 0o777).toBe(0o750);
  expect(existsSync(join(data, "later"))).toBe(false);
  await runsAsBefore();
});

it("asks before, and changes nothing where the answer is no", async () => {
  const before = starts();
  let asked = "";
  const confirmed = async (question: string) => {
    asked = question;
    return false;
  };
  const file = join(folder, "first.tar.gz");
  expect(await restored(swarm, "db", file, { ...context, confirmed })).toBeUndefined();
  expect(asked).toMatch(/^Put 2 files \(\d+ bytes\) into .*it's data on .*, whose .* are lost\?$/);
  expect(starts()).toBe(before);
});

it("refuses a file that is cut off, no archive, or leads out of the folder, before anything stops", async () => {
  const before = starts();
  const cut = join(folder, "cut.tar.gz");
  writeFileSync(cut, readFileSync(join(folder, "first.tar.gz")));
  truncateSync(cut, statSync(cut).size - 20);
  await expect(restored(swarm, "db", cut, yes)).rejects.toThrow(
    /cannot be restored\n.*unexpected end of file/,
  );
  const text = join(folder, "text");
  writeFileSync(text, "no archive");
  await expect(restored(swarm, "db", text, yes)).rejects.toThrow(/incorrect header check/);
  await expect(restored(swarm, "db", folder, yes)).rejects.toThrow(/is not a file/);
  await expect(restored(swarm, "db", join(folder, "none"), yes)).rejects.toThrow(/there is no such file/);
  const evil = join(folder, "evil.tar.gz");
  spawnSync("tar", ["-C", data, "-czPf", evil, "--transform", "s,^,../../,", "table"]);
  await expect(restored(swarm, "db", evil, yes)).rejects.toThrow(/leads out of the folder/);
  expect(starts()).toBe(before);
  await runsAsBefore();
});

it("puts back what was there if the service does not run with what is restored", async () => {
  writeFileSync(join(data, "table"), "rows of today");
  const source = join(folder, "source");
  mkdirSync(source);
  writeFileSync(join(source, "broken"), "");
  const broken = join(folder, "broken.tar.gz");
  spawnSync("tar", ["-C", source, "-czf", broken, "."]);
  await expect(restored(swarm, "db", broken, yes)).rejects.toThrow(/\d of its tasks have failed/);
  expect(readFileSync(join(data, "table"), "utf8")).toBe("rows of today");
  await runsAsBefore();
});

it("does not hold against what is restored that tasks have failed before", async () => {
  const failed = (await swarm.tasks(["db"])).filter(({ Status }) => Status.State === "failed");
  expect(failed.length).toBeGreaterThanOrEqual(3);
  await restored(swarm, "db", join(folder, "first.tar.gz"), yes);
  expect(readFileSync(join(data, "table"), "utf8")).toBe("rows");
  await runsAsBefore();
});

it("is as before after Ctrl-C while it copies", async () => {
  writeFileSync(join(data, "large"), Buffer.alloc(50_000_000, "0123456789"));
  const stop = new AbortController();
  const output = join(folder, "interrupted.tar.gz");
  const stopping = (line: string): void => {
    if (line.startsWith("copying")) setTimeout(() => stop.abort(), 30);
  };
  await expect(backedUp(swarm, "db", { say: stopping, signal: stop.signal, output })).rejects.toThrow();
  expect(readdirSync(folder).filter((name) => name.includes("interrupted"))).toEqual([]);
  await runsAsBefore();
});

it("removes neither the old nor the restored data where it is lost which is which", async () => {
  writeFileSync(join(data, "table"), "rows before the loss");
  // The node does what it was told, and the connection ends before it can say so.
  const { onNode } = nodes;
  const losing = jest.spyOn(nodes, "onNode").mockImplementation(async (...args) => {
    const said = await onNode(...args);
    if (args[1] === swapScript) throw new UserError("the connection was lost");
    return said;
  });
  await expect(restored(swarm, "db", join(folder, "first.tar.gz"), yes)).rejects.toThrow(
    /not known which data .*it's data on .* now holds.*\n.*was lost\n.*it's data\.vmcluster-restore/,
  );
  losing.mockRestore();
  expect(readFileSync(join(data, "table"), "utf8")).toBe("rows");
  expect(readFileSync(join(folder, "it's data.vmcluster-restore", "table"), "utf8")).toBe(
    "rows before the loss",
  );
  rmSync(join(folder, "it's data.vmcluster-restore"), { recursive: true });
  await runsAsBefore();
});

it("does its work on nodes out of reach of a Ctrl-C at the terminal", async () => {
  const member: Member = { name: "here", daemon: { kind: "unix", socket: daemon.socket } };
  const groupOf = (pid: number | string): string =>
    spawnSync("ps", ["-o", "pgid=", "-p", String(pid)], { encoding: "utf8" }).stdout.trim();
  const group = await nodes.onNode(member, "ps -o pgid= -p $$", []);
  expect(group.trim()).toMatch(/^\d+$/);
  expect(group.trim()).not.toBe(groupOf(process.pid));
});

it("waits for a backup or restore of the same service, however that is named", async () => {
  jest.spyOn(connecting, "onSwarm").mockImplementation((_flags, action) => action(swarm));
  process.env.VMCLUSTER_HOME = folder;
  const order: string[] = [];
  let end = (): void => undefined;
  const first = onData({}, "db", async () => {
    order.push("first begins");
    await new Promise<void>((done) => {
      end = done;
    });
    order.push("first ends");
  });
  const told = jest.spyOn(process.stderr, "write").mockImplementation((text) => {
    if (String(text).includes("waiting for another backup or restore of it")) end();
    return true;
  });
  try {
    while (order.length === 0) await sleep(10);
    await onData({}, (await service()).ID, async () => void order.push("second begins"));
    await first;
  } finally {
    jest.mocked(connecting.onSwarm).mockRestore();
    told.mockRestore();
    delete process.env.VMCLUSTER_HOME;
  }
  expect(order).toEqual(["first begins", "first ends", "second begins"]);
});

it("goes back to the number of tasks of a run that was killed", async () => {
  await daemon.docker("service", "update", "--replicas", "0", "--label-add", `${stoppedLabel}=1`, "db");
  await backedUp(swarm, "db", { ...context, output: join(folder, "after.tar.gz") });
  await runsAsBefore();
  await expect(rolledBack(swarm, "db", say)).rejects.toThrow(/started again after a backup or restore/);
});

it("finds a volume, and asks which where there are several", async () => {
  await daemon.docker(
    ...["service", "create", "--name", "two", "--stop-grace-period", "1s"],
    ...[
      "--mount",
      "type=volume,source=rows,target=/rows",
      "--mount",
      `type=bind,source=${data},target=/data`,
    ],
    ...[image, "sh", "-c", "echo a > /rows/a; exec sleep 100000"],
  );
  const output = join(folder, "rows.tar.gz");
  await expect(backedUp(swarm, "two", { ...context, output })).rejects.toThrow(
    /several places\n.*\/data, \/rows|several places\n.*\/rows, \/data/,
  );
  await expect(backedUp(swarm, "two", { ...context, output, mount: "/x" })).rejects.toThrow(/no data in \/x/);
  expect(await backedUp(swarm, "two", { ...context, output, mount: "/rows" })).toMatchObject({
    path: expect.stringMatching(/\/volumes\/rows\/_data$/),
  });
  said.length = 0;
  await backedUp(swarm, "db", { ...context, output, force: true, live: true });
  expect(said).toContain("two may write to the same folder and are not stopped");
  await daemon.docker("service", "rm", "two");
  await daemon.docker("service", "create", "--detach", "--name", "plain", "--mode", "global", image);
  await expect(backedUp(swarm, "plain", { ...context, output })).rejects.toThrow(/keeps no data/);
  await daemon.docker("service", "rm", "plain");
});

it("takes for data what a service may write to and keeps", () => {
  const bind = (source: string, more: object = {}) => ({ type: "bind", source, target: "/x", ...more });
  expect(
    dataMounts([
      bind("/srv/a"),
      bind("/srv/b", { readOnly: true }),
      bind("/var/run/docker.sock"),
      bind("/srv/app.sock"),
      bind("/proc"),
      bind("/"),
      { type: "volume", source: "v", target: "/v" },
      { type: "volume", target: "/anonymous" },
      { type: "tmpfs", target: "/t" },
    ]).map(({ source }) => source),
  ).toEqual(["/srv/a", "v"]);
});

it("tells amounts", () => {
  expect([812, 3500, 12.3 * 2 ** 20, 5 * 2 ** 40].map(amount)).toEqual([
    "812 bytes",
    "3.4 KiB",
    "12.3 MiB",
    "5.0 TiB",
  ]);
});
