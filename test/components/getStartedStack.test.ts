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
    await known(stack.urls);
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
    expect(await known(stack.urls)).toEqual({
      web: ["http://127.0.0.1:4100/", "http://127.0.0.2:4100/"],
      visualizer: "http://127.0.0.1:8080/",
      redis: "redis://127.0.0.1:6379",
    });
  });
});
