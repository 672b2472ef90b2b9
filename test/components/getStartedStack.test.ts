import * as pulumi from "@pulumi/pulumi";
import { known, Recorder } from "./mocks";

const recorder = new Recorder();
recorder.start();

import { GetStartedStack } from "../../index";

type Service = {
  name: string;
  mode: { replicated: { replicas: number } };
  updateConfig?: { order: string };
  endpointSpec: { ports: { publishedPort: number; targetPort: number }[] };
  taskSpec: {
    containerSpec: {
      image: string;
      mounts?: { source: string; target: string; readOnly?: boolean }[];
      stopGracePeriod?: string;
      command?: string[];
      args?: string[];
      secrets?: { secretId: string; fileName: string }[];
    };
    networksAdvanceds: { id: string }[];
    placement?: { constraints: string[] };
    resources?: { limits: { nanoCpus: number; memoryBytes: number } };
    restartPolicy?: { condition: string };
  };
};

describe("GetStartedStack", () => {
  let stack: GetStartedStack;
  const service = (name: string): Service => recorder.one(`gs-${name}-service`).inputs as unknown as Service;
  beforeAll(async () => {
    stack = new GetStartedStack("gs", { webPort: 4100, replicas: 3 });
    await known(stack.urls.redis);
    await new Promise((resolve) => setTimeout(resolve, 200));
  });

  it("makes myvm1 and myvm2, with the published ports forwarded to both", () => {
    expect(recorder.asked[0]).toMatchObject([
      { name: "myvm1", ports: [4100, 8080, 6379] },
      { name: "myvm2", ports: [4100, 8080, 6379] },
    ]);
  });

  it("runs web anywhere, limited and started again however it ends", () => {
    const web = service("web");
    expect(web.mode.replicated.replicas).toBe(3);
    expect(web.endpointSpec.ports).toMatchObject([{ publishedPort: 4100, targetPort: 80 }]);
    expect(web.taskSpec.resources?.limits).toEqual({ nanoCpus: 100_000_000, memoryBytes: 52_428_800 });
    expect(web.taskSpec.restartPolicy?.condition).toBe("any");
    expect(web.taskSpec.placement).toBeUndefined();
    expect(web.updateConfig).toMatchObject({ order: "start-first" });
    expect(web.taskSpec.containerSpec.stopGracePeriod).toBe("15s");
  });

  it("runs visualizer on the manager with the Docker socket read-only", () => {
    const visualizer = service("visualizer");
    expect(visualizer.taskSpec.placement?.constraints).toEqual(["node.role==manager"]);
    expect(visualizer.taskSpec.containerSpec.mounts).toMatchObject([
      { source: "/var/run/docker.sock", readOnly: true },
    ]);
  });

  it("runs redis on the manager with its data in a folder that is made first", () => {
    const redis = service("redis");
    expect(redis.taskSpec.placement?.constraints).toEqual(["node.role==manager", "node.hostname==myvm1"]);
    expect(redis.taskSpec.containerSpec.mounts).toMatchObject([
      { source: "/var/lib/vmcluster/redis", target: "/data" },
    ]);
    const order = recorder.resources.map(({ name }) => name);
    expect(order.indexOf("gs-redis-folder")).toBeLessThan(order.indexOf("gs-redis-service"));
    expect(recorder.one("gs-redis-folder").inputs.stdin).toBe("/var/lib/vmcluster/redis");
  });

  it("puts all three on one overlay network, by ID", () => {
    expect(recorder.one("gs-webnet-network").inputs).toMatchObject({ name: "webnet", driver: "overlay" });
    for (const name of ["web", "visualizer", "redis"]) {
      expect(service(name).taskSpec.networksAdvanceds).toEqual([{ id: "gs-webnet-network-id" }]);
    }
  });

  it("tells where each service answers", async () => {
    expect(await known(stack.urls.web)).toEqual(["http://127.0.0.1:4100/", "http://127.0.0.2:4100/"]);
    expect(await known(stack.urls.visualizer)).toBe("http://127.0.0.1:8080/");
    expect(await known(stack.urls.redis)).toBe("redis://:made%2B1@127.0.0.1:6379");
  });

  it("hides the address of redis, which holds the password, and no other", async () => {
    expect(await pulumi.isSecret(stack.urls.redis)).toBe(true);
    expect(await pulumi.isSecret(stack.urls.web)).toBe(false);
    expect(await pulumi.isSecret(stack.urls.visualizer)).toBe(false);
  });

  it("has Redis ask for a password, which web reads from a file", () => {
    const content = (name: string): string => {
      const { inputs } = recorder.one(`gs-redis-${name}-secret`);
      // As a secret is sent.
      return Buffer.from((inputs.data as { value: string }).value, "base64").toString();
    };
    expect(content("password")).toBe("made+1");
    expect(content("configuration")).toContain('requirepass "made\\x2b1"\n');
    expect(service("redis").taskSpec.containerSpec).toMatchObject({
      args: ["redis-server", "/run/secrets/redis.conf"],
      secrets: [
        { secretId: "gs-redis-configuration-secret-id", fileName: "/run/secrets/redis.conf" },
        { secretId: "gs-redis-password-secret-id", fileName: "redis_password" },
      ],
    });
    expect(service("web").taskSpec.containerSpec.secrets).toMatchObject([
      { secretId: "gs-redis-password-secret-id", fileName: "redis_password" },
    ]);
  });
});
