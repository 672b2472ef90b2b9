import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportStack, importStack, initStack, setConfig, stackOutputs, up } from "../../engine";
import { SecretsManager } from "../../engine/secrets";
import { UserError } from "../../host/userError";
import { errors, TestProject } from "./testProject";

jest.setTimeout(60_000);

// Salt and passphrase of the test of Pulumi's own passphrase provider (pkg/secrets/passphrase/manager_test.go).
const pulumiSalt = "v1:fozI5u6B030=:v1:F+6ZduKKd8G0/V7L:PGMFeIzwobWRKmEAzUdaQHqC5mMRIQ==";

describe("the passphrase provider", () => {
  test("opens a salt that Pulumi made, and refuses another passphrase", async () => {
    const manager = await SecretsManager.open("password", pulumiSalt);
    expect(manager.decrypt("v1:F+6ZduKKd8G0/V7L:PGMFeIzwobWRKmEAzUdaQHqC5mMRIQ==")).toBe("pulumi");
    await expect(SecretsManager.open("password123", pulumiSalt)).rejects.toThrow(UserError);
    await expect(SecretsManager.open("password", "v2:x")).rejects.toThrow("encryptionsalt");
  });

  test("gives back what it was given, each time encrypted anew, and notices changes", async () => {
    const manager = await SecretsManager.create("p");
    const first = manager.encrypt("häßlich");
    expect(first).toMatch(/^v1:[A-Za-z0-9+/=]{16}:[A-Za-z0-9+/=]+$/);
    expect(manager.encrypt("häßlich")).not.toBe(first);
    expect(manager.decrypt(first)).toBe("häßlich");
    const [version, nonce, sealed = ""] = first.split(":");
    const bytes = Buffer.from(sealed, "base64");
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    expect(() => manager.decrypt([version, nonce, bytes.toString("base64")].join(":"))).toThrow();
    expect((await SecretsManager.open("p", manager.salt)).decrypt(first)).toBe("häßlich");
  });
});

describe("secrets of a stack", () => {
  const project = new TestProject();
  afterAll(() => project.remove());

  test("are encrypted in configuration, state and history, and come out of each", async () => {
    await project.init();
    await setConfig({ ...project.options, key: "password", value: "hunter2", secret: true });
    const configFile = readFileSync(join(project.dir, "Pulumi.dev.yaml"), "utf8");
    expect(configFile).toMatch(/^encryptionsalt: v1:/m);
    expect(configFile).toMatch(/secure: v1:/);
    expect(configFile).not.toContain("hunter2");
    project.program(`
      const pulumi = require("@pulumi/pulumi");
      const { Thing } = require("./testing");
      const password = new pulumi.Config().requireSecret("password");
      const a = new Thing("a", { value: password, nested: { list: [password, 1] } });
      const b = new Thing("b", { value: a.made });
      exports.password = password;
      exports.made = b.made;
      exports.plain = "open";
    `);
    const done = await project.run(up);
    expect(errors(done)).toEqual([]);
    expect(done.outputs).toEqual({ password: "[secret]", made: "[secret]", plain: "open" });
    expect(JSON.stringify(done.events)).not.toContain("hunter2");
    expect(project.state().text).not.toContain("hunter2");
    expect(await stackOutputs({ ...project.options, showSecrets: true })).toEqual({
      password: "hunter2",
      made: expect.stringContaining("hunter2"),
      plain: "open",
    });
    expect(await stackOutputs({ ...project.options, showSecrets: false })).toMatchObject({
      password: "[secret]",
    });
  });

  test("keep their ciphertext while nothing changes", async () => {
    const before = project.resource("a").outputs;
    expect((await project.run(up)).changes).toEqual({ same: 3 });
    expect(project.resource("a").outputs).toEqual(before);
  });

  test("need the passphrase", async () => {
    await expect(project.run(up, { passphrase: "wrong" })).rejects.toThrow("incorrect passphrase");
  });

  test("of a referenced stack with another passphrase are left out with a warning, its plain outputs are read", async () => {
    const other = { stack: "other", passphrase: "of somebody else" };
    await initStack({ ...project.options, ...other });
    project.program(`
      const pulumi = require("@pulumi/pulumi");
      const dev = new pulumi.StackReference("dev");
      exports.plain = dev.getOutput("plain");
      exports.password = dev.getOutput("password");
      exports.zero = -0;
    `);
    const done = await project.run(up, other);
    expect(errors(done)).toEqual([]);
    expect(done.outputs).toEqual({ plain: "open", password: "[secret]", zero: -0 });
    expect(JSON.stringify(done.events)).toMatch(
      /stack reference \\"dev\\": another passphrase made that stack/,
    );
    expect(await stackOutputs({ ...project.options, ...other, showSecrets: true })).toEqual({
      plain: "open",
      password: {},
      zero: -0,
    });
    expect((await project.run(up, other)).changes).toEqual({ same: 1 });
  });

  test("go through export and import, and into another salt", async () => {
    const shown = await exportStack({ ...project.options, showSecrets: true });
    expect(JSON.stringify(shown)).toContain("hunter2");
    const hidden = await exportStack({ ...project.options, showSecrets: false });
    expect(JSON.stringify(hidden)).not.toContain("hunter2");

    const other = { ...project.options, backendDir: join(project.dir, "elsewhere") };
    await initStack(other);
    await importStack({ ...other, state: shown });
    expect(await stackOutputs({ ...other, showSecrets: true })).toMatchObject({ password: "hunter2" });
    expect(readFileSync(join(other.backendDir, ".pulumi/stacks/sample/dev.json"), "utf8")).not.toContain(
      "hunter2",
    );
  });

  test("a state of another stack is refused", async () => {
    const state = JSON.parse(
      JSON.stringify(await exportStack({ ...project.options, showSecrets: false })).replaceAll(
        "urn:pulumi:dev",
        "urn:pulumi:prod",
      ),
    );
    await expect(importStack({ ...project.options, state })).rejects.toThrow("not of this stack");
  });

  test("fields of newer versions stay in the state", async () => {
    const path = join(project.backendDir, ".pulumi/stacks/sample/dev.json");
    const file = JSON.parse(readFileSync(path, "utf8"));
    for (const resource of file.checkpoint.latest.resources) resource.fromTheFuture = { a: 1 };
    writeFileSync(path, JSON.stringify(file));
    const exported = await exportStack({ ...project.options, showSecrets: true });
    expect(JSON.stringify(exported)).toContain("fromTheFuture");
  });
});
