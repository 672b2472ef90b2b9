import { setTimeout as sleep } from "node:timers/promises";
import { dockerProvider } from "../../../providers/docker/provider";
import {
  containsUnknown,
  type PropertyMap,
  type PropertyValue,
  Secret,
  Unknown,
} from "../../../providers/rpc/values";
import { DockerDaemon } from "../dockerDaemon";
import { PluginClient, urn } from "../pluginClient";

const image = "vmcluster.internal/box:1";
const type = "docker:index/service:Service";
let daemon: DockerDaemon;
let plugin: PluginClient;
jest.setTimeout(60_000);

beforeAll(async () => {
  daemon = await DockerDaemon.start();
  await Promise.all([daemon.makeImage(image)]);
  plugin = await PluginClient.of(dockerProvider());
  await plugin.configure({ host: daemon.host });
});
afterAll(async () => {
  await plugin?.close();
  await daemon?.remove();
});

const others: PluginClient[] = [];
afterEach(() => Promise.all(others.splice(0).map((one) => one.close())));

/** A provider process of its own. */
async function another(): Promise<PluginClient> {
  const one = await PluginClient.of(dockerProvider());
  others.push(one);
  return one;
}

interface Made {
  readonly urn: string;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
}

async function make(kind: string, name: string, news: PropertyMap): Promise<Made> {
  const resource = urn(kind, name);
  const inputs = await plugin.checked(resource, news);
  return { urn: resource, inputs, ...(await plugin.create(resource, inputs)) };
}

const remove = (made: Made): Promise<void> => plugin.delete(made.urn, made.id, made.outputs);

async function error(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (thrown: Error) => thrown.message,
  );
}

/** What the program says again after `up` must be no change: now, after a refresh, and after a refresh of the refresh. */
async function expectNoChange(made: Made, news: PropertyMap): Promise<void> {
  const unchanged = { changed: false, replaces: [], deleteBeforeReplace: false, detailed: {} };
  const again = await plugin.checked(made.urn, news, made.inputs);
  expect(await plugin.diff(made.urn, made.inputs, again, made.outputs)).toEqual(unchanged);
  const refreshed = await plugin.read(made.urn, made.id, made.inputs, made.outputs);
  expect(refreshed.id).toBe(made.id);
  expect(refreshed.inputs).toEqual(made.inputs);
  expect(refreshed.outputs).toEqual(made.outputs);
  expect(await plugin.diff(made.urn, refreshed.inputs, again, refreshed.outputs)).toEqual(unchanged);
}

const task = (container: PropertyMap = {}, rest: PropertyMap = {}): PropertyMap => ({
  taskSpec: { containerSpec: { image, ...container }, ...rest },
});
const fast = { delay: "250ms", timeout: "30s" };

