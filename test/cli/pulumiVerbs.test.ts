/** Verbs of the Pulumi CLI that scripts call besides operations. What is expected is what Pulumi 3.248.0 prints. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { type CommandUnderTest, eachTestOn } from "./command";

jest.setTimeout(300_000);

let vmcluster: CommandUnderTest;
eachTestOn("exports.v = 1;", (made) => {
  vmcluster = made;
});

const user = userInfo().username;

it("tells version, user and backend", async () => {
  const { version } = JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8"));
  expect((await vmcluster.ok("version")).stdout).toBe(`v${version}\n`);
  const url = `file://${vmcluster.home}`;
  expect((await vmcluster.ok("whoami")).stdout).toBe(`${user}\n`);
  expect((await vmcluster.ok("whoami", "-v")).stdout).toBe(
    `User: ${user}\nOrganizations: \nBackend URL: ${url}\nToken type: personal\n`,
  );
  expect(JSON.parse((await vmcluster.ok("whoami", "--json")).stdout)).toEqual({ user, url });
});

it("tells about the command, the host, the project and the stack, and no secret", async () => {
  await vmcluster.ok("stack", "init", "dev");
  const env = { PULUMI_CONFIG_PASSPHRASE: "geheim", PULUMI_X: "shown" };
  const { code, stdout } = await vmcluster.run(["about"], { env });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^CLI\nVersion {2}\S+\nEngine {3}3\.\d+\.\d+\n\nHost\nOS {7}\S+\n/);
  expect(stdout).toMatch(
    /Current Stack: organization\/lab\/dev\n\nFound no resources associated with dev\n\nFound no pending/,
  );
  expect(stdout).toMatch(/\nPULUMI_X +"shown"\n/);
  expect(stdout).not.toMatch(/geheim|PASSPHRASE/);
  await vmcluster.ok("up", "--yes", "--skip-preview");
  const all = JSON.parse((await vmcluster.ok("about", "--json")).stdout);
  expect(all).toMatchObject({
    backend: { name: hostname(), url: `file://${vmcluster.home}`, user, organizations: null },
    currentStack: {
      name: "dev",
      fullyQualifiedName: "organization/lab/dev",
      resources: [{ type: "pulumi:pulumi:Stack", urn: "urn:pulumi:dev::lab::pulumi:pulumi:Stack::lab-dev" }],
      pendingOps: [],
    },
    runtime: { language: "nodejs", version: process.version },
    errors: [],
  });
  const outside = await vmcluster.run(["about"], { cwd: vmcluster.folder });
  expect(outside).toMatchObject({ code: 0, stderr: expect.stringMatching(/^warning: .*Pulumi\.yaml/) });
});

it("keeps the state where one has logged in, until one logs out", async () => {
  const folder = join(vmcluster.folder, "elsewhere");
  const missing = await vmcluster.run(["login", `file://${folder}`]);
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining("there is no folder") });
  mkdirSync(folder);
  const { stdout } = await vmcluster.run(["login", "file://./elsewhere"], { cwd: vmcluster.folder });
  expect(stdout).toBe(`Logged in to ${hostname()} as ${user} (file://./elsewhere)\n`);
  await vmcluster.ok("stack", "init", "dev");
  expect(existsSync(join(folder, ".pulumi/stacks/lab/dev.json"))).toBe(true);
  expect(JSON.parse((await vmcluster.ok("whoami", "--json")).stdout).url).toBe(`file://${folder}`);
  const shadowed = await vmcluster.run(["login", `file://${folder}`], {
    env: { PULUMI_BACKEND_URL: `file://${vmcluster.home}` },
  });
  expect(shadowed).toMatchObject({ code: 0, stderr: expect.stringContaining("PULUMI_BACKEND_URL names") });
  expect((await vmcluster.ok("logout", "file:///tmp")).stdout).toBe("Logged out of file:///tmp\n");
  expect((await vmcluster.ok("stack", "ls")).stdout).toContain("dev*");
  expect((await vmcluster.ok("logout")).stdout).toBe(`Logged out of file://${folder}\n`);
  expect((await vmcluster.ok("stack", "ls")).stdout).not.toContain("dev");
  expect((await vmcluster.ok("logout", "--all")).stdout).toBe("Logged out of everything\n");
});

it.each(["https://api.pulumi.com", "s3://bucket", "gs://x", "azblob://x", "postgres://u:pw@h/d", "foo"])(
  "refuses to log in to %s",
  async (url) => {
    const { code, stderr } = await vmcluster.run(["login", url]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: login: \S+ is not a file backend\n/);
    expect(stderr).not.toMatch(/pw|This is a bug/);
    expect(existsSync(join(vmcluster.home, "login.json"))).toBe(false);
  },
);

it("keeps tags of a stack where the Pulumi CLI does, through a new name and until it is removed", async () => {
  await vmcluster.ok("stack", "init", "dev");
  expect((await vmcluster.ok("stack", "tag", "ls")).stdout).toBe("NAME  VALUE\n");
  await vmcluster.ok("stack", "tag", "set", "team:x", "a b");
  await vmcluster.ok("stack", "tag", "set", "a", "b");
  const file = (stack: string): string => join(vmcluster.home, `.pulumi/stacks/lab/${stack}.pulumi-tags`);
  expect(readFileSync(file("dev"), "utf8")).toBe('{"version":1,"tags":{"a":"b","team:x":"a b"}}');
  expect((await vmcluster.ok("stack", "tag", "ls")).stdout).toBe("NAME    VALUE\na       b\nteam:x  a b\n");
  expect(JSON.parse((await vmcluster.ok("stack", "tag", "ls", "--json")).stdout)).toEqual({
    a: "b",
    "team:x": "a b",
  });
  expect((await vmcluster.ok("stack", "tag", "get", "a")).stdout).toBe("b\n");
  await vmcluster.ok("stack", "tag", "rm", "a");
  await vmcluster.ok("stack", "tag", "rm", "a");
  expect(await vmcluster.run(["stack", "tag", "get", "a"])).toMatchObject({
    code: 1,
    stderr: "error: stack tag 'a' not found for stack 'dev'\n",
  });
  await vmcluster.ok("stack", "rename", "prod");
  expect((await vmcluster.ok("stack", "tag", "get", "team:x")).stdout).toBe("a b\n");
  await vmcluster.ok("stack", "rm", "--yes");
  expect([existsSync(file("dev")), existsSync(file("prod"))]).toEqual([false, false]);
});

it("takes the selection back", async () => {
  await vmcluster.ok("stack", "init", "one");
  await vmcluster.ok("stack", "init", "two");
  expect((await vmcluster.ok("stack", "unselect")).stdout).toBe("Stack was unselected\n");
  expect((await vmcluster.ok("stack", "unselect")).stdout).toBe("");
  expect(await vmcluster.run(["stack", "output"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("no stack selected"),
  });
});

it("lists plugins that are installed", async () => {
  const env = { PULUMI_HOME: join(vmcluster.folder, "pulumi") };
  const none = await vmcluster.run(["plugin", "ls", "--json"], { env });
  expect(none).toMatchObject({ code: 0, stdout: "[]\n" });
  for (const version of ["4.9.0", "4.16.0"]) {
    const folder = join(env.PULUMI_HOME, `plugins/resource-random-v${version}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "pulumi-resource-random"), "#!/bin/sh\n");
  }
  const { stdout } = await vmcluster.run(["plugin", "ls"], { env });
  expect(stdout).toMatch(
    /^NAME +KIND +VERSION +SIZE +INSTALLED +LAST USED\nrandom +resource +4\.16\.0 +10 B .*\nrandom +resource +4\.9\.0 .*\n\nTOTAL plugin cache size: 20 B\n$/,
  );
});

it("has nothing to upgrade in a backend, and says so of an old one", async () => {
  await vmcluster.ok("stack", "init", "dev");
  expect(await vmcluster.run(["state", "upgrade"])).toEqual({ code: 0, stdout: "", stderr: "" });
  const old = join(vmcluster.folder, "old");
  mkdirSync(join(old, ".pulumi/stacks"), { recursive: true });
  writeFileSync(join(old, ".pulumi/stacks/dev.json"), "{}");
  expect(
    await vmcluster.run(["state", "upgrade", "--yes"], { env: { PULUMI_BACKEND_URL: `file://${old}` } }),
  ).toMatchObject({ code: 1, stderr: expect.stringContaining("old layout") });
});

it("has another name for completion", async () => {
  expect((await vmcluster.ok("gen-completion", "bash")).stdout).toContain("complete -o default");
});

it.each([
  ["new", "typescript", "--yes"],
  ["console"],
  ["policy", "ls"],
  ["stack", "change-secrets-provider", "passphrase"],
  ["state", "taint", "urn:x"],
  ["plugin", "install", "resource", "random"],
  ["config", "env", "init"],
])("refuses %s by name", async (...line) => {
  const { code, stderr } = await vmcluster.run(line);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^error: [\w -]+ is a verb of the Pulumi CLI that vmcluster does not have\n {2}\S.*\n$/,
  );
});

it("cancels without --yes where nobody can be asked", async () => {
  await vmcluster.ok("stack", "init", "dev");
  expect((await vmcluster.ok("cancel")).stdout).toBe(
    "The currently running update for 'dev' has been canceled!\n",
  );
});
