import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  currentStack,
  getConfig,
  importStack,
  initStack,
  listConfig,
  listStacks,
  removeConfig,
  removeStack,
  selectStack,
  setConfig,
} from "../../engine";
import { loadProject } from "../../engine/project";
import { covers, formatPath, parsePath, resetToOld } from "../../engine/propertyPath";
import { Redactor } from "../../engine/redactor";
import { StackConfigFile } from "../../engine/stackConfig";
import { makeUrn, parseUrn } from "../../engine/urn";
import { Secret } from "../../engine/values";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "engine-project-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const write = (name: string, text: string): void => writeFileSync(join(dir, name), text);
const options = () => ({ projectDir: dir, backendDir: join(dir, "home"), stack: "dev", passphrase: "p" });

describe("Pulumi.yaml", () => {
  test("main is a file or a folder; the program runs in its own folder", async () => {
    write("Pulumi.yaml", "name: p\nruntime: nodejs\nmain: src/program.ts\n");
    mkdirSync(join(dir, "src"));
    write("src/program.ts", "");
    expect(await loadProject(dir)).toMatchObject({ programDir: join(dir, "src"), entryPoint: "program.ts" });
    write("Pulumi.yaml", "name: p\nruntime:\n  name: nodejs\n  options: { typescript: false }\nmain: src/\n");
    expect(await loadProject(dir)).toMatchObject({
      programDir: join(dir, "src"),
      entryPoint: ".",
      runtimeOptions: { typescript: false },
    });
  });

  test.each([
    ["", "no Pulumi.yaml"],
    ["name: [", "not valid YAML"],
    ["runtime: nodejs", "name"],
    ["name: p\nruntime: python", 'runtime "python" is not supported'],
    ["name: p\nruntime: nodejs\nmain: ../x", "outside"],
    ["name: p\nruntime: nodejs\nmain: nothing.ts", "does not exist"],
    ["name: p\nruntime: nodejs\nconfig:\n  size: { type: enormous }", "size"],
  ])("%j is refused", async (text, message) => {
    if (text !== "") write("Pulumi.yaml", text);
    await expect(loadProject(dir)).rejects.toThrow(message);
  });
});

describe("what only the Pulumi CLI has is refused by name", () => {
  beforeEach(() => write("Pulumi.yaml", "name: p\nruntime: nodejs\n"));
  const refusal = (promise: Promise<unknown>) => expect(promise).rejects;
  const listed = () => listConfig({ ...options(), showSecrets: false });

  test.each([
    ["environment:\n  - shared\n", "environment: (Pulumi ESC) is not supported by the embedded engine"],
    ["secretsprovider: awskms://alias/x\n", 'secretsprovider "awskms://alias/x" is not supported'],
  ])("in a stack's configuration: %j", async (text, message) => {
    await initStack(options());
    write("Pulumi.dev.yaml", text);
    await refusal(listed()).toThrow(message);
  });

  test("a state with another secrets provider", async () => {
    await initStack(options());
    const state = {
      version: 3,
      deployment: { secrets_providers: { type: "cloud", state: {} }, resources: [] },
    };
    await refusal(importStack({ ...options(), state })).toThrow('secrets provider "cloud" is not supported');
  });

  const stored = (name: string, text: string): void => {
    const folder = join(dir, "home/.pulumi", name, "..");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(dir, "home/.pulumi", name), text);
  };
  test("the old layout of the file backend, and one of the future", async () => {
    stored("stacks/dev.json", "{}");
    await refusal(initStack(options())).toThrow("is in the old layout of the file backend");
    stored("meta.yaml", "version: 2\n");
    await refusal(initStack(options())).toThrow("version 2 of the file backend is not supported");
  });
});