describe("a service", () => {
  it("with every argument is no change after up, nor after a refresh", async () => {
    const network = await make("docker:index/network:Network", "all", { name: "all-net", driver: "overlay" });
    const secret = await make("docker:index/secret:Secret", "all", { name: "all-secret", data: "c2VjcmV0" });
    const config = await make("docker:index/serviceConfig:ServiceConfig", "all", {
      name: "all-config",
      data: "Y29uZmln",
    });
    const news: PropertyMap = {
      name: "all",
      labels: [
        { label: "b", value: "2" },
        { label: "a", value: "1" },
      ],
      taskSpec: {
        containerSpec: {
          image,
          labels: [{ label: "in", value: "container" }],
          commands: ["sleep"],
          args: ["1000"],
          hostname: "host",
          env: { Z: "last=1", A: "" },
          dir: "/",
          user: "0",
          groups: ["0"],
          privileges: { seLinuxContext: { disable: true, level: "l" } },
          readOnly: true,
          mounts: [
            { type: "tmpfs", target: "/t", tmpfsOptions: { sizeBytes: 1048576, mode: 0o1777 } },
            {
              type: "bind",
              source: "/tmp",
              target: "/b",
              readOnly: true,
              bindOptions: { propagation: "rslave" },
            },
            {
              type: "volume",
              source: "all-volume",
              target: "/v",
              volumeOptions: {
                noCopy: true,
                labels: [{ label: "l", value: "v" }],
                driverName: "local",
                driverOptions: { type: "tmpfs", device: "tmpfs" },
              },
            },
          ],
          stopSignal: "SIGKILL",
          stopGracePeriod: "60s",
          healthcheck: {
            tests: ["CMD", "true"],
            interval: "90s",
            timeout: "1500ms",
            startPeriod: "0s",
            retries: 2,
          },
          hosts: [
            { ip: "10.0.0.2", host: "two" },
            { ip: "10.0.0.1", host: "one" },
          ],
          dnsConfig: { nameservers: ["10.0.0.9"], searches: ["example"], options: ["timeout:3"] },
          secrets: [{ secretId: secret.id, fileName: "/s", fileMode: 0o400 }],
          configs: [
            { configId: config.id, configName: "all-config", fileName: "/c", fileUid: "1", fileGid: "2" },
          ],
          isolation: "default",
          sysctl: { "net.ipv4.ip_unprivileged_port_start": "80" },
          capAdds: ["CAP_NET_RAW"],
          capDrops: ["CAP_SYS_CHROOT"],
          init: true,
        },
        resources: {
          limits: { nanoCpus: 100000000, memoryBytes: 52428800 },
          reservation: { nanoCpus: 1000000, memoryBytes: 4194304 },
        },
        restartPolicy: { condition: "on-failure", delay: "0s", maxAttempts: 3, window: "2m" },
        placement: {
          constraints: ["node.role==manager", "node.platform.os==linux"],
          prefs: ["node.labels.zone"],
          maxReplicas: 4,
        },
        forceUpdate: 7,
        runtime: "container",
        networksAdvanceds: [{ name: network.id, aliases: ["other", "also"] }],
        logDriver: { name: "json-file", options: { "max-size": "10m" } },
      },
      mode: { replicated: { replicas: 2 } },
      updateConfig: {
        parallelism: 2,
        delay: "10s",
        failureAction: "continue",
        monitor: "500ms",
        maxFailureRatio: "0.1",
        order: "start-first",
      },
      rollbackConfig: {
        parallelism: 0,
        delay: "0s",
        failureAction: "pause",
        monitor: "1h",
        maxFailureRatio: "0.25",
        order: "stop-first",
      },
      endpointSpec: {
        mode: "vip",
        ports: [{ name: "p", targetPort: 80, publishedPort: 8099, publishMode: "host" }],
      },
    };
    const made = await make(type, "all", news);
    expect(made.id).toMatch(/^[a-z0-9]{25}$/);
    await expectNoChange(made, news);
    // Sets in another order and durations in another notation are the same.
    const taskSpec = news.taskSpec as PropertyMap;
    const containerSpec = taskSpec.containerSpec as PropertyMap;
    await expectNoChange(made, {
      ...news,
      labels: [...(news.labels as PropertyValue[])].reverse(),
      taskSpec: {
        ...taskSpec,
        containerSpec: {
          ...containerSpec,
          mounts: [...(containerSpec.mounts as PropertyValue[])].reverse(),
          stopGracePeriod: "1m0s",
        },
      },
    });
    expect(made.outputs).toMatchObject({
      name: "all",
      taskSpec: {
        containerSpec: { stopGracePeriod: "1m", env: { A: "", Z: "last=1" }, isolation: "default" },
        networksAdvanceds: [{ id: network.id, aliases: ["other", "also"] }],
        restartPolicy: { delay: "0s", window: "2m" },
      },
      updateConfig: { maxFailureRatio: "0.1", monitor: "500ms" },
      __meta: '{"schema_version":"2"}',
    });
    await remove(made);
    await Promise.all([network, secret, config].map(remove));
  });

  it("with hardly an argument is no change either, and gets a name", async () => {
    const made = await make(type, "small", task());
    expect(made.inputs.name).toMatch(/^small-[0-9a-f]{7}$/);
    await expectNoChange(made, task());
    const global = { ...task(), mode: { global: true } };
    const everywhere = await make(type, "everywhere", global);
    await expectNoChange(everywhere, global);
    const ports = {
      ...task(),
      endpointSpec: { mode: "dnsrr", ports: [{ targetPort: 81, publishMode: "host" }] },
    };
    const port = await make(type, "port", ports);
    expect(port.outputs.endpointSpec).toMatchObject({ mode: "dnsrr" });
    await expectNoChange(port, ports);
    await Promise.all([made, everywhere, port].map(remove));
  });

  it("of which Pulumi's own plugin read the inputs is no change", async () => {
    const news = { ...task(), mode: { replicated: { replicas: 1 } }, convergeConfig: fast };
    const made = await make(type, "readback", news);
    const { convergeConfig: _, ...inputs } = made.inputs;
    const refreshed = { ...inputs, mode: { __defaults: ["global"], global: false } };
    const again = await plugin.checked(made.urn, news, refreshed);
    expect((await plugin.diff(made.urn, refreshed, again, made.outputs)).detailed).toEqual({});
    const two = { ...again, mode: { replicated: { replicas: 2 } } };
    expect((await plugin.diff(made.urn, refreshed, two, made.outputs)).detailed).toEqual({
      "mode.replicated": "add",
    });
    await remove(made);
  });

  it("is changed in place, with what others set kept", async () => {
    const news = {
      name: "inplace",
      ...task({ env: { A: "1" } }),
      mode: { replicated: { replicas: 1 } },
      labels: [{ label: "mine", value: "1" }],
    };
    const made = await make(type, "inplace", news);
    await daemon.docker(
      "service",
      "update",
      "--detach",
      "--label-add",
      "theirs=1",
      "--force",
      "--limit-pids",
      "50",
      "inplace",
    );
    const wanted = {
      ...news,
      ...task(),
      mode: { replicated: { replicas: 2 } },
      labels: [{ label: "mine", value: "2" }],
    };
    const inputs = await plugin.checked(made.urn, wanted, made.inputs);
    expect(await plugin.diff(made.urn, made.inputs, inputs, made.outputs)).toEqual({
      changed: true,
      replaces: [],
      deleteBeforeReplace: false,
      detailed: {
        labels: "update",
        "mode.replicated.replicas": "update",
        "taskSpec.containerSpec.env": "delete",
      },
    });
    const outputs = await plugin.update(made.urn, made.id, made.inputs, made.outputs, inputs);
    const [{ Spec }] = await daemon.json<[{ Spec: Record<string, never> }]>("service", "inspect", "inplace");
    expect(Spec).toMatchObject({
      Labels: { mine: "2", theirs: "1" },
      Mode: { Replicated: { Replicas: 2 } },
      TaskTemplate: { ForceUpdate: 1, Resources: { Limits: { Pids: 50 } } },
    });
    expect(JSON.stringify(Spec)).not.toContain("Env");
    await remove({ ...made, outputs });
  });

  it("shows what others changed as a difference after a refresh, and repairs it", async () => {
    const news = { name: "drift", ...task(), mode: { replicated: { replicas: 1 } } };
    const made = await make(type, "drift", news);
    await daemon.docker("service", "update", "--detach", "--replicas", "0", "--env-add", "X=1", "drift");
    const refreshed = await plugin.read(made.urn, made.id, made.inputs, made.outputs);
    const inputs = await plugin.checked(made.urn, news, refreshed.inputs);
    expect((await plugin.diff(made.urn, refreshed.inputs, inputs, refreshed.outputs)).detailed).toEqual({
      "mode.replicated.replicas": "update",
      "taskSpec.containerSpec.env": "delete",
    });
    const outputs = await plugin.update(made.urn, made.id, refreshed.inputs, refreshed.outputs, inputs);
    await expectNoChange({ ...made, inputs, outputs }, news);
    await remove(made);
    expect((await plugin.read(made.urn, made.id, made.inputs, made.outputs)).id).toBe("");
    await remove(made);
  });

  it("is gone with its tasks when its delete returns", async () => {
    const stubborn = task({
      commands: ["sh"],
      args: ["-c", "trap '' TERM; sleep 1000"],
      stopGracePeriod: "2s",
    });
    const made = await make(type, "stubborn", { name: "stubborn", ...stubborn, convergeConfig: fast });
    plugin.log.length = 0;
    await remove(made);
    expect(plugin.log[0]?.message).toBe("waiting for 1 task to stop");
    expect(await daemon.docker("ps", "-q", "--filter", "name=stubborn")).toBe("");
  });

  it("is taken over when a killed run has made it already, and only if it is as wanted", async () => {
    const news = {
      name: "twice",
      ...task(),
      mode: { replicated: { replicas: 1 } },
      labels: [{ label: "a", value: "b" }],
    };
    const first = await make(type, "twice", news);
    const second = await make(type, "twice", news);
    expect(second.id).toBe(first.id);
    expect(plugin.log.at(-1)?.message).toContain("taken over");
    expect(await error(make(type, "twice", { ...news, mode: { replicated: { replicas: 2 } } }))).toContain(
      "a service named twice exists already, with other settings",
    );
    await remove(first);
  });
});

