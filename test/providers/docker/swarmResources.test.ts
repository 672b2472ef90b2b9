import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { contentName, keyedLabel } from "../../../host/contentName";
import { dockerProvider } from "../../../providers/docker/provider";
import { containsSecret, containsUnknown, type PropertyMap, Secret } from "../../../providers/rpc/values";
import { DockerDaemon } from "../dockerDaemon";
import { PluginClient, urn } from "../pluginClient";
import { SshServer } from "../sshServer";

let daemon: DockerDaemon;
let server: SshServer;
let plugin: PluginClient;
jest.setTimeout(60_000);

/** Everything here goes over SSH, as it does to a machine: `docker system dial-stdio` there. */
beforeAll(async () => {
  [daemon, server] = await Promise.all([DockerDaemon.start(), SshServer.start()]);
  await daemon.makeImage("vmcluster.internal/box:1");
  plugin = await PluginClient.of(dockerProvider());
  await plugin.configure({
    host: `ssh://machine${daemon.socket}`,
    sshOpts: JSON.stringify(["-F", server.sshConfig]),
  });
});
afterAll(async () => {
  await plugin?.close();
  await server?.remove();
  await daemon?.remove();
});

async function error(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (thrown: Error) => thrown.message,
  );
}

const kinds = {
  network: "docker:index/network:Network",
  volume: "docker:index/volume:Volume",
  secret: "docker:index/secret:Secret",
  config: "docker:index/serviceConfig:ServiceConfig",
};

interface Made {
  readonly urn: string;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
}

async function make(kind: keyof typeof kinds, news: PropertyMap): Promise<Made> {
  const resource = urn(kinds[kind], "one");
  const inputs = await plugin.checked(resource, news);
  return { urn: resource, inputs, ...(await plugin.create(resource, inputs)) };
}

const remove = (made: Made): Promise<void> => plugin.delete(made.urn, made.id, made.outputs);

describe("up, the same again, refresh and delete", () => {
  it.each<[string, keyof typeof kinds, PropertyMap]>([
    ["an overlay network", "network", { name: "plain", driver: "overlay", attachable: false }],
    [
      "an overlay network with everything",
      "network",
      {
        name: "full",
        driver: "overlay",
        attachable: true,
        internal: true,
        ipamDriver: "default",
        ipamConfigs: [{ subnet: "10.11.0.0/16", ipRange: "10.11.5.0/24", gateway: "10.11.0.1" }],
        labels: [
          { label: "b", value: "2" },
          { label: "a", value: "1" },
        ],
        options: { encrypted: "" },
      },
    ],
    [
      "an overlay network with a subnet alone",
      "network",
      { driver: "overlay", ipamConfigs: [{ subnet: "10.12.0.0/24" }] },
    ],
    [
      "a bridge network",
      "network",
      { name: "local", driver: "bridge", options: { "com.docker.network.bridge.name": "br-test" } },
    ],
    [
      "a volume",
      "volume",
      {
        name: "vol",
        driver: "local",
        labels: [{ label: "a", value: "1" }],
        driverOpts: { type: "tmpfs", device: "tmpfs" },
      },
    ],
    ["a volume with no arguments", "volume", {}],
    [
      "a secret",
      "secret",
      { name: "sec", data: new Secret("c2VjcmV0"), labels: [{ label: "a", value: "1" }] },
    ],
    ["a config", "config", { name: "conf", data: "Y29uZmln" }],
    [
      "a config in plain text",
      "config",
      { name: "raw", dataRaw: "plain\n", labels: [{ label: "a", value: "1" }] },
    ],
  ])("%s", async (_, kind, news) => {
    const made = await make(kind, news);
    const again = await plugin.checked(made.urn, news, made.inputs);
    expect((await plugin.diff(made.urn, made.inputs, again, made.outputs)).detailed).toEqual({});
    const refreshed = await plugin.read(made.urn, made.id, made.inputs, made.outputs);
    expect(refreshed).toEqual({ id: made.id, inputs: made.inputs, outputs: made.outputs });
    await remove(made);
    expect((await plugin.read(made.urn, made.id, made.inputs, made.outputs)).id).toBe("");
    await remove(made);
  });

  it("every change makes a new one, the old one going first if the name is the program's", async () => {
    const resource = urn(kinds.network, "n");
    const named = await plugin.checked(resource, { name: "n" });
    expect(await plugin.diff(resource, named, { ...named, attachable: true })).toEqual({
      changed: true,
      replaces: ["attachable"],
      deleteBeforeReplace: true,
      detailed: { attachable: "add_replace" },
    });
    const generated = await plugin.checked(resource, {});
    const news = await plugin.checked(resource, { attachable: true }, generated);
    expect(news.name).toBe(generated.name);
    expect(await plugin.diff(resource, generated, news)).toMatchObject({ deleteBeforeReplace: false });
  });

  it("a bridged provider's state: ids, defaults and the version of the schema", async () => {
    const made = await make("network", { driver: "overlay" });
    expect(made.inputs).toMatchObject({ ipamDriver: "default", __defaults: ["ipamDriver", "name"] });
    expect(made.outputs).toMatchObject({ id: made.id, scope: "swarm", __meta: '{"schema_version":"1"}' });
    await remove(made);
    const volume = await make("volume", { name: "by-name" });
    expect(volume.id).toBe("by-name");
    await remove(volume);
  });
});

