/** Managers that leave their swarm; three hosts with a real sshd and a real Docker each. */
import { leaveSwarm } from "../../../machine/swarm/leave";
import { swarmNodeId } from "../../../machine/swarm/restart";
import { NamespaceHost } from "../../hosts/namespaceHost";
import { useTemporaryHome } from "../temporaryHome";
import { demotion } from "./demotion";
import { hostMachine } from "./hostMachine";

jest.mock("../../../machine/swarm/scripts", () =>
  jest.requireActual("./demotion").withDemotionTime(jest.requireActual("../../../machine/swarm/scripts")),
);
jest.setTimeout(240_000);

useTemporaryHome();
let hosts: NamespaceHost[] = [];
beforeAll(async () => {
  hosts = await NamespaceHost.start("one", "two", "three");
});
afterAll(async () => {
  for (const host of hosts) await host.remove();
});

it("lets a manager go, the leader too, once the others are the majority without it", async () => {
  const [one, two, three] = hosts as [NamespaceHost, NamespaceHost, NamespaceHost];
  await three.docker("swarm", "init", "--advertise-addr", three.privateAddress);
  for (const host of [one, two]) await host.joinSwarm(three, "manager");
  const managers = hosts.map(({ name }) => name);
  const ids = await Promise.all(hosts.map(async (host) => (await swarmNodeId(hostMachine(host))) as string));
  const said: string[] = [];
  const leave = (machine: string): Promise<void> => {
    const spec = { machine, machineId: `${machine}-id`, role: "manager" as const, labels: {}, managers };
    const nodeId = ids[managers.indexOf(machine)] as string;
    return leaveSwarm(spec, { nodeId, labels: {} }, (line) => said.push(line));
  };
  const nodes = (): Promise<string> =>
    one.docker("node", "ls", "--format", "{{.Hostname}} {{.Status}} {{.ManagerStatus}}");

  // As if its machine were lost: it is still counted.
  await two.docker("swarm", "leave", "--force");
  demotion.seconds = 10;
  await expect(leave("three")).rejects.toThrow(
    /^machine "three" is still a manager of its swarm\n.*quorum[\s\S]*docker node ls/,
  );
  expect((await nodes()).split("\n")).toContain("three Ready Leader");
  demotion.seconds = 60;
  await leave("two");
  await leave("three");
  expect(await nodes()).toBe("one Ready Leader");
  expect(said.join("\n")).not.toContain("not taken out");
});
