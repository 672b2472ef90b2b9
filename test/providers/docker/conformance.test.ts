/**
 * Our provider beside Pulumi's plugin 5.2.0: the same inputs through both, with a real daemon, are in `recorded/`; here ours
 * gets the daemon's answers played again and must do the same. `RECORD=1` records anew (RECORD=new: what is missing):
 * it wants `pulumi-resource-docker` on PATH, and in VMCLUSTER_RECORD_DOCKER the address (unix://…) of a daemon that is a swarm
 * manager and has the image `vmcluster.internal/box:1` (test/providers/dockerDaemon.ts says what is in it); for what is in a
 * registry also VMCLUSTER_RECORD_REGISTRY, the port on loopback of one that lets images be deleted and knows `registryLogin`, and
 * a daemon on this host.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run as runProgram } from "../../../host/run";
import { dockerProvider } from "../../../providers/docker/provider";
import type { ResourceType } from "../../../providers/rpc/resource";
import type { PluginClient } from "../pluginClient";
import { type Case, cases, registryAddress } from "./conformance/cases";
import { asked, type Compared, comparable, readInputs, requests } from "./conformance/compare";
import { differences } from "./conformance/differences";
import { type Exchange, RecordingProxy, ReplayedDaemon } from "./conformance/dockerProxy";
import { ours, RealPlugin, type Recorded, run, token } from "./conformance/recorder";

// An emulated machine needs minutes for some of them.
jest.setTimeout(process.env.RECORD ? 900_000 : 60_000);

const folder = join(__dirname, "recorded");
const recording = process.env.RECORD;
const daemonAddress = process.env.VMCLUSTER_RECORD_DOCKER ?? "";
const temporary = mkdtempSync(join(tmpdir(), "vmcluster-conformance-"));

const fileOf = ({ type }: Case): string =>
  join(folder, `${type.slice(0, 1).toLowerCase()}${type.slice(1)}.json`);
const recorded = new Map<string, Record<string, Recorded>>();
function recordedOf(one: Case): Record<string, Recorded> {
  const file = fileOf(one);
  let found = recorded.get(file);
  if (!found) {
    found = readdirSync(folder).some((name) => file.endsWith(`/${name}`))
      ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, Recorded>)
      : {};
    recorded.set(file, found);
  }
  return found;
}

const daemon = new ReplayedDaemon(join(temporary, "replayed.sock"));
let plugin: PluginClient;
let real: RealPlugin | undefined;
let proxy: RecordingProxy | undefined;
let registryProxy: RecordingProxy | undefined;
const registry = new ReplayedDaemon(registryAddress);
let recordingOurs: PluginClient | undefined;

beforeAll(async () => {
  if (recording) {
    proxy = await new RecordingProxy(
      join(temporary, "recorded.sock"),
      daemonAddress.replace(/^unix:\/\//, ""),
    ).listen();
    const port = Number(process.env.VMCLUSTER_RECORD_REGISTRY);
    if (port > 0)
      registryProxy = await new RecordingProxy(registryAddress, { host: "127.0.0.1", port }).listen();
    real = await RealPlugin.start(proxy.host);
    recordingOurs = await ours(dockerProvider(), proxy.host);
  }
  await daemon.listen();
  if (!recording) await registry.listen();
  plugin = await ours(dockerProvider(), daemon.host);
});
afterAll(async () => {
  await daemon.close();
  if (!recording) await registry.close();
  await proxy?.close();
  await registryProxy?.close();
  await real?.close();
  await recordingOurs?.close();
  await plugin?.close();
  rmSync(temporary, { recursive: true, force: true });
});

async function docker(commands: Case["before"]): Promise<void> {
  for (const command of commands ?? []) {
    await runProgram("docker", ["-H", daemonAddress, ...command], { timeoutMs: 120_000 }).catch(
      () => undefined,
    );
  }
}

/** Of the daemon, and of its API. */
async function version(): Promise<string> {
  const format = "{{.Server.Version}} (API {{.Server.APIVersion}})";
  const { stdout } = await runProgram("docker", ["-H", daemonAddress, "version", "--format", format], {
    timeoutMs: 60_000,
  });
  return stdout.trim();
}

/** What was said to the daemon and the registry since the last call. */
const taken = (): Exchange[] => [...(proxy?.take() ?? []), ...(registryProxy?.take() ?? [])];

async function record(one: Case): Promise<void> {
  if (!real || !proxy || !recordingOurs) return;
  const all = recordedOf(one);
  if (recording === "new" && all[one.name]) return;
  const daemon = await version();
  await docker(one.before);
  taken();
  const theirs = await run(real.client, one);
  const requests = asked(taken());
  await docker(one.after);
  await docker(one.before);
  taken();
  // The daemon's API version is asked for anew.
  await recordingOurs.configure({ host: proxy.host });
  await run(recordingOurs, one, theirs);
  const exchanges = taken();
  await docker(one.after);
  all[one.name] = { daemon, plugin: theirs, asked: requests, exchanges };
  writeFileSync(fileOf(one), `${JSON.stringify(all, undefined, 1)}\n`);
}

/** What is known to be different, and right in ours, is left out on both sides. */
function without(compared: Compared, { type, name }: Case): Compared {
  const known = differences.filter(
    (one) => one.type === type && (one.cases === undefined || one.cases.includes(name)),
  );
  const always = known.flatMap((one) => one.always ?? []);
  const left = Object.entries(always.length > 0 ? withoutAlways(compared, always) : compared)
    .filter(([path]) => !known.some(({ paths }) => paths.some((pattern) => pattern.test(path))))
    .map(([path, value]) => [path, JSON.stringify(value)]);
  return Object.fromEntries(left);
}

/** Changes without the properties that are reported each time. */
function withoutAlways(compared: Compared, always: readonly string[]): Compared {
  const result: Record<string, unknown> = { ...compared };
  for (const [path, value] of Object.entries(compared)) {
    if (!/^changes\..*\.properties$/.test(path)) continue;
    const properties = (value as string[]).filter((name) => !always.includes(name));
    result[path] = properties;
    result[path.replace(/properties$/, "changed")] = properties.length > 0;
  }
  return result;
}

describe.each([...new Set(cases.map(({ type }) => type))])("%s", (type) => {
  it.each(cases.filter((one) => one.type === type))("$name", async (one) => {
    await record(one);
    const was = recordedOf(one)[one.name];
    if (!was) throw new Error("nothing is recorded for this case: RECORD=new");
    // The recording holds the port of the registry.
    if (recording && one.registry) return;
    daemon.play(was.exchanges);
    registry.play(was.exchanges);
    await plugin.configure({ host: daemon.host });
    const now = await run(plugin, one, was.plugin);
    const { properties } = dockerProvider().resources[token(type)] as ResourceType;
    expect([...daemon.problems, ...registry.problems]).toEqual([]);
    expect(without(comparable(properties, now), one)).toEqual(
      without(comparable(properties, was.plugin), one),
    );
    expect(without(requests(was.exchanges), one)).toEqual(without(requests(was.asked), one));
    const { before, after } = readInputs(properties, now);
    if (one.name !== "ended, but must run") expect(after).toEqual(before);
  });
});
