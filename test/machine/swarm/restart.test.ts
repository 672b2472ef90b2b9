/** What a restart does to a node of a swarm made elsewhere; two hosts with a real sshd and a real Docker each. */
import { activate, drain, swarmNodeId } from "../../../machine/swarm/restart";
import { NamespaceHost } from "../../hosts/namespaceHost";
import { useTemporaryHome } from "../temporaryHome";
import { hostMachine } from "./hostMachine";

jest.setTimeout(120_000);

useTemporaryHome();
let hosts: NamespaceHost[] = [];
beforeAll(async () => {
  hosts = await NamespaceHost.start("one", "two");
});
afterAll(async () => {
  for (const host of hosts) await host.remove();
});

it("drains it by the manager that it was given, and makes it active again", async () => {
  const [manager, node] = hosts as [NamespaceHost, NamespaceHost];
  await manager.docker("swarm", "init", "--advertise-addr", manager.privateAddress);
  await node.joinSwarm(manager, "worker");

  const elsewhere = hostMachine(node);
  const id = (await swarmNodeId(elsewhere)) as string;
  const availability = (): Promise<string> =>
    manager.docker("node", "inspect", "--format", "{{.Spec.Availability}}", id);
  const member = { ...elsewhere, member: { nodeId: id, host: manager.dockerHost } };
  const said: string[] = [];
  const progress = (line: string): void => void said.push(line);

  let noted = 0;
  expect(await drain(member, id, progress, () => noted++)).toBe(true);
  expect([noted, await availability()]).toEqual([1, "drain"]);
  // Somebody has drained it: it stays so.
  expect(await drain(member, id, progress, () => noted++)).toBe(false);
  await activate(member, id, progress);
  expect([noted, await availability()]).toEqual([1, "active"]);

  said.length = 0;
  const lost = { ...elsewhere, member: { nodeId: id, host: "unix:///nowhere.sock" } };
  expect(await drain(lost, id, progress, () => noted++)).toBe(false);
  expect(said.join("\n")).toMatch(/its tasks are not moved before it restarts: .*unix:\/\/\/nowhere\.sock/);
});
