/** Nodes are asked over real ssh; the swarm's own answers are made up. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { dirname } from "node:path";
import pc from "picocolors";
import type { ApiNode } from "../../../cli/swarm/api";
import { healthOf } from "../../../cli/swarm/health";
import { healthLines } from "../../../cli/swarm/healthScreen";
import { type Member, Swarm } from "../../../cli/swarm/swarm";
import { machineFiles } from "../../../machine/paths";
import { useTemporaryHome } from "../../machine/temporaryHome";
import { SshServer } from "../../providers/sshServer";

jest.setTimeout(60_000);

useTemporaryHome();
let server: SshServer;
let full: SshServer;
/** Takes connections and says nothing, as a frozen guest does. */
let frozen: Server;
let frozenPort = 0;
beforeAll(async () => {
  [server, full] = await Promise.all([SshServer.start(), SshServer.start()]);
  const key = `${full.folder}/user.pub`;
  const answer = "echo disk 1048576 10000 450 450 1000 900; echo MemAvailable: 2048 kB";
  writeFileSync(key, `command="${answer}" ${readFileSync(key, "utf8")}`);
  frozen = createServer();
  await new Promise<void>((done) => frozen.listen(0, "127.0.0.1", done));
  const address = frozen.address();
  frozenPort = typeof address === "object" && address !== null ? address.port : 0;
});
afterAll(async () => {
  frozen.close();
  await Promise.all([server.remove(), full.remove()]);
});

function machine(name: string, at: SshServer, port = at.port): void {
  const { sshConfig } = machineFiles(name);
  mkdirSync(dirname(sshConfig), { recursive: true });
  const text = readFileSync(at.sshConfig, "utf8");
  writeFileSync(
    sshConfig,
    text.replace("Host machine", `Host ${name}`).replace(`Port ${at.port}`, `Port ${port}`),
  );
}

const names = ["well", "full", "frozen", "down", "elsewhere"];

function made(timeoutMs: number): Swarm {
  const members = names.map(
    (name, index): Member => ({
      name,
      daemon: { kind: "unix", socket: "/nowhere" },
      privateAddress: `192.168.56.${index}`,
    }),
  );
  const [manager] = members as [Member];
  const swarm = new Swarm({ name: "test", managers: [manager], members }, manager, timeoutMs);
  const nodes = names.map(
    (name, index): ApiNode =>
      ({
        ID: name,
        Spec: { Role: "worker", Availability: "active" },
        // Existing hosts have names of their own.
        Description: { Hostname: `host-${name}`, Resources: { NanoCPUs: 1e9, MemoryBytes: 2 ** 30 } },
        Status: { State: name === "down" ? "down" : "ready", Addr: `192.168.56.${index}` },
      }) as ApiNode,
  );
  jest.spyOn(swarm, "nodes").mockResolvedValue(nodes);
  jest.spyOn(swarm, "services").mockResolvedValue([]);
  jest.spyOn(swarm, "tasks").mockResolvedValue([]);
  return swarm;
}

it("tells what each node has free, and names a full disk; one that hangs holds the others no longer than the time-out", async () => {
  machine("well", server);
  machine("full", full);
  machine("frozen", server, frozenPort);
  machine("down", server, frozenPort);
  const start = Date.now();
  const health = await healthOf(made(4000), []);
  expect(Date.now() - start).toBeLessThan(5000);
  const node = (name: string) => health.nodes.find(({ id }) => id === name);
  const mib = 2 ** 20;
  expect(node("well")).toMatchObject({
    free: "known",
    diskFree: expect.any(Number),
    memoryFree: expect.any(Number),
  });
  const message = "its disk is nearly full: 450 MiB of 9.8 GiB are free";
  expect(node("full")).toMatchObject({
    ...{ free: "known", diskSize: 10_000 * mib, diskFree: 450 * mib, memoryFree: 2 * mib },
    ...{ healthy: false, message },
  });
  expect(node("frozen")).toMatchObject({ free: "no answer", diskFree: null, healthy: true });
  expect(node("down")).toMatchObject({ free: "not asked", diskFree: null });
  expect(node("elsewhere")).toMatchObject({ free: "not asked", memoryFree: null });
  expect(health.healthy).toBe(false);
  const screen = healthLines(health, pc.createColors(false));
  expect(screen.find((line) => line.includes("host-full"))).toMatch(
    /free: disk 0\.4 GiB, memory 0\.0 GiB +its disk is nearly full/,
  );
  expect(screen.find((line) => line.includes("host-frozen"))).toContain("free: no answer");
});

it("asks again only after a while, as --watch looks every few seconds", async () => {
  machine("well", server);
  const swarm = made(10_000);
  const before = await server.logins();
  for (const _ of [1, 2, 3]) await healthOf(swarm, []);
  expect(await server.logins()).toBe(before + 1);
});

it("waits for no node where the swarm itself does not answer", async () => {
  machine("frozen", server, frozenPort);
  const swarm = made(8000);
  jest.spyOn(swarm, "tasks").mockRejectedValue(new Error("no leader"));
  const start = Date.now();
  await expect(healthOf(swarm, [])).rejects.toThrow("no leader");
  expect(Date.now() - start).toBeLessThan(1000);
});
