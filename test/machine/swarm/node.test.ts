/** A cluster's nodes and its swarm as programs change them; two hosts with a real sshd and a real Docker each. */
import { readMachine } from "../../../machine/store";
import { ensureSwarm } from "../../../machine/swarm/ensure";
import { applyNode, type NodeSpec } from "../../../machine/swarm/node";
import { NamespaceHost } from "../../hosts/namespaceHost";
import { useTemporaryHome } from "../temporaryHome";
import { hostMachine } from "./hostMachine";

jest.setTimeout(180_000);

useTemporaryHome();
let hosts: NamespaceHost[] = [];
beforeAll(async () => {
  hosts = await NamespaceHost.start("one", "two");
});
beforeEach(async () => {
  for (const host of hosts) await host.docker("swarm", "leave", "--force").catch(() => undefined);
});
afterAll(async () => {
  for (const host of hosts) await host.remove();
});

const quiet = (): void => undefined;
const node = (machine: string, role: "manager" | "worker", more: Partial<NodeSpec> = {}): NodeSpec => ({
  ...{ machine, machineId: `${machine}-id`, role, labels: {}, managers: ["one"] },
  ...more,
});
const question = { cluster: "lab", managers: ["one"], machineIds: ["one-id"], options: {} };
const state = (host: NamespaceHost): Promise<string> =>
  host.docker("info", "--format", "{{.Swarm.LocalNodeState}}");

it("takes off labels that are there, and does not mind those that somebody has taken off", async () => {
  const [one, two] = hosts as [NamespaceHost, NamespaceHost];
  for (const host of hosts) hostMachine(host);
  await ensureSwarm(question, quiet);
  const labels = { disk: "ssd", rack: "a b" };
  const before = await applyNode(node("two", "worker", { labels }), undefined, quiet);
  await one.docker("node", "update", "--label-rm", "disk", "--label-add", "theirs=1", before.nodeId);
  await applyNode(node("two", "worker"), before, quiet);
  const left = await one.docker("node", "inspect", "--format", "{{json .Spec.Labels}}", before.nodeId);
  expect(JSON.parse(left)).toEqual({ theirs: "1" });
  expect(await state(two)).toBe("active");
});

describe("with the only planned manager made anew", () => {
  /** The second host has the swarm, which its record says. */
  async function swarmOnTwo(): Promise<[NamespaceHost, NamespaceHost]> {
    const [one, two] = hosts as [NamespaceHost, NamespaceHost];
    await two.docker("swarm", "init", "--advertise-addr", two.privateAddress);
    hostMachine(one);
    hostMachine(two, { swarm: { founder: "lost", manager: true } });
    return [one, two];
  }

  it("goes on with the swarm of a manager that is to be a worker", async () => {
    const [one, two] = await swarmOnTwo();
    const id = await two.docker("info", "--format", "{{.Swarm.Cluster.ID}}");
    expect(JSON.parse(await ensureSwarm(question, quiet)).ID).toBe(id);
    await Promise.all([
      applyNode(node("one", "manager"), undefined, quiet),
      applyNode(node("two", "worker"), undefined, quiet),
    ]);
    const nodes = await one.docker("node", "ls", "--format", "{{.Hostname}} {{.ManagerStatus}}");
    expect(nodes.split("\n").map((line) => line.trim())).toEqual(["one Leader", "two"]);
    expect(readMachine("one")?.swarm).toMatchObject({ founder: "lost", manager: true });
    expect(readMachine("two")?.swarm).toMatchObject({ founder: "lost", manager: false });
  });

  it("waits for a manager that is there, and makes no other swarm while it does not answer", async () => {
    const [one, two] = await swarmOnTwo();
    await two.unplug();
    await expect(ensureSwarm(question, quiet, undefined, 1)).rejects.toThrow(
      /^no manager of the swarm answers: two \(does not answer\)\n/,
    );
    const ensured = ensureSwarm(question, (line) => {
      if (line.startsWith("waiting for a manager")) void two.listen();
    });
    expect(JSON.parse(await ensured)).toHaveProperty("JoinTokens");
    expect(await state(one)).toBe("inactive");
  });

  it("makes a swarm when that one is gone", async () => {
    const [one, two] = await swarmOnTwo();
    await two.docker("swarm", "leave", "--force");
    await ensureSwarm(question, quiet);
    expect(await state(one)).toBe("active");
  });
});