describe("a network", () => {
  it("is taken over when a killed run has made it, and only as it is wanted", async () => {
    const made = await make("network", { name: "again", driver: "overlay" });
    expect((await make("network", { name: "again", driver: "overlay" })).id).toBe(made.id);
    expect(await error(make("network", { name: "again", driver: "overlay", attachable: true }))).toContain(
      "a network named again exists already, with other settings",
    );
    await remove(made);
  });

  it("is deleted as soon as nothing uses it any more", async () => {
    const made = await make("network", { name: "busy", driver: "overlay" });
    await daemon.docker(
      "service",
      "create",
      "--detach",
      "--name",
      "user",
      "--network",
      "busy",
      "--stop-grace-period",
      "1s",
      "vmcluster.internal/box:1",
    );
    plugin.log.length = 0;
    const removing = remove(made);
    while (plugin.log.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(plugin.log[0]?.message).toBe("waiting until network busy is no longer in use");
    await daemon.docker("service", "rm", "user");
    await removing;
    expect(await daemon.docker("network", "ls", "-q", "--filter", "name=busy")).toBe("");
  });

  it("shows as another one after a refresh when others made it anew", async () => {
    const news = { name: "drift", driver: "overlay", labels: [{ label: "a", value: "1" }] };
    const made = await make("network", news);
    const changed = { ...made.outputs, labels: [{ label: "a", value: "0" }] };
    const refreshed = await plugin.read(
      made.urn,
      made.id,
      { ...made.inputs, labels: changed.labels },
      changed,
    );
    expect(refreshed.inputs.labels).toEqual(news.labels);
    await remove(made);
  });
});

it("what Pulumi's own plugin wrote down stays as long as it means the same, and goes as a whole", async () => {
  const made = await make("config", { name: "theirs", data: "YQ==" });
  const theirs = {
    ...made.outputs,
    dataRaw: null,
    labels: [],
    __pulumi_raw_state_delta: { obj: { ps: { labels: { arr: {} } } } },
  };
  const same = await plugin.read(made.urn, made.id, made.inputs, theirs);
  expect(same).toEqual({ id: made.id, inputs: made.inputs, outputs: theirs });
  const other = { ...theirs, labels: [{ label: "gone", value: "1" }] };
  const drifted = await plugin.read(made.urn, made.id, made.inputs, other);
  expect(drifted.outputs).toEqual({ ...made.outputs, dataRaw: null });
  await remove(made);
});

it("a config is taken over when a killed run has made it; a secret is not, since nobody can tell what it holds", async () => {
  const config = await make("config", { name: "taken", data: "YQ==" });
  expect((await make("config", { name: "taken", dataRaw: "a" })).id).toBe(config.id);
  expect(await error(make("config", { name: "taken", dataRaw: "b" }))).toContain(
    "a config named taken exists already",
  );
  const hidden = await make("secret", { name: "taken", data: "YQ==" });
  expect(await error(make("secret", { name: "taken", data: "YQ==" }))).toMatch(
    /exists already\n.*cannot be read/,
  );
  await Promise.all([config, hidden].map(remove));
});

it("a secret whose name stands for its content is taken over, too", async () => {
  const labels = [{ label: keyedLabel.name, value: keyedLabel.value }];
  const name = contentName("told", "a", {}, "key");
  const made = await make("secret", { name, data: "YQ==", labels });
  expect((await make("secret", { name, data: "YQ==", labels })).id).toBe(made.id);
  expect(await error(make("secret", { name, data: "YQ==" }))).toMatch(/exists already/);
  await remove(made);
});

it("a secret's data stays secret", async () => {
  const made = await make("secret", { name: "quiet", data: "c2VjcmV0" });
  expect(made.inputs.data).toBeInstanceOf(Secret);
  expect(containsSecret(made.outputs)).toBe(true);
  const { failures } = await plugin.check(made.urn, { name: "quiet", data: "not base64!" });
  expect(failures).toEqual(["data: must be base64-encoded"]);
  await remove(made);
});

it("previews tell what is not known yet", async () => {
  const resource = urn(kinds.volume, "v");
  const { outputs } = await plugin.create(resource, await plugin.checked(resource, { name: "v" }), true);
  expect(outputs.name).toBe("v");
  expect(containsUnknown(outputs.mountpoint ?? null)).toBe(true);
});

describe("the way to the daemon", () => {
  it("keeps SSH connections for all requests", async () => {
    const logins = await server.logins();
    expect(logins).toBeGreaterThan(0);
    const made = await make("volume", { name: "kept" });
    for (let i = 0; i < 5; i++) await plugin.read(made.urn, made.id, made.inputs, made.outputs);
    await remove(made);
    expect(await server.logins()).toBe(logins);
  });

  it("is found again after the machine has restarted, also when that takes a moment", async () => {
    const made = await make("volume", { name: "restart" });
    await server.down();
    const reading = plugin.read(made.urn, made.id, made.inputs, made.outputs);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await server.up();
    expect((await reading).id).toBe("restart");
    await remove(made);
  });

  it("is said to be wrong when it is, at once", async () => {
    const own = await PluginClient.of(dockerProvider());
    const resource = urn(kinds.volume, "v");
    try {
      await writeFile(`${server.folder}/no_hosts`, "");
      const config = (await readFile(server.sshConfig, "utf8")).replace("known_hosts", "no_hosts");
      await writeFile(join(server.folder, "distrusting"), config);
      await own.configure({
        host: "ssh://machine",
        sshOpts: JSON.stringify(["-F", join(server.folder, "distrusting")]),
      });
      expect(await error(own.create(resource, { name: "v" }))).toMatch(
        /^cannot reach the Docker daemon at ssh:\/\/machine\n.*Host key verification failed/s,
      );
      await expect(own.configure({ host: "tcp://127.0.0.1:2375" })).rejects.toThrow("it must read ssh://");
      await expect(own.configure({ host: "ssh://-oProxyCommand=evil" })).rejects.toThrow("cannot be used");
      await expect(own.configure({ certPath: "/x" })).rejects.toThrow("certPath is not supported");
      expect(
        await own.checkConfig({ host: "unix:///x", sshOpts: "[5]", hots: "x", version: "5.2.0" }),
      ).toEqual([
        "hots: is no property here; did you mean host?",
        "sshOpts[0]: must be a string, is the number 5",
      ]);
    } finally {
      await own.close();
    }
  });
});

it("refuses by name what it does not do", async () => {
  await expect(plugin.check(urn("docker:index/plugin:Plugin", "p"), {})).rejects.toThrow(
    /Plugin is not supported by vmcluster's own docker provider\n.*\n.*pulumi plugin install resource docker 5.2.0/,
  );
  await expect(plugin.invoke("docker:index/getPlugin:getPlugin", {})).rejects.toThrow(
    "getPlugin is not supported",
  );
});
