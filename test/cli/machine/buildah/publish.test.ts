import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contextAnswer } from "../../../../cli/machine/buildah/context";
import { publishImage } from "../../../../cli/machine/buildah/publish";
import { type PublishSpec, sourceOf } from "../../../../cli/machine/buildah/publishSpec";
import { BuildahStorage } from "../../../components/image/buildahStorage";

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), "vmcluster-publish-test-"));
const storage = new BuildahStorage();
afterAll(() => {
  storage.remove();
  rmSync(folder, { recursive: true, force: true });
});

const dockerfile = join(folder, "Dockerfile");
writeFileSync(dockerfile, "FROM scratch\nCOPY Dockerfile /\n");
/** Nobody listens there. */
const spec = (more: Partial<PublishSpec> = {}): PublishSpec => ({
  build: { context: folder, dockerfile, contextDigest: "1", platform: "linux/amd64" },
  ...{ server: "127.0.0.1:1", path: "app", tags: ["latest"], ...more },
});

it("builds nothing where only the login, or the way to the registry, is another one", async () => {
  const before = { digest: "sha256:1", source: sourceOf(spec()) };
  const other = { login: { username: "ada", password: "other" }, docker: { host: "ssh://m1" } };
  const tell = jest.fn();
  expect(await publishImage(spec(other), before, tell)).toEqual(before);
  expect(tell).not.toHaveBeenCalled();
});

it.each<[string, Partial<PublishSpec>]>([
  ["another tag", { tags: ["latest", "1"] }],
  ["another place", { path: "other" }],
  ["a registry that has lost its images", { contentsId: "2" }],
  ["other files", { build: { ...spec().build, contextDigest: "2" } }],
])("has something to build for %s", (_, more) => {
  expect(sourceOf(spec(more))).not.toBe(sourceOf(spec()));
});

it("says on which way a registry is not reached", async () => {
  writeFileSync(join(folder, "ssh_config"), "Host m1\n  Hostname 127.0.0.1\n  Port 1\n");
  const docker = { host: "ssh://m1", sshOpts: ["-F", join(folder, "ssh_config")] };
  const tell = jest.fn();
  const before = { digest: "sha256:1", source: "another" };
  await expect(publishImage(spec({ docker }), before, tell)).rejects.toThrow(
    /127\.0\.0\.1:1\/app:latest cannot be pushed[\s\S]*on the way over m1, ssh said: .*port 1: Connection refused/,
  );
  expect(tell).toHaveBeenCalledWith("STEP 1/2: FROM scratch");
  await expect(
    publishImage(spec({ docker, server: "registry.example.com" }), undefined, () => undefined),
  ).rejects.toThrow(
    'registry.example.com is to be reached through ssh://m1\n  builder "buildah" reaches registries there on 127.0.0.1 only',
  );
});

it("tells a context's hash, or what is missing", async () => {
  const ask = (context: string): Promise<object> =>
    contextAnswer({ context, dockerfile: join(context, "Dockerfile") });
  expect(await ask(folder)).toEqual({ digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(await ask("/nowhere")).toEqual({ field: "context", error: "there is no build context /nowhere" });
});