describe("waiting for convergence", () => {
  it("ends when all tasks run, healthy where they can tell, and says how far it is", async () => {
    plugin.log.length = 0;
    const healthcheck = { tests: ["CMD", "test", "-e", "/ready"], interval: "500ms", retries: 100 };
    const container = {
      commands: ["sh"],
      args: ["-c", "sleep 2; touch /ready; sleep 1000"],
      stopGracePeriod: "0s",
    };
    const news = {
      name: "healthy",
      ...task({ ...container, healthcheck }),
      mode: { replicated: { replicas: 3 } },
      convergeConfig: fast,
    };
    const started = Date.now();
    const made = await make(type, "healthy", news);
    expect(Date.now() - started).toBeGreaterThan(2000);
    expect(plugin.log.every(({ ephemeral }) => ephemeral)).toBe(true);
    const said = plugin.log.map(({ message }) => message);
    expect(said).toContain("0/3 running, 3 starting");
    expect(said.at(-1)).toBe("3/3 running");
    expect(
      await daemon.docker("service", "ls", "--filter", "name=healthy", "--format", "{{.Replicas}}"),
    ).toBe("3/3");
    await expectNoChange(made, news);

    const inputs = await plugin.checked(
      made.urn,
      { ...news, mode: { replicated: { replicas: 1 } } },
      made.inputs,
    );
    const before = await daemon.docker("service", "ps", "-q", "--filter", "desired-state=running", "healthy");
    const outputs = await plugin.update(made.urn, made.id, made.inputs, made.outputs, inputs);
    const after = await daemon.docker("service", "ps", "-q", "--filter", "desired-state=running", "healthy");
    expect(before.split("\n")).toEqual(expect.arrayContaining(after.split("\n")));
    expect(after.split("\n")).toHaveLength(1);
    await remove({ ...made, outputs });
  });

  it("waits for a task on every node of a global service, which the plugin cannot be told to", async () => {
    plugin.log.length = 0;
    const healthcheck = { tests: ["CMD", "test", "-e", "/ready"], interval: "500ms", retries: 100 };
    const container = { commands: ["sh"], args: ["-c", "sleep 2; touch /ready; sleep 1000"] };
    const news = {
      name: "everywhere",
      ...task({ ...container, stopGracePeriod: "0s", healthcheck }),
      mode: { global: true },
    };
    const made = await make(type, "everywhere", news);
    expect(plugin.log.at(-1)?.message).toBe("1/1 running");
    expect(plugin.log.map(({ message }) => message)).toContain("0/1 running, 1 starting");
    await expectNoChange(made, news);
    await remove(made);
  });

  it("warns of a global service that no node may run", async () => {
    plugin.log.length = 0;
    const placement = { constraints: ["node.labels.nowhere==1"] };
    const news = { name: "nowhere", ...task({}, { placement }), mode: { global: true } };
    await remove(await make(type, "nowhere", news));
    expect(plugin.log.map(({ message }) => message)).toContain(
      "no node may run service nowhere: see its constraints, and the nodes' availability",
    );
  });

  it("waits for the new tasks of an update", async () => {
    const news = {
      name: "rolled",
      ...task({ stopGracePeriod: "0s", env: { V: "1" } }),
      updateConfig: { monitor: "500ms" },
      convergeConfig: fast,
    };
    const made = await make(type, "rolled", news);
    const inputs = await plugin.checked(
      made.urn,
      { ...news, ...task({ stopGracePeriod: "0s", env: { V: "2" } }) },
      made.inputs,
    );
    await plugin.update(made.urn, made.id, made.inputs, made.outputs, inputs);
    const [running] = (
      await daemon.docker("service", "ps", "-q", "--filter", "desired-state=running", "rolled")
    ).split("\n");
    const [{ Spec, Status }] = await daemon.json<
      [{ Spec: { ContainerSpec: { Env: string[] } }; Status: { State: string } }]
    >("inspect", "--type", "task", running as string);
    expect([Spec.ContainerSpec.Env, Status.State]).toEqual([["V=2"], "running"]);
    await remove(made);
  });

  it("fails with what the tasks say, and leaves no service behind that is not recorded", async () => {
    const missing = {
      taskSpec: {
        containerSpec: { image: "vmcluster.internal/missing:1" },
        restartPolicy: { delay: "100ms" },
      },
    };
    expect(await error(make(type, "missing", { name: "missing", ...missing, convergeConfig: fast }))).toMatch(
      /^service missing did not converge: its nodes refuse its tasks\n.*No such image: vmcluster.internal\/missing:1/,
    );
    const nowhere = task({}, { placement: { constraints: ["node.role==worker"] } });
    expect(
      await error(
        make(type, "nowhere", {
          name: "nowhere",
          ...nowhere,
          convergeConfig: { delay: "250ms", timeout: "2s" },
        }),
      ),
    ).toMatch(/0 of 1 tasks run after 2s .*\n.*no suitable node/);
    const broken = task({ commands: ["false"] }, { restartPolicy: { condition: "none" } });
    // It runs for a moment: longer on a busy machine.
    const patient = { delay: "2s", timeout: "60s" };
    expect(
      await error(make(type, "broken", { name: "broken", ...broken, convergeConfig: patient })),
    ).toContain("its tasks have failed as often as its restart policy allows");
    expect(await daemon.docker("service", "ls", "-q")).toBe("");
  });

  it("is stopped by Cancel", async () => {
    const own = await another();
    await own.configure({ host: daemon.host });
    const resource = urn(type, "cancelled");
    const inputs = await own.checked(resource, {
      name: "cancelled",
      ...task({}, { placement: { constraints: ["node.role==worker"] } }),
      convergeConfig: fast,
    });
    const failed = error(own.create(resource, inputs));
    while (own.log.length === 0) await sleep(20);
    await own.cancel();
    expect(await failed).toBe("cancelled");
    expect(await daemon.docker("service", "ls", "-q")).toBe("");
  });
});

