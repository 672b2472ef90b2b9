/** Images built, published to a real registry that wants a login, and deployed on a real swarm by digest. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportStack, preview, setConfig, up } from "../../../engine";
import { run } from "../../../host/run";
import { checkout, DaemonProject } from "../../providers/daemonProject";
import { imageOf, inContainer, type Outputs, outputs, password, startRegistry } from "./publishing";

jest.setTimeout(240_000);

const project = new DaemonProject("images");
const folder = mkdtempSync(join(tmpdir(), "vmcluster-images-test-"));
const context = join(folder, "app");

beforeAll(async () => {
  mkdirSync(context);
  writeFileSync(
    join(context, "Dockerfile"),
    'FROM test:1\nARG GREETING\nCOPY page /page\nRUN echo "$GREETING" >/greeting\n',
  );
  writeFileSync(join(context, "page"), "one\n");
  process.env.CONTEXT = context;
  await project.start(() => `export * from "${checkout}/test/components/image/program";\n`);
  await setConfig({ ...project.options, key: "images:password", value: password, secret: true });
  await startRegistry(project.daemon, folder);
});

afterAll(async () => {
  for (const name of ["CONTEXT", "CONTENTS", "TAGS"]) delete process.env[name];
  await project.daemon.docker("rm", "-fv", "registry");
  await project.remove();
  rmSync(folder, { recursive: true, force: true });
});

let first: Outputs;

it("builds, publishes with a login, and deploys by digest; then there is nothing to change", async () => {
  const made = await project.run(up);
  expect(made).toMatchObject({ result: "succeeded", said: [] });
  first = outputs(made);
  expect(first.imageRef).toMatch(/^127\.0\.0\.1:5000\/app@sha256:[0-9a-f]{64}$/);
  expect(first.publishedRef).toBe(first.imageRef);
  expect(await imageOf(project.daemon, "app")).toBe(first.imageRef);
  expect(await imageOf(project.daemon, "pinned")).toBe(first.imageRef);
  expect(await inContainer(project.daemon, "cat", "/page", "/greeting")).toBe("one\nhello");
  expect(await project.run(preview)).toMatchObject({ changes: { same: made.changes.create }, said: [] });
  const again = await project.run(up);
  expect(again).toMatchObject({ steps: [], said: [] });
  expect(outputs(again)).toEqual(first);
});

it("keeps the login to itself", async () => {
  const plain = JSON.stringify(await exportStack({ ...project.options, showSecrets: false }));
  expect(plain).toContain(first.imageRef);
  expect(plain).not.toContain(password);
  expect(plain).not.toContain(Buffer.from(password).toString("base64"));
});

it("does nothing for files that were only touched, and rolls the service when one has changed", async () => {
  utimesSync(join(context, "page"), new Date(), new Date(0));
  expect((await project.run(up)).steps).toEqual([]);

  writeFileSync(join(context, "page"), "two\n");
  const rolled = await project.run(up);
  expect(rolled.steps.sort()).toEqual(["update app-image", "update app-service", "update pinned-service"]);
  expect(outputs(rolled).imageRef).not.toBe(first.imageRef);
  expect(await imageOf(project.daemon, "app")).toBe(outputs(rolled).imageRef);
  expect(await inContainer(project.daemon, "cat", "/page")).toBe("two");
});

/** The user's `docker`, logged in to the registry. */
async function docker(args: string[], stdin?: string): Promise<void> {
  await run("docker", ["--config", join(folder, "docker"), "-H", project.daemon.host, ...args], { stdin });
}

/** As somebody else does it: another image under the same tag. */
async function republish(page: string): Promise<void> {
  const name = "127.0.0.1:5000/app:latest";
  await docker(["login", "-u", "ada", "--password-stdin", "127.0.0.1:5000"], password);
  await docker(["create", "--name", "other", "test:1"]);
  writeFileSync(join(folder, "page"), page);
  await docker(["cp", join(folder, "page"), "other:/page"]);
  await docker(["commit", "other", name]);
  await docker(["push", "-q", name]);
}

it("shows in a preview that a tag was published again, and rolls to it", async () => {
  await republish("three\n");
  const shown = await project.run(preview);
  expect(shown.steps.sort()).toEqual(["update app-service", "update pinned-service"]);
  expect(shown.said.join()).toContain("127.0.0.1:5000/app:latest: was published again elsewhere");
  const rolled = await project.run(up);
  expect(rolled.steps.sort()).toEqual(["update app-service", "update pinned-service"]);
  expect(await inContainer(project.daemon, "cat", "/page")).toBe("three");
  expect((await project.run(preview)).steps).toEqual([]);

  writeFileSync(join(context, "page"), "four\n");
  const built = await project.run(up);
  expect(built).toMatchObject({ result: "succeeded", said: [] });
  expect(built.steps.sort()).toEqual(["update app-image", "update app-service", "update pinned-service"]);
  expect(await inContainer(project.daemon, "cat", "/page")).toBe("four");
});

it("deploys what it has published as long as the registry does not answer", async () => {
  await project.daemon.docker("stop", "-t", "1", "registry");
  const shown = await project.ok(preview);
  await project.daemon.docker("start", "registry");
  expect(shown.steps).not.toContain("update app-service");
  expect(shown.said.join()).toMatch(/app:latest: its registry cannot be asked whether .*127\.0\.0\.1:5000/s);
  // What a tag alone stands for can only be told by the registry.
  expect(shown.said.join()).toContain("which image this is cannot be told yet");
});

it("publishes again what a registry has lost, and further tags", async () => {
  const before = await imageOf(project.daemon, "app");
  process.env.CONTENTS = "2";
  process.env.TAGS = "latest,v1";
  await project.daemon.docker("exec", "registry", "sh", "-c", "busybox rm -rf /data/docker");
  await project.daemon.docker("restart", "-t", "1", "registry");
  const told = await project.ok(up);
  expect(told.steps).toContain("create app-image-v1");
  expect(await imageOf(project.daemon, "app")).toBe(before);
  await docker(["rmi", "127.0.0.1:5000/app:v1"]);
  await docker(["pull", "-q", "127.0.0.1:5000/app:v1"]);
  expect((await project.run(preview)).steps).toEqual([]);
});

it("says what is wrong with a login, and does not say the password", async () => {
  const wrong = "battery staple";
  await setConfig({ ...project.options, key: "images:password", value: wrong, secret: true });
  writeFileSync(join(context, "page"), "five\n");
  const told = await project.run(up);
  expect(told.result).toBe("failed");
  const said = told.said.join();
  expect(said).toMatch(/127\.0\.0\.1:5000\/app:latest cannot be pushed/);
  expect(said).not.toContain(wrong);
});

it("builds nothing of a Dockerfile that is not there, and names it", async () => {
  rmSync(join(context, "Dockerfile"));
  const told = await project.run(preview);
  expect(told.result).toBe("failed");
  expect(told.said.join()).toContain(`there is no Dockerfile ${join(context, "Dockerfile")}`);
});
