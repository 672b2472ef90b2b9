import { quietly } from "../../../cli/swarm/swarm";
import { type RegistryAccess, RegistryClient } from "../../../providers/docker/registryClient";
import { TestRegistry, type TestRegistryOptions } from "./testRegistry";

const operation = quietly(new AbortController().signal);
const password = "correct-horse";
const login = { username: "me", password, insecure: false };
let registry: TestRegistry;

async function given(options: TestRegistryOptions, access: RegistryAccess): Promise<RegistryClient> {
  registry = await new TestRegistry(options).start();
  return new RegistryClient(registry.host, access, operation);
}
afterEach(() => registry?.stop());

const image = { registry: "", repository: "team/app", reference: "1" };
const message = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: Error) => error.message,
  );

describe("the digest of a tag", () => {
  it.each<[string, TestRegistryOptions, RegistryAccess]>([
    ["without a login", {}, { insecure: false }],
    ["that is told in no header", { silent: true }, { insecure: false }],
    ["with user and password", { auth: "basic", user: "me", password }, login],
    ["with a token for nobody", { auth: "bearer" }, { insecure: false }],
    ["with a token for a user", { auth: "bearer", user: "me", password }, login],
    ["at an address that says http", {}, { address: "http://127.0.0.1", insecure: false }],
  ])("%s", async (_name, options, access) => {
    const client = await given(options, access);
    const digest = registry.put("team/app", "1", '{"schemaVersion":2}');
    expect(await client.digest(image)).toBe(digest);
    expect(await client.digest({ ...image, reference: "2" })).toBeUndefined();
  });

  it("sends no login before it is asked for one", async () => {
    const client = await given({ auth: "basic", user: "me", password }, login);
    registry.put("team/app", "1", "{}");
    await client.digest(image);
    expect(registry.logins[0]).toBeUndefined();
  });

  it.each<[string, TestRegistryOptions]>([
    ["refused", { auth: "basic", user: "me", password: "other" }],
    ["refused where tokens are made", { auth: "bearer", user: "me", password: "other" }],
  ])("does not repeat the password when the login is %s", async (_name, options) => {
    const said = await message((await given(options, login)).digest(image));
    expect(said).toContain(registry.host);
    expect(said).not.toContain(password);
    expect(said).not.toContain(Buffer.from(`me:${password}`).toString("base64"));
  });

  it("says that a login is wanted", async () => {
    const client = await given({ auth: "basic", user: "me", password }, { insecure: false });
    expect(await message(client.digest(image))).toMatch(/wants a login/);
  });
});

describe("deleting", () => {
  it("deletes a manifest, and is content when it is gone", async () => {
    const client = await given({}, { insecure: false });
    const digest = registry.put("team/app", "1", "{}");
    await client.delete("team/app", digest);
    await client.delete("team/app", digest);
    expect(registry.manifests.has(`team/app/${digest}`)).toBe(false);
  });

  it("says what to do where nothing can be deleted", async () => {
    const client = await given({ keepsAll: true }, { insecure: false });
    const digest = registry.put("team/app", "1", "{}");
    expect(await message(client.delete("team/app", digest))).toMatch(/set keepRemotely/);
  });
});

it("asks without TLS on loopback only", () => {
  const plain = (host: string, insecure: boolean) => () =>
    new RegistryClient(host, { address: `http://${host}`, insecure }, operation);
  expect(plain("registry.example.org", false)).toThrow(/without TLS/);
  expect(plain("registry.example.org", true)).not.toThrow();
  for (const host of ["localhost:5000", "127.0.0.2", "[::1]:5000"]) expect(plain(host, false)).not.toThrow();
});