describe("what changes mean", () => {
  const base: PropertyMap = {
    name: "s",
    ...task({ env: { A: "1" } }, { networksAdvanceds: [{ id: "n1" }] }),
  };
  const inTask = (container: PropertyMap, rest: PropertyMap = {}): PropertyMap => ({
    ...base,
    taskSpec: {
      ...(base.taskSpec as PropertyMap),
      containerSpec: { image, env: { A: "1" }, ...container },
      ...rest,
    },
  });
  it.each<[string, PropertyMap, string, string[]]>([
    ["the name", { ...base, name: "t" }, "name", ["name"]],
    ["the image", inTask({ image: "other" }), "taskSpec.containerSpec.image", []],
    ["a variable", inTask({ env: { A: "2" } }), "taskSpec.containerSpec.env.A", []],
    [
      "a network",
      inTask({}, { networksAdvanceds: [{ id: "n2" }] }),
      "taskSpec.networksAdvanceds",
      ["taskSpec"],
    ],
    ["a sysctl", inTask({ sysctl: { a: "1" } }), "taskSpec.containerSpec.sysctl", ["taskSpec"]],
    [
      "a container label",
      inTask({ labels: [{ label: "a", value: "b" }] }),
      "taskSpec.containerSpec.labels",
      ["taskSpec"],
    ],
    ["the mode", { ...base, mode: { global: true } }, "mode", ["mode"]],
    ["the number of tasks", { ...base, mode: { replicated: { replicas: 3 } } }, "mode", []],
    ["a service label", { ...base, labels: [{ label: "a", value: "b" }] }, "labels", []],
    ["the login", { ...base, auth: { serverAddress: "r" } }, "auth", ["auth"]],
    ["an unknown image", inTask({ image: Unknown.value }), "taskSpec.containerSpec.image", []],
  ])("%s", async (_, news, path, replaces) => {
    const diff = await plugin.diff(urn(type, "s"), base, news);
    expect(Object.keys(diff.detailed)).toEqual([path]);
    expect(diff.replaces).toEqual(replaces);
    expect(diff.deleteBeforeReplace).toBe(replaces.length > 0 && !replaces.includes("name"));
  });
});

