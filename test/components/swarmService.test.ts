import { join } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { known, Recorder } from "./mocks";

const recorder = new Recorder();
recorder.start();

import { contentName } from "../../host/contentName";
import type { ServiceArgs } from "../../index";
import { ComposeStack, SwarmConfig, SwarmSecret, SwarmService } from "../../index";

interface Inputs {
  readonly taskSpec: {
    readonly resources: object;
    readonly containerSpec: object;
    readonly placement: object;
  };
  readonly mode: object;
  readonly endpointSpec: object;
  readonly updateConfig: object;
}

let count = 0;

/** What the Docker resource of a service with these arguments is given. */
async function inputs(
  args: Omit<ServiceArgs, "image"> & { image?: string },
): Promise<Record<string, unknown>> {
  const name = `s${count++}`;
  const service = new SwarmService(name, { image: "redis:7", ...args });
  await known(service.serviceId);
  return recorder.one(`${name}-service`).inputs as Record<string, unknown>;
}

describe("SwarmService", () => {
  it("gives what the swarm would fill in, so that a plan stays without a difference", async () => {
    expect(await inputs({ serviceName: "cache" })).toEqual({
      name: "cache",
      taskSpec: {
        containerSpec: { image: "redis:7", env: {}, sysctl: {} },
        restartPolicy: { condition: "any", delay: "5s", maxAttempts: 0, window: "0s" },
      },
      mode: { replicated: { replicas: 1 } },
      endpointSpec: { mode: "vip" },
      convergeConfig: { delay: "2s", timeout: "15m" },
    });
  });

  it("translates units and words", async () => {
    const { taskSpec, mode, endpointSpec, updateConfig } = (await inputs({
      replicas: 3,
      cpuLimit: 0.5,
      memoryReservation: 64,
      capAdd: ["net_admin", "CAP_CHOWN"],
      capDrop: ["all"],
      extraHosts: { db: "10.0.0.2" },
      spreadOver: ["node.labels.zone"],
      maxReplicasPerNode: 2,
      ports: [
        { target: 80, published: 8080 },
        { target: 53, protocol: "udp", mode: "host" },
      ],
      updateConfig: { order: "start-first", maxFailureRatio: 0.2 },
      mounts: [
        { type: "tmpfs", target: "/t", size: 16 },
        { type: "volume", target: "/v", source: "vv", driverOptions: { a: "b" } },
      ],
      healthCheck: { test: ["CMD-SHELL", "true"], interval: "90s" },
    })) as unknown as Inputs;
    expect(mode).toEqual({ replicated: { replicas: 3 } });
    expect(taskSpec.resources).toEqual({
      limits: { nanoCpus: 500_000_000 },
      reservation: { memoryBytes: 67_108_864 },
    });
    expect(taskSpec.containerSpec).toMatchObject({
      capAdds: ["CAP_NET_ADMIN", "CAP_CHOWN"],
      capDrops: ["ALL"],
      hosts: [{ host: "db", ip: "10.0.0.2" }],
      mounts: [
        { type: "tmpfs", target: "/t", tmpfsOptions: { sizeBytes: 16_777_216 } },
        { type: "volume", target: "/v", source: "vv", volumeOptions: { driverOptions: { a: "b" } } },
      ],
      healthcheck: { tests: ["CMD-SHELL", "true"], interval: "1m30s", retries: 0 },
    });
    expect(taskSpec.placement).toMatchObject({ prefs: ["node.labels.zone"], maxReplicas: 2 });
    expect(endpointSpec).toEqual({
      mode: "vip",
      ports: [
        { targetPort: 80, publishedPort: 8080, protocol: "tcp", publishMode: "ingress" },
        { targetPort: 53, protocol: "udp", publishMode: "host" },
      ],
    });
    expect(updateConfig).toMatchObject({ parallelism: 1, order: "start-first", maxFailureRatio: "0.2" });
  });

  it("takes variables from files", async () => {
    const envFiles = ["common.env", "api.env"].map((file) => join(__dirname, "service/files", file));
    const { taskSpec } = (await inputs({ envFiles, env: { OWN: "args" } })) as unknown as Inputs;
    expect(taskSpec.containerSpec).toMatchObject({
      env: { SHARED: "common", LEVEL: "debug", HOST: "here", OWN: "args" },
    });
  });

  it("is one task on every node that fits in the mode global", async () => {
    const { mode, convergeConfig } = await inputs({ mode: "global" });
    expect(mode).toEqual({ global: true });
    expect(convergeConfig).toBeUndefined();
  });
});

