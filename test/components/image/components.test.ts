import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { allImageRefs } from "../../../images/refs";
import { known, Recorder } from "../mocks";

const recorder = new Recorder();
recorder.start();

import type { RegistryServiceArgs, ServiceImageArgs } from "../../../index";
import { PinnedImage, RegistryService, ServiceImage } from "../../../index";

const manager = { machineName: "m1", machineId: "id", sshConfig: "/home/m1/ssh_config" };
const other = { server: "registry.example.com", username: "ada", password: "sesame" };
const built = `registry.example.com/app@sha256:${"1".repeat(64)}`;
let count = 0;

const warned: string[] = [];
beforeAll(() => {
  jest.spyOn(console, "warn").mockImplementation((...words) => void warned.push(words.join(" ")));
});
afterAll(() => jest.restoreAllMocks());

const registryService = (args: Partial<RegistryServiceArgs> = {}): [string, RegistryService] => {
  const name = `registry${count++}`;
  const provider = new docker.Provider(`${name}-docker`, { host: "ssh://my" });
  return [name, new RegistryService(name, { manager, ...args }, { provider })];
};
const serviceImage = (args: Partial<ServiceImageArgs> = {}): [string, ServiceImage] => {
  const name = `image${count++}`;
  return [name, new ServiceImage(name, { context: "site", imageName: "app", registry: other, ...args })];
};

describe("RegistryService", () => {
  it("runs on the machine that keeps the images, published on every node", async () => {
    const [name, registry] = registryService({ port: 5001, dataFolder: "/srv/images" });
    expect(await known(registry.server)).toBe("127.0.0.1:5001");
    const { create, stdin } = recorder.one(`${name}-manager`).inputs;
    expect(create).toBe("prepare");
    expect(JSON.parse(String(stdin))).toEqual({
      machine: "m1",
      machineId: "id",
      images: [allImageRefs().registry],
      folder: "/srv/images",
      nodesOnly: 5001,
    });
    expect(recorder.one(`${name}-service`).inputs).toMatchObject({
      name: "registry",
      taskSpec: {
        containerSpec: {
          image: allImageRefs().registry,
          mounts: [{ type: "bind", source: "/srv/images", target: "/data" }],
        },
        placement: { constraints: ["node.id==n1"] },
      },
      endpointSpec: { ports: [{ targetPort: 5000, publishedPort: 5001, publishMode: "ingress" }] },
    });
  });

  it("leaves it to the user's firewall if told so", async () => {
    const [name, registry] = registryService({ firewalled: true });
    await known(registry.server);
    expect(JSON.parse(String(recorder.one(`${name}-manager`).inputs.stdin))).not.toHaveProperty("nodesOnly");
  });

  it.each<[Partial<RegistryServiceArgs>, string]>([
    [{ port: 0 }, "port: 0 must be 1 to 65535"],
    [{ dataFolder: "images" }, 'dataFolder: "images" must be an absolute path'],
  ])("refuses %j", (args, message) => {
    expect(() => registryService(args)).toThrow(message);
  });
});