describe("checking inputs", () => {
  it("names each property that is wrong by its path", async () => {
    const { failures } = await plugin.check(urn(type, "s"), {
      taskSpec: {
        containerSpec: {
          image,
          imagee: "x",
          mounts: [{ type: "disk" }],
          stopGracePeriod: "5 minutes",
          healthcheck: { retries: -1 },
        },
        networksAdvanceds: [{}],
      },
      updateConfig: { maxFailureRatio: "1.5" },
      mode: { replicated: { replicas: 1.5 } },
    });
    expect(failures.sort()).toEqual([
      "mode.replicated.replicas: must be a whole number, is the number 1.5",
      "taskSpec.containerSpec.healthcheck.retries: must be at least 0, is -1",
      "taskSpec.containerSpec.imagee: is no property here; did you mean image?",
      "taskSpec.containerSpec.mounts[0].target: is required but missing",
      'taskSpec.containerSpec.mounts[0].type: must be one of "bind", "volume", "tmpfs", is "disk"',
      'taskSpec.containerSpec.stopGracePeriod: must be a duration such as "10s" or "1m30s", is "5 minutes"',
      'updateConfig.maxFailureRatio: must be a number from 0 to 1, is "1.5"',
    ]);
    expect((await plugin.check(urn(type, "s"), task({}, { networksAdvanceds: [{}] }))).failures).toEqual([
      "taskSpec.networksAdvanceds[0]: needs an id (or a name)",
    ]);
    expect((await plugin.check(urn(type, "s"), {})).failures).toEqual(["taskSpec: is required but missing"]);
    expect(
      (await plugin.check(urn(type, "s"), { ...task(), mode: { global: true }, convergeConfig: {} }))
        .failures,
    ).toEqual(["convergeConfig: conflicts with mode.global"]);
  });

  it("keeps the generated name of the last run", async () => {
    const resource = urn(type, "kept");
    const first = await plugin.checked(resource, task());
    expect(await plugin.checked(resource, task(), first)).toEqual(first);
  });

  it("keeps a password secret", async () => {
    const inputs = await plugin.checked(urn(type, "s"), {
      ...task(),
      auth: { serverAddress: "r", password: "p" },
    });
    expect((inputs.auth as PropertyMap).password).toBeInstanceOf(Secret);
  });
});

it("does not need the daemon for a preview", async () => {
  const own = await another();
  await own.configure({ host: Unknown.value, sshOpts: Unknown.value });
  const network = urn("docker:index/network:Network", "n");
  const { outputs } = await own.create(network, await own.checked(network, { name: "n" }), true);
  expect(outputs.name).toBe("n");
  expect(containsUnknown(outputs.scope ?? null)).toBe(true);
  expect(await error(own.create(network, { name: "n" }))).toContain("the Docker host is not known yet");
});
