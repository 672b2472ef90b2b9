import * as pulumi from "@pulumi/pulumi";
import { Recorder } from "../mocks";

new Recorder().start();

import { clusterArguments } from "../../../components/cluster/argumentSchemas";
import { checkArguments } from "../../../components/service/arguments";
import { ComposeStack, GetStartedStack, ServiceImage, SwarmCluster, SwarmService } from "../../../index";

const later = (value: unknown): never => pulumi.output(value) as never;
const make = (Component: new (...args: never[]) => unknown, args: unknown) =>
  Reflect.construct(Component, ["it", args]) as unknown;
const registry = { server: "registry.example.com" };

describe.each([
  [SwarmCluster, "nodeCount", { nodeCount: later(0) }],
  [SwarmCluster, "managers", { nodeCount: 3, managers: later(3) }],
  [SwarmCluster, "nodeCount", { nodeCount: later(3), managers: 3 }],
  [SwarmCluster, "hosts", { hosts: later([{ host: "10.0.0.5" }]) }],
  [SwarmCluster, "hosts.1", { hosts: [{ host: "10.0.0.5" }, later({ host: "10.0.0.6" })] }],
  [SwarmCluster, "swarm", { swarm: later({ autolock: true }) }],
  [SwarmCluster, "swarm.rotateTokens", { swarm: { rotateTokens: later(true) } }],
  [SwarmCluster, "nodeCount", { nodeCount: Promise.resolve(1) }],
  [SwarmCluster, "arguments", later({ nodeCount: 1 })],
  [GetStartedStack, "nodeCount", { nodeCount: later(1) }],
  [GetStartedStack, "managers", { managers: later(1) }],
  [ComposeStack, "file", { file: later("compose.yml") }],
  [ComposeStack, "files.0", { files: [later("compose.yml")] }],
  [ComposeStack, "yaml", { yaml: later("services: {}") }],
  [ComposeStack, "folder", { yaml: "services: {}", folder: later(".") }],
  [ComposeStack, "stackName", { yaml: "services: {}", stackName: later("shop") }],
  [ComposeStack, "profiles", { yaml: "services: {}", profiles: later(["debug"]) }],
  [ComposeStack, "variables.TAG", { yaml: "services: {}", variables: { TAG: later("1") } }],
  [ServiceImage, "tags", { context: ".", registry, tags: later(["latest"]) }],
  [ServiceImage, "builder", { context: ".", registry, builder: later("buildah") }],
  [SwarmService, "envFiles.0", { image: "nginx", envFiles: [later("app.env")] }],
] as const)("%p", (Component, path, args) => {
  it(`needs ${path} at once, and says so in one line`, () => {
    let message = "";
    try {
      make(Component as never, args);
    } catch (error) {
      expect(error).toBeInstanceOf(pulumi.RunError);
      message = (error as Error).message;
    }
    expect(message).toMatch(/^[^\n]*: must be known at once: give the value itself, no output or promise$/);
    expect(message).toContain(`"it": ${path}: `);
  });
});

it("takes outputs for what may be known later", () => {
  for (const args of [
    { nodeCount: 1, memory: pulumi.output(512), swarm: { autolock: pulumi.output(true) } },
    { hosts: [{ host: pulumi.output("10.0.0.5"), sshPort: pulumi.output(22) }], images: pulumi.output([]) },
  ])
    expect(() => checkArguments("it", args, clusterArguments)).not.toThrow();
});
