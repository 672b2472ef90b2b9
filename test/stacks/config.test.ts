import { readSettings } from "../../stacks/config";

const read = (own: Record<string, string>) =>
  readSettings(
    "vmcluster",
    Object.fromEntries(Object.entries(own).map(([key, value]) => [`vmcluster:${key}`, value])),
  );

describe("settings of the get-started program", () => {
  it("all have defaults", () => {
    expect(read({})).toEqual({
      clusterName: "myvm",
      driver: "qemu",
      nodeCount: 2,
      managers: 1,
      cpus: 1,
      memory: 1024,
      disk: 10,
      replicas: 5,
      webPort: 4000,
      visualizerPort: 8080,
      redisPort: 6379,
      subnet: "192.168.56.0/24",
    });
  });

  it("turn numbers of the file into numbers", () => {
    expect(read({ nodeCount: "3", replicas: "0" })).toMatchObject({ nodeCount: 3, replicas: 0 });
  });

  it("leave other namespaces alone", () => {
    expect(() => readSettings("vmcluster", { "docker:host": "unix:///x" })).not.toThrow();
  });

  it.each([
    [{ driver: "hyperv" }, 'vmcluster:driver: "hyperv" is not allowed: it must be "qemu" or "virtualbox"'],
    [
      { nodeCount: "0" },
      'vmcluster:nodeCount: "0" is not allowed: it must be 1 to 50 (nodes, the first is the manager)',
    ],
    [{ memory: "12" }, 'vmcluster:memory: "12" is not allowed: it must be 512 to 1048576 (MiB of each node)'],
    [{ memory: "1g" }, 'vmcluster:memory: "1g" is not allowed: it must be a whole number (MiB of each node)'],
    [
      { clusterName: "a/b" },
      'vmcluster:clusterName: "a/b" is not allowed: it must be 1 to 26 lower-case letters',
    ],
    [{ webPort: "70000" }, 'vmcluster:webPort: "70000" is not allowed: it must be 1 to 65535'],
    [
      { webImage: "a; rm -rf /" },
      'vmcluster:webImage: "a; rm -rf /" is not allowed: it must be an image reference',
    ],
    [{ subnet: "10.0.0.0" }, 'vmcluster:subnet: "10.0.0.0" is not allowed: it must be an IPv4 network'],
    [{ replica: "3" }, "vmcluster:replica: no such setting; there are clusterName, driver, nodeCount"],
    [{ managers: "2" }, 'vmcluster:managers: "2" is not allowed: it must be 1, 3, 5 or 7'],
    [{ image: "debian-13", suite: "trixie" }, "vmcluster:suite and vmcluster:image cannot both be set"],
    [{ webPort: "8080" }, "must differ: they are 8080, 8080 and 6379"],
  ])("refuse %p by name", (own, message) => {
    expect(() => read(own as Record<string, string>)).toThrow(message);
  });

  it("report every key that is wrong at once", () => {
    expect(() => read({ nodeCount: "0", memory: "12" })).toThrow(/nodeCount.*\n.*memory/);
  });
});
