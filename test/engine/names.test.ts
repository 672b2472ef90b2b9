import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import {
  initStack,
  listStacks,
  removeStack,
  renameStack,
  selectStack,
  setConfig,
  stackOutputs,
} from "../../engine";
import { Backend } from "../../engine/backend";
import { parseStackReference, placeOf } from "../../engine/names";
import { loadProject } from "../../engine/project";
import { StackConfigFile } from "../../engine/stackConfig";
import { runs } from "../propertyRuns";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "engine-names-"));
  writeFileSync(join(dir, "Pulumi.yaml"), "name: p\nruntime: nodejs\n");
  writeFileSync(join(dir, "Pulumi.kept.yaml"), `encryptionsalt: ${salt}\n`);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const options = (stack: string) => ({
  projectDir: dir,
  backendDir: join(dir, "home"),
  stack,
  passphrase: "correct horse",
});
/** Made with that passphrase: its key is derived once for all tests of this file. */
const salt = "v1:BnqFuKenNvc=:v1:PS6PUPowQPSJYVGY:FAojV3usDAM3V0rh7c0ZQeMUPY8VLg==";

const outside = [
  "",
  ".",
  "..",
  "../..",
  "a/b",
  "a\\b",
  "/a",
  "~",
  "a\0b",
  "a\n",
  "%2e%2e",
  "ü",
  "a".repeat(101),
];

describe("a project that is called as another folder", () => {
  test.each(outside)("%j is refused, and no other stack is lost", async (name) => {
    await initStack(options("kept"));
    writeFileSync(join(dir, "Pulumi.yaml"), `name: ${JSON.stringify(name)}\nruntime: nodejs\n`);
    for (const act of [initStack, removeStack, selectStack])
      await expect(act({ ...options("stacks"), force: true } as never)).rejects.toThrow(
        /project file[\s\S]*name/,
      );
    writeFileSync(join(dir, "Pulumi.yaml"), "name: p\nruntime: nodejs\n");
    expect((await listStacks(options(""))).map((stack) => stack.name)).toEqual(["kept"]);
  });
});

describe("a stack that is called as another folder", () => {
  test.each(outside)("%j is refused wherever a stack is named", async (name) => {
    await initStack(options("kept"));
    const wrong = options(name);
    const reference = { ...options("kept"), showSecrets: false };
    for (const attempt of [
      initStack(wrong),
      removeStack({ ...wrong, force: true }),
      selectStack(wrong),
      renameStack({ ...options("kept"), name }),
      stackOutputs({ ...reference, stack: `organization/p/${name}` }),
      stackOutputs({ ...reference, stack: `organization/${name}/kept` }),
    ])
      await expect(attempt).rejects.toThrow(/is not valid/);
    expect((await listStacks(options(""))).map((stack) => stack.name)).toEqual(["kept"]);
  });
});

test("what a backend removes is below the folders of that stack, whatever the names are", async () => {
  const name = fc.oneof(
    fc.constantFrom(...outside, "...", "..a", "-", "dev"),
    fc.string({ maxLength: 8, unit: fc.constantFrom(".", "/", "a", "-", "\\") }),
  );
  await fc.assert(
    fc.asyncProperty(name, name, async (project, stack) => {
      let path: string;
      try {
        path = placeOf("/root/stacks", project, stack, ".json");
      } catch {
        await expect(new Backend(dir).remove(project, stack)).rejects.toThrow("is not valid");
        await expect(new Backend(dir).addToHistory(project, stack, {} as never)).rejects.toThrow(
          "is not valid",
        );
        expect(() => new Backend(dir).lockDir(project, stack)).toThrow("is not valid");
        return;
      }
      expect(path).toBe(`/root/stacks/${project}/${stack}.json`);
      expect(path.split("/").slice(0, 3)).toEqual(["", "root", "stacks"]);
      expect(path.split("/")).toHaveLength(5);
      expect(path.split("/")).not.toContain("..");
    }),
    runs,
  );
});

test("references name the stack, its organization and its project", () => {
  expect(parseStackReference("dev", "p")).toEqual({ project: "p", stack: "dev" });
  expect(parseStackReference("organization/dev", "p")).toEqual({ project: "p", stack: "dev" });
  expect(parseStackReference("organization/q/dev", "p")).toEqual({ project: "q", stack: "dev" });
  for (const text of [
    "acme/dev",
    "acme/q/dev",
    "organization/q/r/dev",
    "organization//dev",
    "/dev",
    "organization/",
  ])
    expect(() => parseStackReference(text, "p")).toThrow("is not valid");
});

describe("a new stack beside a Pulumi.dev.yaml that is there already", () => {
  const other = () => ({ ...options("dev"), passphrase: "another" });
  const file = () => join(dir, "Pulumi.dev.yaml");

  test("gets a new salt if nothing was encrypted with the old one", async () => {
    writeFileSync(file(), `# ours\nencryptionsalt: ${salt}\nconfig:\n  p:replicas: 3\n`);
    await initStack(other());
    const text = readFileSync(file(), "utf8");
    expect(text).toMatch(/^# ours\nencryptionsalt: v1:/);
    expect(text).not.toContain(salt);
    expect(text).toContain("p:replicas: 3");
  });

  test("keeps a salt that the passphrase opens", async () => {
    writeFileSync(file(), `encryptionsalt: ${salt}\n`);
    await initStack(options("dev"));
    expect(readFileSync(file(), "utf8")).toContain(salt);
  });

  test("is refused if it has a secret, however deep", async () => {
    const text = `encryptionsalt: ${salt}\nconfig:\n  p:db:\n    users:\n      - secure: v1:AAAA:BBBB\n`;
    writeFileSync(file(), text);
    await expect(initStack(other())).rejects.toThrow("incorrect passphrase");
    expect(readFileSync(file(), "utf8")).toBe(text);
    expect(existsSync(join(dir, "home/.pulumi/stacks"))).toBe(false);
  });

  test("one that exists is not opened with another passphrase", async () => {
    writeFileSync(file(), `encryptionsalt: ${salt}\n`);
    await initStack(options("dev"));
    const before = readFileSync(file(), "utf8");
    const wrong = { ...other(), key: "a", value: "b", secret: true };
    await expect(setConfig(wrong)).rejects.toThrow("incorrect passphrase");
    expect(readFileSync(file(), "utf8")).toBe(before);
  });
});

test("nothing of a stack is written where its file of settings would be outside", async () => {
  await expect(StackConfigFile.load(await loadProject(dir), "../x")).rejects.toThrow("is not valid");
  expect(readdirSync(dir)).toEqual(["Pulumi.kept.yaml", "Pulumi.yaml"]);
});
