/** The name and the options of a component, and components in the place of arguments: refused in one line, before the SDK fails by itself. */
import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { Recorder } from "./mocks";

const recorder = new Recorder();
recorder.start();

import {
  ComposeStack,
  Machine,
  OverlayNetwork,
  RegistryService,
  type ServiceArgs,
  SwarmCluster,
  SwarmConfig,
  SwarmJob,
  SwarmSecret,
  SwarmService,
} from "../../index";

// It is required when it is used first, which must be in the file's own time.
void command.local.run;

// What is made goes on behind the tests' backs.
afterAll(async () => {
  await pulumi.runtime.disconnect();
}, 60_000);

const cluster = new SwarmCluster("one", {});
const network = new OverlayNetwork("net", {}, cluster.onSwarm);
const secret = new SwarmSecret("pw", { data: "a" }, cluster.onSwarm);
const config = new SwarmConfig("conf", { data: "a" }, cluster.onSwarm);

const refused = (make: () => unknown): string => {
  try {
    make();
  } catch (error) {
    // No other error is shown without a stack.
    expect(pulumi.RunError.isInstance(error)).toBe(true);
    return (error as Error).message;
  }
  throw new Error("was accepted");
};

describe("options", () => {
  it.each<[unknown, string]>([
    [cluster, "must be an object, such as cluster.onSwarm or { parent }, not the SwarmCluster itself"],
    [cluster.provider, "must be cluster.onSwarm or { provider }, not the Provider itself"],
    ["one", 'must be an object, such as cluster.onSwarm or { provider }, not "one"'],
    [null, "must be an object, such as cluster.onSwarm or { provider }, not null"],
    [[cluster], "must be an object, such as cluster.onSwarm or { provider }, not an array"],
    [
      pulumi.output({}),
      "must be an object, such as cluster.onSwarm or { provider }, not an output or a promise",
    ],
    [{ provider: "docker" }, 'provider: must be a provider, such as cluster.provider, not "docker"'],
    [{ provider: cluster }, "provider: must be a provider, such as cluster.provider, not the SwarmCluster"],
    [
      { provider: network.networkId },
      "provider: must be a provider, such as cluster.provider, not an output or a promise",
    ],
    [
      { providers: { docker: cluster.onSwarm } },
      "providers.docker: must be a provider, such as cluster.provider, not an object",
    ],
    [
      { providers: "docker" },
      'providers: must be providers by their package, such as { docker: cluster.provider }, not "docker"',
    ],
    [{ parent: "one" }, 'parent: must be a resource, not "one"'],
    [{ dependsOn: "one" }, 'dependsOn: must be a resource or an array of them, not "one"'],
    [{ dependsOn: [undefined] }, "dependsOn.0: must be a resource, not nothing"],
    [{ ...cluster.onSwarm, dependOn: [] }, "dependOn is not one of them; did you mean dependsOn?"],
  ])("that are none are refused: %#", (opts, message) => {
    const given = opts as pulumi.ComponentResourceOptions;
    expect(refused(() => new SwarmService("a", { image: "a" }, given))).toBe(
      `SwarmService "a": options: ${message}`,
    );
    expect(refused(() => new SwarmJob("a", { image: "a" }, given))).toContain(message);
    expect(refused(() => new Machine("a", {}, given))).toContain(message);
    expect(refused(() => new ComposeStack("a", { yaml: "" }, given))).toContain(message);
  });

  it("may be all that the SDK takes", () => {
    const provider = new docker.Provider("own", {});
    new OverlayNetwork(
      "a2",
      {},
      { ...cluster.onSwarm, parent: undefined, protect: true, dependsOn: network },
    );
    new OverlayNetwork("a3", {}, { providers: [provider] });
    new OverlayNetwork("a4", {}, { providers: { docker: provider }, dependsOn: pulumi.output([network]) });
    new OverlayNetwork("a5", {}, { parent: cluster, provider, dependsOn: [Promise.resolve(network)] });
    const later = { newerThanThis: true } as pulumi.ComponentResourceOptions;
    new OverlayNetwork("a6", {}, { ...later, provider, aliases: [{ name: "b" }], ignoreChanges: ["labels"] });
  });
});

describe("a name", () => {
  it.each<[unknown, string]>([
    ["", '""'],
    [" ", '" "'],
    [5, "5"],
    [undefined, "nothing"],
    [{ image: "a" }, "an object"],
    [cluster, "the SwarmCluster"],
  ])("that is none is refused: %#", (name, said) => {
    expect(refused(() => new SwarmService(name as string, { image: "a" }, cluster.onSwarm))).toBe(
      `SwarmService: its first argument must be its name, a text, not ${said}`,
    );
  });
});

describe("components in the place of arguments", () => {
  const service = (args: object): string =>
    refused(() => new SwarmService("a", { image: "a", ...args } as ServiceArgs, cluster.onSwarm));

  it.each<[object, string]>([
    [
      { networks: [network] },
      "networks.0: must not be the OverlayNetwork itself: give { networkId: ….networkId }",
    ],
    [
      { networks: [{ networkId: network }] },
      "networks.0.networkId: must not be the OverlayNetwork itself: give what is asked for, perhaps its networkId, networkName",
    ],
    [
      { secrets: [secret] },
      'secrets.0: must not be the SwarmSecret itself: give what its file("name") returns',
    ],
    [
      { configs: [config] },
      'configs.0: must not be the SwarmConfig itself: give what its file("name") returns',
    ],
    [{ secrets: [secret.file] }, "secrets.0: must be an object, not a function: is it called?"],
    [{ networks: { networkId: network.networkId } }, 'networks: must be an array, not {"networkId":"…"}'],
    [{ env: [network.networkId] }, 'env: must be a map, not ["…"]'],
    [
      { networks: [network.networkId] },
      'networks.0: must not be the ID of network "net" alone: give { networkId: ….networkId }',
    ],
    [
      { secrets: [secret.secretId] },
      'secrets.0: must not be the ID of secret "pw" alone: give what its file("name") returns',
    ],
    [
      { configs: [config.configId] },
      'configs.0: must not be the ID of config "conf" alone: give what its file("name") returns',
    ],
  ])("are named with what to give: %#", (args, message) => {
    expect(service(args)).toBe(`service "a": ${message}`);
  });

  it("are named where there are no other arguments, and in fields that want texts", () => {
    expect(refused(() => new SwarmService("a", cluster as never, cluster.onSwarm))).toMatch(
      /^service "a": arguments: must not be the SwarmCluster itself: /,
    );
    expect(refused(() => new RegistryService("a", { manager: cluster } as never, cluster.onSwarm))).toMatch(
      /^RegistryService "a": manager: .{1,150}$/,
    );
    expect(service({ command: "x".repeat(1000) })).toBe(
      `service "a": command: must be an array, not "${"x".repeat(119)}…`,
    );
  });
});