describe("what the Docker plugin has no fields for", () => {
  const onSwarm = { provider: new docker.Provider("swarm", { host: "ssh://my" }) };
  const fieldsLabel = "vmcluster.fields";

  it("is set by the machine command, which is told all of the service, as a secret if there is one in it", async () => {
    recorder.condition = "not as wanted: ulimits (version 7 of the service)";
    const service = new SwarmService(
      "limited",
      {
        image: "api:3",
        labels: { a: "b" },
        env: { PASSWORD: pulumi.secret("hush") },
        convergeTimeout: "90s",
        ulimits: { nofile: { soft: 10, hard: 20 }, core: { soft: 0, hard: -1 } },
        tty: false,
      },
      onSwarm,
    );
    await known(service.serviceId);
    await pulumi.runtime.disconnect();
    const mark = "ulimits:8e785c4a7246";
    const given = recorder.one("limited-service").inputs;
    expect(given).not.toHaveProperty("convergeConfig");
    expect(given.labels).toEqual([
      { label: "a", value: "b" },
      { label: fieldsLabel, value: mark },
    ]);
    const { stdin, create, delete: remove, environment } = recorder.one("limited-fields").inputs;
    expect([create, remove]).toEqual(["swarm-service", "swarm-service-reset"]);
    expect(environment).toEqual({ VMCLUSTER_CONDITION: recorder.condition });
    expect(stdin).toHaveProperty("4dabf18193072939515e22adb298388d");
    expect(JSON.parse((stdin as { value: string }).value)).toMatchObject({
      host: "ssh://my",
      serviceId: "limited-service-id",
      service: {
        name: "limited",
        taskSpec: { containerSpec: { image: "api:3", env: { PASSWORD: "hush" } } },
      },
      fields: { ulimits: { nofile: { soft: 10, hard: 20 }, core: { soft: 0, hard: -1 } } },
      timeout: "1m30s",
    });
  });

  it("needs to know where the swarm is", () => {
    expect(() => new SwarmService("lost", { image: "a", pidsLimit: 9 })).toThrow(
      /service "lost": .* needs a docker provider.*cluster.onSwarm/,
    );
  });
});

