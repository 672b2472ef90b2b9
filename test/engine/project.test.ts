import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse as parseYaml } from "yaml";
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
  up,
} from "../../engine";
import { loadProject } from "../../engine/project";
import { projectBackend } from "../../engine/projectFile";
import { covers, formatPath, parsePath, resetToOld } from "../../engine/propertyPath";
import { Redactor } from "../../engine/redactor";
import { splitWords } from "../../engine/shellWords";
import { StackConfigFile } from "../../engine/stackConfig";
import { makeUrn, parseUrn } from "../../engine/urn";
import { Secret } from "../../engine/values";
import { satisfies } from "../../engine/versionRange";

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
    ["name: p\nruntime: { name: nodejs, extra: 1 }", "extra"],
    ["name: p\nruntime: { name: nodejs, options: { typescript: x } }", "typescript"],
    ["name: p\nruntime: { name: nodejs, options: { nodeargs: [x] } }", "nodeargs"],
    ["name: p\nruntime: { name: nodejs, options: { packagemanager: ant } }", "packagemanager"],
    ["name: p\nruntime: nodejs\nauthor: [x]", "author"],
    ["name: p\nruntime: nodejs\nbackend: { uri: x }", "uri"],
    ["name: p\nruntime: nodejs\noptions: { refresh: sometimes }", "refresh"],
    ["name: p\nruntime: nodejs\noptions: { refresh: always, parallel: 2 }", "parallel"],
    [
      "name: p\nruntime: nodejs\npackages: { x: { source: terraform-provider, parameters: [a/b] } }",
      "packages.x is not supported by the embedded engine",
    ],
    [
      "name: p\nruntime: nodejs\npackages: { x: ./local }",
      "packages.x is not supported by the embedded engine",
    ],
    [
      "name: p\nruntime: nodejs\nplugins: { providers: [{ name: x, path: y }] }",
      "plugins.providers is not supported by the embedded engine",
    ],
    [
      "name: p\nruntime: nodejs\nplugins: { analyzers: [{ name: x, path: y }] }",
      "plugins.analyzers is not supported by the embedded engine",
    ],
    ["name: p\nruntime: nodejs\nmain: nothing.ts", "does not exist"],
    ["name: p\nruntime: nodejs\nconfig:\n  size: { type: enormous }", "size"],
  ])("%j is refused", async (text, message) => {
    if (text !== "") write("Pulumi.yaml", text);
    await expect(loadProject(dir)).rejects.toThrow(message);
  });
});

test("a project may say all that Pulumi's schema has", async () => {
  mkdirSync(join(dir, "infra"));
  write(
    "infra/Pulumi.yaml",
    `name: p
description: d
author: a
website: w
license: l
runtime: { name: nodejs, options: { packagemanager: npm, nodeargs: --no-warnings } }
main: ../
config: settings
backend: { url: file://~ }
options: { refresh: always }
template: { displayName: t, important: true, config: { x: { default: 1 } } }
packages: { random: random@4.16.0, other: { source: other, version: 1.0.0 } }
plugins: { providers: [] }
requiredPulumiVersion: ">=3.100.0 <4.0.0"
mine: yes
`,
  );
  expect(await loadProject(join(dir, "infra"))).toMatchObject({
    programDir: dir,
    entryPoint: ".",
    stackConfigDir: join(dir, "infra/settings"),
    alwaysRefresh: true,
    requiredVersion: ">=3.100.0 <4.0.0",
  });
  expect(projectBackend(join(dir, "infra"))?.url).toBe("file://~");
});

test("main may be an absolute path", async () => {
  mkdirSync(join(dir, "infra"));
  write("program.js", "");
  write("infra/Pulumi.yaml", `name: p\nruntime: nodejs\nmain: ${join(dir, "program.js")}\n`);
  expect(await loadProject(join(dir, "infra"))).toMatchObject({ programDir: dir, entryPoint: "program.js" });
});

test("a version of Pulumi that the project does not want is refused before anything is done", async () => {
  write("Pulumi.yaml", 'name: p\nruntime: nodejs\nrequiredPulumiVersion: "<3.0.0"\n');
  await initStack(options());
  const run = up({ ...options(), onEvent: () => undefined });
  await expect(run).rejects.toThrow('requiredPulumiVersion "<3.0.0" is not satisfied');
});

test.each([
  ["Pulumi.yml", "name: p\nruntime: nodejs\n", "Pulumi.dev.yml", "config:\n  p:a: b\n"],
  ["Pulumi.json", '{"name":"p","runtime":"nodejs"}', "Pulumi.dev.json", '{"config":{"p:a":"b"}}'],
  ["Pulumi.yml", "name: p\nruntime: nodejs\n", "Pulumi.dev.yaml", "config:\n  p:a: b\n"],
])("the settings of a stack beside %s", async (project, text, settings, content) => {
  write(project, text);
  write(settings, content);
  await initStack(options());
  await setConfig({ ...options(), key: "c", value: "d", secret: false });
  const after = readFileSync(join(dir, settings), "utf8");
  expect(parseYaml(after)).toMatchObject({ config: { "p:a": "b", "p:c": "d" } });
  if (settings.endsWith(".json")) expect(() => JSON.parse(after)).not.toThrow();
});

test.each([
  ["3.248.0", ">=3.0.0", true],
  ["v3.248.0", "3.x", true],
  ["3.248.0", ">= 3.100.0 !3.248.0", false],
  ["3.248.0", "<3.0.0 || >=3.248.0", true],
  ["3.248.0", "3.247.0", false],
  ["3.248.0", ">3.248", false],
])("%s in %j: %s", (version, range, answer) => expect(satisfies(version, range)).toBe(answer));

test.each(["newest", ">=", "3.0.0,", "^3"])("%j is no range", (range) =>
  expect(() => satisfies("3.248.0", range)).toThrow("is not a range of versions"),
);

test.each([
  ['--title="a b" --no-warnings', ["--title=a b", "--no-warnings"]],
  ["  -r './a b.js'  \"\" ", ["-r", "./a b.js", ""]],
  ['a\\ b "c\\"d" \'e\\f\'', ["a b", 'c"d', "e\\f"]],
  ["--x # not this\n--y a#b", ["--x", "--y", "a#b"]],
  ["", []],
])("nodeargs %j", (text, words) => expect(splitWords(text)).toEqual(words));

test.each(['"a', "'a", "a\\"])("nodeargs %j have no end", (text) =>
  expect(() => splitWords(text)).toThrow("nodeargs"),
);

describe("what only the Pulumi CLI has is refused by name", () => {
  beforeEach(() => write("Pulumi.yaml", "name: p\nruntime: nodejs\n"));
  const refusal = (promise: Promise<unknown>) => expect(promise).rejects;
  const listed = () => listConfig({ ...options(), showSecrets: false });

  test.each([
    ["environment:\n  - shared\n", "environment: (Pulumi ESC) is not supported by the embedded engine"],
    ["encryptedkey: abc\n", "encryptedkey is not supported by the embedded engine"],
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
    await setConfig({ ...options(), key: "server.pins[0]", path: true, value: "4711", secret: true });
    // What decrypts nothing asks for no passphrase.
    const other = { ...options(), passphrase: "wrong" };
    await setConfig({ ...other, key: "server.name", path: true, value: "n", secret: false });
    await expect(listConfig({ ...other, showSecrets: true })).rejects.toThrow("passphrase");
    expect((await listConfig({ ...other, showSecrets: false })).at(-1)).toMatchObject({
      value: '{"name":"n","pins":["[secret]"]}',
      secret: true,
    });
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