describe("ServiceImage", () => {
  it("builds, publishes with the login, and asks what the tag stands for", async () => {
    const [name, image] = serviceImage({ buildArgs: { A: "b" }, target: "last", platform: "linux/arm64" });
    recorder.digest = { digest: `sha256:${"1".repeat(64)}` };
    expect(await known(image.imageRef)).toBe(built);
    expect(recorder.one(`${name}-image`).inputs).toMatchObject({
      imageName: "registry.example.com/app:latest",
      build: {
        context: "site",
        dockerfile: "site/Dockerfile",
        args: { A: "b" },
        target: "last",
        platform: "linux/arm64",
      },
      // Marked as a secret.
      registry: { value: other },
    });
    expect(recorder.digestQuestions.at(-1)).toEqual({ image: "registry.example.com/app:latest", ...other });
    expect(await pulumi.isSecret(image.imageRef)).toBe(false);
  });

  it("asks the manager for what is in the cluster's own registry", async () => {
    const [, registry] = registryService();
    const [, image] = serviceImage({ registry: registry.access });
    expect(await known(image.publishedRef)).toMatch(/^127\.0\.0\.1:5000\/app@sha256:/);
    await known(image.imageRef);
    expect(recorder.digestQuestions.at(-1)).toEqual({
      image: "127.0.0.1:5000/app:latest",
      docker: { host: "ssh://m1", sshOpts: ["-F", "/home/m1/ssh_config"] },
    });
  });

  it("has this host's Buildah build it, if told so", async () => {
    const [name, image] = serviceImage({ builder: "buildah", tags: ["1", "2"], target: "last" });
    recorder.digest = { digest: `sha256:${"1".repeat(64)}` };
    expect(await known(image.imageRef)).toBe(built);
    expect(await pulumi.isSecret(image.imageRef)).toBe(false);
    const { create, stdin } = recorder.one(`${name}-image`).inputs;
    expect(create).toBe("publish");
    const { server, ...login } = other;
    expect(JSON.parse((stdin as { value: string }).value)).toEqual({
      build: {
        context: "site",
        dockerfile: "site/Dockerfile",
        contextDigest: "abc",
        target: "last",
        platform: `linux/${process.arch === "x64" ? "amd64" : process.arch}`,
      },
      ...{ server, path: "app", tags: ["1", "2"], login },
    });
    expect(recorder.digestQuestions.at(-1)).toEqual({ image: "registry.example.com/app:1", ...other });
  });

  it("tells Buildah how the cluster's own registry is reached", async () => {
    const [, registry] = registryService();
    const [name, image] = serviceImage({ builder: "buildah", registry: registry.access });
    expect(await known(image.publishedRef)).toMatch(/^127\.0\.0\.1:5000\/app@sha256:/);
    await known(image.imageRef);
    expect(JSON.parse(String(recorder.one(`${name}-image`).inputs.stdin))).toMatchObject({
      ...{ server: "127.0.0.1:5000", contentsId: "f1" },
      docker: { host: "ssh://m1", sshOpts: ["-F", "/home/m1/ssh_config"] },
    });
  });

  it("follows a tag that was published again, and stays with its own if nobody can be asked", async () => {
    recorder.digest = { digest: "sha256:other" };
    expect(await known(serviceImage()[1].imageRef)).toBe("registry.example.com/app@sha256:other");
    recorder.digest = { error: "no answer" };
    expect(await known(serviceImage()[1].imageRef)).toBe(built);
    recorder.digest = {};
    expect(await known(serviceImage()[1].imageRef)).toBe(built);
    expect(warned.filter((line) => line.includes("registry.example.com/app:latest"))).toEqual([
      expect.stringContaining("was published again elsewhere"),
      expect.stringContaining("cannot be asked whether it was published again elsewhere: no answer"),
      expect.stringContaining("is no longer in its registry"),
    ]);
  });

  it.each<[Partial<ServiceImageArgs>, string]>([
    [{ context: "" }, 'context: "" must not be empty'],
    [{ imageName: "You/App" }, 'imageName: "You/App" must be lower-case letters'],
    [{ builder: "kaniko" }, 'builder: "kaniko" must be docker or buildah'],
    [{ tags: [] }, "tags: [] must name a tag"],
    [{ tags: ["a", "a"] }, 'tags: ["a","a"] must not name a tag twice'],
    [{ tags: ["-a"] }, 'tags.0: "-a" must be up to 128 letters'],
    [
      { registry: { server: "https://docker.io/v1" } },
      'registry.server: "https://docker.io/v1" must be a registry',
    ],
    [{ registry: { server: "hub" } }, 'registry.server: "hub" must have a "." or a port in it'],
  ])("refuses %j", (args, message) => {
    expect(() => serviceImage(args)).toThrow(message);
  });
});

describe("PinnedImage", () => {
  it("is the image that the tag stands for", async () => {
    recorder.digest = { digest: "sha256:abc" };
    const pinned = new PinnedImage("nginx", { image: "localhost:5000/nginx:1.29" });
    expect(await known(pinned.imageRef)).toBe("localhost:5000/nginx@sha256:abc");
    expect(recorder.digestQuestions.at(-1)).toEqual({ image: "localhost:5000/nginx:1.29" });
  });

  it.each(["docker.io", "index.docker.io", "https://index.docker.io/v1/"])(
    "logs in to Docker Hub as %s",
    async (server) => {
      recorder.digest = { digest: "sha256:abc" };
      const registry = { ...other, server };
      expect(await known(new PinnedImage(`hub${count++}`, { image: "nginx:1.29", registry }).imageRef)).toBe(
        "nginx@sha256:abc",
      );
      expect(recorder.digestQuestions.at(-1)).toEqual({ image: "nginx:1.29", ...registry });
    },
  );

  it("sends the login of a registry to no other", () => {
    const asked = recorder.digestQuestions.length;
    expect(() => new PinnedImage("foreign", { image: "nginx:1.29", registry: other })).toThrow(
      /^PinnedImage "foreign": registry.server: registry.example.com is not the registry of nginx:1.29, which is docker.io: the login would be sent there$/,
    );
    expect(recorder.digestQuestions).toHaveLength(asked);
  });
});
