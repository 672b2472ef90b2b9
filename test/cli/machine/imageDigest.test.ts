import { imageDigest } from "../../../cli/machine/imageDigest";
import { TestRegistry, type TestRegistryOptions } from "../../providers/docker/testRegistry";

// A Docker that does not answer is asked again for ten seconds.
jest.setTimeout(30_000);

let registry: TestRegistry;
let digest: string;
async function start(options: TestRegistryOptions = {}): Promise<void> {
  registry = await new TestRegistry(options).start();
  digest = registry.put("app", "latest", '{"schemaVersion":2}');
}
afterEach(() => registry.stop());

const ask = (more: object = {}): Promise<object> =>
  imageDigest(JSON.stringify({ image: `${registry.host}/app`, ...more }));

it("tells what a tag stands for, and that there is no such image", async () => {
  await start();
  expect(await ask()).toEqual({ digest });
  expect(await ask({ image: `${registry.host}/app:2` })).toEqual({});
});

it.each(["basic", "bearer"] as const)("logs in by %s, and says so when that is refused", async (auth) => {
  await start({ auth, user: "ada", password: "sesame" });
  const login = { server: registry.host, username: "ada", password: "sesame" };
  expect(await ask(login)).toEqual({ digest });
  const refused = JSON.stringify(await ask({ ...login, password: "wrong word" }));
  expect(refused).toContain('{"error":');
  expect(refused).not.toContain("wrong word");
});

it("sends a login to no other registry than its own", async () => {
  await start({ auth: "basic", user: "ada", password: "sesame" });
  const login = { server: "registry.example.com", username: "ada", password: "sesame" };
  const there = { docker: { host: "unix:///nowhere/docker.sock" } };
  for (const more of [login, { ...login, ...there }]) {
    expect(await ask(more)).toEqual({
      error: `registry.example.com is not the registry of ${registry.host}/app, which is ${registry.host}: the login would be sent there`,
    });
  }
});

it("says that nobody answers: the registry, or the Docker that is to ask it", async () => {
  await start();
  const { host } = registry;
  expect(await ask({ image: "127.0.0.1:1/app" })).toEqual({
    error: expect.stringContaining("registry 127.0.0.1:1 cannot be reached"),
  });
  expect(await ask({ image: `${host}/app`, docker: { host: "unix:///nowhere/docker.sock" } })).toEqual({
    error: expect.stringContaining("cannot reach the Docker daemon at /nowhere/docker.sock"),
  });
});
