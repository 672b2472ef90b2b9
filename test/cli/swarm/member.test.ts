/** A machine in a swarm that was made elsewhere, as a worker and as a manager; two hosts with a real sshd and a real Docker each. */
import { joinMember, quitMember } from "../../../cli/swarm/member";
import type { MemberSpec } from "../../../machine/swarm/elsewhere";
import { NamespaceHost } from "../../hosts/namespaceHost";
import { demotion } from "../../machine/swarm/demotion";
import { hostMachine } from "../../machine/swarm/hostMachine";
import { useTemporaryHome } from "../../machine/temporaryHome";

jest.mock("../../../machine/swarm/scripts", () =>
  jest
    .requireActual("../../machine/swarm/demotion")
    .withDemotionTime(jest.requireActual("../../../machine/swarm/scripts")),
);
jest.setTimeout(180_000);

useTemporaryHome();
let hosts: NamespaceHost[] = [];
let swarm: NamespaceHost;
let machine: NamespaceHost;
beforeAll(async () => {
  hosts = await NamespaceHost.start("one", "two");
  [swarm, machine] = hosts as [NamespaceHost, NamespaceHost];
  await swarm.docker("swarm", "init", "--advertise-addr", swarm.privateAddress);
});
beforeEach(() => void hostMachine(machine));
afterAll(async () => {
  for (const host of hosts) await host.remove();
});

const token = (role: string): Promise<string> => swarm.docker("swarm", "join-token", "-q", role);
const quiet = (): void => undefined;
const spec = async (role: string, more: Partial<MemberSpec> = {}): Promise<MemberSpec> => ({
  ...{ machine: "two", machineId: "two-id", manager: `${swarm.privateAddress}:2377`, labels: {} },
  token: await token(role),
  ...more,
});
const nodes = async (): Promise<string[]> =>
  (await swarm.docker("node", "ls", "--format", "{{.Hostname}} {{.ManagerStatus}}"))
    .split("\n")
    .map((line) => line.trim());

it("is still the same node after its Docker has restarted without a manager in reach, whatever the token is by then", async () => {
  const first = await joinMember(await spec("worker"), undefined, quiet);
  await machine.link("down");
  await machine.restartDocker();
  await swarm.docker("swarm", "join-token", "--rotate", "worker");
  expect(await machine.docker("info", "--format", "{{.Swarm.LocalNodeState}}")).toBe("pending");
  const stale = await spec("worker", {
    token: (await token("worker")).replace(/-[^-]*$/, `-${"a".repeat(25)}`),
  });
  const again = await joinMember(stale, first, (line) => {
    if (line.startsWith("joining")) void machine.link("up");
  });
  expect(again).toEqual(first);
});

it("is promoted by a manager's token where the swarm can be asked, and demoted before it leaves", async () => {
  const asked = await spec("manager", { host: swarm.dockerHost });
  const member = await joinMember(asked, undefined, quiet);
  const said: string[] = [];
  // To promote is but to wish; it takes the node a while.
  for (let tries = 0; tries < 60 && !(await nodes()).includes("two Reachable"); tries++)
    await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await nodes()).toEqual(["one Leader", "two Reachable"]);
  await quitMember(asked, member, (line) => said.push(line));
  expect(said).toContain("demoting it to a worker");
  expect(said.join()).not.toContain("it stays");
  expect(await nodes()).toEqual(["one Leader"]);
});

it("is demoted too if its own Docker does not say yet that it was promoted", async () => {
  const asked = await spec("manager", { host: swarm.dockerHost });
  const member = await joinMember(asked, undefined, quiet);
  await quitMember(asked, member, quiet);
  expect(await nodes()).toEqual(["one Leader"]);
});

it("leaves a swarm that nobody here can ask without taking its majority along, or not at all", async () => {
  const asked = await spec("manager");
  const member = await joinMember(asked, undefined, quiet);
  await swarm.docker("node", "demote", "one");
  demotion.seconds = 5;
  await expect(quitMember(asked, member, quiet)).rejects.toThrow(
    /^machine "two" is still a manager of its swarm\n.*last manager[\s\S]*docker swarm leave --force/,
  );
  await machine.docker("node", "promote", "one");
  demotion.seconds = 60;
  await quitMember(asked, member, quiet);
  expect(await nodes()).toEqual(["one Leader", "two"]);
});