describe("SwarmSecret and SwarmConfig", () => {
  it("are named by their content", async () => {
    const [one, other] = ["a", "b"].map((data) => new SwarmConfig(`c-${data}`, { configName: "conf", data }));
    const names = await Promise.all([one, other].map((config) => known((config as SwarmConfig).configName)));
    expect(names[0]).toMatch(/^conf-[0-9a-f]{12}$/);
    expect(names[0]).not.toBe(names[1]);
    expect(recorder.one("c-a-config").inputs).toMatchObject({ data: Buffer.from("a").toString("base64") });
  });

  it("have another name with other labels, but for the stack's own", async () => {
    const labelled: Record<string, string>[] = [
      {},
      { "com.docker.stack.namespace": "shop" },
      { a: "b", c: "d" },
      { c: "d", a: "b" },
      { a: "c" },
    ];
    const names = await Promise.all(
      labelled.map((labels, i) =>
        known(new SwarmConfig(`l-${i}`, { configName: "conf", data: "x", labels }).configName),
      ),
    );
    expect(names[1]).toBe(names[0]);
    expect(names[3]).toBe(names[2]);
    expect(new Set(names).size).toBe(3);
  });

  it.each([
    ["", /is empty: a (secret|config) must have 1 to \d+ bytes$/],
    ["é".repeat(512_000), /has 1024000 bytes: a (secret|config) must have 1 to \d+ bytes$/],
  ])("refuse content that a swarm does not take, without showing it", (data, message) => {
    for (const [what, make] of [
      ['secret "x": data:', () => new SwarmSecret("x", { data })],
      ['config "x": data:', () => new SwarmConfig("x", { data })],
    ] as const) {
      expect(make).toThrow(message);
      expect(make).toThrow(what);
      expect(make).not.toThrow(/é/);
    }
  });

  it("take as much as a swarm does", async () => {
    const config = new SwarmConfig("most", { data: "x".repeat(1_023_999) });
    expect(await known(config.configName)).toMatch(/^most-/);
    const secret = new SwarmSecret("most", { data: "x".repeat(511_999) });
    expect(await known(secret.secretName)).toMatch(/^most-/);
    expect(() => new SwarmSecret("more", { data: "x".repeat(512_000) })).toThrow("1 to 511999 bytes");
  });

  it("have names of up to 64 letters, as a swarm has, whatever the hash leaves of what is given", async () => {
    const names = [51, 52, 56, 63, 64].map((length) => "n".repeat(length));
    for (const secretName of names) {
      const secret = await known(new SwarmSecret(secretName, { secretName, data: "x" }).secretName);
      const config = await known(
        new SwarmConfig(secretName, { configName: secretName, data: "x" }).configName,
      );
      for (const name of [secret, config]) {
        expect(name).toMatch(/^n+(-[0-9a-f]{8})?-[0-9a-f]{12}$/);
        expect(name.length).toBeLessThanOrEqual(64);
        expect(/-[0-9a-f]{8}-/.test(name)).toBe(secretName.length > 51);
      }
    }
    // Two long names that begin alike stay two.
    const long = (last: string) =>
      known(
        new SwarmSecret(`long-${last}`, { secretName: `${"n".repeat(60)}${last}`, data: "x" }).secretName,
      );
    expect(await long("a")).not.toBe(await long("b"));
    expect(() => new SwarmSecret("tooLong", { secretName: "n".repeat(65), data: "x" })).toThrow(
      /secretName: .* must be up to 64 letters/,
    );
  });

  it("of a compose file too (secret-name-of-52-to-64)", async () => {
    const file = join(__dirname, "compose/cases/secret-name-of-52-to-64/compose.yml");
    await known(new ComposeStack("monitoring", { file }).serviceIds);
    const { inputs } = recorder.one("monitoring-grafana_oauth_client_secret_google-secret");
    const { value: name } = inputs.name as { value: string };
    expect(name).toMatch(/^production-monitoring_grafana_oauth_.*-[0-9a-f]{8}-[0-9a-f]{12}$/);
    expect(name).toHaveLength(64);
  });

  it("have names that tell a secret's content only to who knows the stack's key", async () => {
    const nameOf = async (name: string, data: string, labels?: Record<string, string>): Promise<string> =>
      known(new SwarmSecret(name, { secretName: "pin", data, labels }).secretName);
    const one = await nameOf("pin1", "1234");
    expect(one).toMatch(/^pin-[0-9a-f]{12}$/);
    expect(one).not.toBe(contentName("pin", "1234", {}));
    expect(one).toBe(contentName("pin", "1234", {}, "made+1"));
    expect(await nameOf("pin2", "1234")).toBe(one);
    expect(await nameOf("pin3", "1235")).not.toBe(one);
    expect(await nameOf("pin4", "1234", { a: "b" })).not.toBe(one);
    expect(recorder.one("pin1-key").inputs).toMatchObject({ create: "password" });
    expect(recorder.one("pin4-secret").inputs.labels).toEqual([
      { label: "a", value: "b" },
      { label: "vmcluster.content", value: "keyed" },
    ]);
  });

  it("keep a secret's content and name secret", async () => {
    const secret = new SwarmSecret("pw", { data: "hunter2" });
    expect(await pulumi.isSecret(secret.file("password").name as pulumi.Output<string>)).toBe(true);
    const { taskSpec } = await inputs({ secrets: [secret.file("password", { permissions: 0o400 })] });
    // The name is in it, so all of it is a secret.
    const { value } = taskSpec as { value: { containerSpec: { secrets: object[] } } };
    expect(value.containerSpec.secrets).toMatchObject([
      { secretId: "pw-secret-id", fileName: "password", fileUid: "0", fileMode: 0o400 },
    ]);
  });
});