describe("configuration", () => {
  test("has the project's defaults and types, structured values as JSON, and keeps comments", async () => {
    write(
      "Pulumi.yaml",
      "name: p\nruntime: nodejs\nconfig:\n  nodes: { type: integer, default: 2 }\n  name: { type: string }\n  aws:region: eu\n",
    );
    write(
      "Pulumi.dev.yaml",
      "# mine\nconfig:\n  p:name: x # here\n  p:list:\n    - 1\n    - a: true\n  other:flag: true\n",
    );
    const file = await StackConfigFile.load(await loadProject(dir), "dev");
    const { values } = file.resolve(undefined, { check: true });
    expect(Object.fromEntries(values)).toEqual({
      "p:name": "x",
      "p:list": '[1,{"a":true}]',
      "other:flag": "true",
      "p:nodes": "2",
      "aws:region": "eu",
    });
    file.setAt(file.key("nodes"), [], "3");
    file.setAt("p:servers", [0, "ports", 1], 80);
    expect(file.removeAt("p:list", [1, "b"])).toBe(false);
    expect(file.removeAt("p:list", [1, "a"])).toBe(true);
    await file.save();
    const text = readFileSync(join(dir, "Pulumi.dev.yaml"), "utf8");
    expect(text).toContain("# mine");
    expect(text).toContain("p:name: x # here");
    expect(text).toMatch(/p:nodes: "?3"?/);
    const again = (await StackConfigFile.load(await loadProject(dir), "dev")).resolve(undefined, {
      check: true,
    });
    expect(again.values.get("p:servers")).toBe('[{"ports":[null,80]}]');
    expect(again.values.get("p:list")).toBe("[1,{}]");
  });

  test("what is missing or of another type is named before anything runs", async () => {
    write(
      "Pulumi.yaml",
      "name: p\nruntime: nodejs\nconfig:\n  nodes: { type: integer, description: how many }\n",
    );
    const project = await loadProject(dir);
    const empty = await StackConfigFile.load(project, "dev");
    expect(() => empty.resolve(undefined, { check: true })).toThrow('missing configuration value "nodes"');
    write("Pulumi.dev.yaml", "config:\n  p:nodes: two\n");
    const wrong = await StackConfigFile.load(project, "dev");
    expect(() => wrong.resolve(undefined, { check: true })).toThrow(
      'config p:nodes: "two" is not of the type integer',
    );
  });

  test("is set, listed, read and removed; secrets are shown only when asked for", async () => {
    write("Pulumi.yaml", "name: p\nruntime: nodejs\n");
    await initStack(options());
    await setConfig({ ...options(), key: "plain", value: "007", secret: false });
    await setConfig({ ...options(), key: "other:token", value: "hush", secret: true });
    expect(await listConfig({ ...options(), showSecrets: false })).toEqual([
      { key: "other:token", fullKey: "other:token", value: "[secret]", secret: true },
      { key: "plain", fullKey: "p:plain", value: "007", secret: false },
    ]);
    expect(await getConfig({ ...options(), key: "p:plain" })).toMatchObject({ value: "007" });
    expect(await getConfig({ ...options(), key: "other:token" })).toMatchObject({ value: "hush" });
    await removeConfig({ ...options(), key: "plain" });
    await expect(getConfig({ ...options(), key: "plain" })).rejects.toThrow(
      "configuration key 'plain' not found",
    );
    expect(await removeConfig({ ...options(), key: "plain" })).toBe(false);
    await expect(setConfig({ ...options(), key: "a:b:c", value: "", secret: false })).rejects.toThrow(
      "not of the form",
    );
  });
});

test("stacks are made, listed, chosen and removed", async () => {
  write("Pulumi.yaml", "name: p\nruntime: nodejs\n");
  await initStack(options());
  await expect(initStack(options())).rejects.toThrow("already exists");
  await expect(initStack({ ...options(), stack: "a/b" })).rejects.toThrow('stack name "a/b" is not valid');
  expect(await currentStack(options())).toBeUndefined();
  await selectStack(options());
  await expect(selectStack({ ...options(), stack: "nope" })).rejects.toThrow('no stack named "nope"');
  expect(await currentStack(options())).toBe("dev");
  expect(await listStacks(options())).toEqual([
    { name: "dev", current: true, resourceCount: 0, lastUpdate: undefined },
  ]);
  expect(readFileSync(join(dir, "home/.pulumi/meta.yaml"), "utf8")).toBe("version: 1\n");
  await removeStack(options());
  expect(await listStacks(options())).toEqual([]);
  expect(await currentStack(options())).toBeUndefined();
});

