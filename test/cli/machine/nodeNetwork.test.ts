import { nodeNetworkId } from "../../../cli/machine/nodeNetwork";
import { DockerDaemon } from "../../providers/dockerDaemon";

jest.setTimeout(120_000);

let daemon: DockerDaemon;
beforeAll(async () => {
  daemon = await DockerDaemon.start();
});
afterAll(() => daemon.remove());

it.each(["host", "bridge"] as const)("tells the ID that the swarm has for the network %s", async (name) => {
  await daemon.makeImage("test:1");
  const id = await nodeNetworkId({ host: daemon.host, name }, () => {});
  await daemon.docker("service", "create", "--detach", "--name", name, "--network", name, "test:1");
  const format = "{{(index .Spec.TaskTemplate.Networks 0).Target}}";
  expect(await daemon.docker("service", "inspect", "--format", format, name)).toBe(id);
  expect(await daemon.docker("network", "inspect", "--format", "{{.Id}}", name)).not.toBe(id);
});