test("a damaged state is named, with the one before it", async () => {
  write("Pulumi.yaml", "name: p\nruntime: nodejs\n");
  await initStack(options());
  writeFileSync(join(dir, "home/.pulumi/stacks/p/dev.json"), '{"version":3,"checkpoint":');
  await expect(listStacks(options())).rejects.toThrow(/dev\.json is damaged.*dev\.json\.bak/s);
  writeFileSync(
    join(dir, "home/.pulumi/stacks/p/dev.json"),
    '{"version":4,"features":["fromTheFuture"],"checkpoint":{"latest":{}}}',
  );
  await expect(listStacks(options())).rejects.toThrow("it uses: fromTheFuture");
});

describe("property paths", () => {
  test.each([
    ["a.b[0]", ["a", "b", 0]],
    ['a["b.c"].d', ["a", "b.c", "d"]],
    ["a[*].b", ["a", "*", "b"]],
  ])("%s", (text, path) => {
    expect(parsePath(text)).toEqual(path);
    if (!text.includes("*")) expect(formatPath(path)).toBe(text);
  });

  test("cover what is inside them", () => {
    expect(covers(parsePath("a.b"), parsePath("a.b[0]"))).toBe(true);
    expect(covers(parsePath("a[*].c"), parsePath("a[3].c"))).toBe(true);
    expect(covers(parsePath("a.b"), parsePath("a"))).toBe(false);
  });

  test("reset what is ignored, through secrets and lists, also what was added or removed", () => {
    expect(resetToOld(["a", "x"], { a: { x: 1, y: 1 } }, { a: { x: 2, y: 2 } }).inputs).toEqual({
      a: { x: 1, y: 2 },
    });
    expect(resetToOld(["a"], {}, { a: 1, b: 1 }).inputs).toEqual({ b: 1 });
    expect(resetToOld(["a"], { a: 1 }, {}).inputs).toEqual({ a: 1 });
    expect(resetToOld(["l", "*", "x"], { l: [{ x: 1 }] }, { l: [{ x: 2, y: 2 }] }).inputs).toEqual({
      l: [{ x: 1, y: 2 }],
    });
    expect(resetToOld(["l", 1], { l: [1] }, { l: [1, 2] }).complete).toBe(false);
    expect(resetToOld(["l", "*"], { l: [1] }, { l: [2, 3] })).toEqual({
      inputs: { l: [1, 3] },
      complete: false,
    });
    expect(resetToOld(["s", "x"], { s: new Secret({ x: 1 }) }, { s: new Secret({ x: 2 }) }).inputs).toEqual({
      s: new Secret({ x: 1 }),
    });
  });
});

test("URNs hold the types of the parents, and names may hold colons", () => {
  const parent = makeUrn("s", "p", makeUrn("s", "p", undefined, "pulumi:pulumi:Stack", "p-s"), "a:b:C", "x");
  expect(parent).toBe("urn:pulumi:s::p::a:b:C::x");
  const child = makeUrn("s", "p", parent, "d:e:F", "n::m");
  expect(child).toBe("urn:pulumi:s::p::a:b:C$d:e:F::n::m");
  expect(parseUrn(child)).toMatchObject({ type: "d:e:F", name: "n::m", qualifiedType: "a:b:C$d:e:F" });
});

test("secrets are taken out of messages, also quoted ones and lines of keys", () => {
  const redactor = new Redactor();
  redactor.learn({
    a: new Secret(['pass"word', "KEY LINE NUMBER ONE\nKEY LINE NUMBER TWO", "abc"]),
    open: "visible",
    connection: new Secret({ host: "127.0.56.11", user: "debian", password: "hush hush" }),
  });
  expect(redactor.text('it is pass"word, {"x":"pass\\"word"} visible abc')).toBe(
    'it is [secret], {"x":"[secret]"} visible abc',
  );
  expect(redactor.text("at KEY LINE NUMBER TWO")).toBe("at [secret]");
  expect(redactor.text("debian@127.0.56.11 refused hush hush")).toBe("debian@127.0.56.11 refused [secret]");
});
