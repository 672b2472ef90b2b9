import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { declarations } from "../../cli/importedCode";
import { listFromArguments, readImportFile } from "../../cli/importList";
import type { StepInfo } from "../../engine";

const where = { stack: "dev", project: "p" };
const urn = (type: string, name: string): string => `urn:pulumi:dev::p::${type}::${name}`;

const dir = mkdtempSync(join(tmpdir(), "import-list-"));
afterAll(() => rmSync(dir, { recursive: true }));

function file(content: unknown): string {
  const path = join(dir, "import.json");
  writeFileSync(path, JSON.stringify(content));
  return path;
}

test("parents and providers are in the name table or in the file itself, in any order", () => {
  const { requests } = readImportFile(
    file({
      nameTable: { cloud: urn("pulumi:providers:docker", "cloud") },
      resources: [
        { type: "docker:index/volume:Volume", name: "data", id: "v", parent: "group", provider: "cloud" },
        { type: "my:index:Group", name: "group", logicalName: "the-group", component: true },
        { type: "docker:index/network:Network", name: "n", id: "i", properties: ["name"], version: "v4.5.0" },
      ],
    }),
    true,
    where,
  );
  expect(requests).toEqual([
    {
      type: "docker:index/volume:Volume",
      name: "data",
      id: "v",
      protect: true,
      parent: urn("my:index:Group", "the-group"),
      provider: urn("pulumi:providers:docker", "cloud"),
    },
    { type: "my:index:Group", name: "the-group", id: undefined, protect: true },
    {
      type: "docker:index/network:Network",
      name: "n",
      id: "i",
      protect: true,
      properties: ["name"],
      version: "4.5.0",
    },
  ]);
});

test.each([
  ["a resource without an ID", [{ type: "a:b:C", name: "x" }], "resource 'x' of type 'a:b:C' has no ID"],
  [
    "a component with one",
    [{ type: "a:b:C", name: "x", id: "1", component: true }],
    "resource 'x' of type 'a:b:C' has an ID, but is marked as a component",
  ],
  [
    "a parent that is nowhere",
    [{ type: "a:b:C", name: "x", id: "1", parent: "y" }],
    "the parent 'y' for resource 'x' of type 'a:b:C' has no entry in 'nameTable'",
  ],
  [
    "a parent that could be either",
    [
      { type: "a:b:C", name: "x", id: "1", parent: "y" },
      { type: "a:b:C", name: "y", id: "2", logicalName: "one" },
      { type: "a:b:C", name: "y", id: "3", logicalName: "two" },
    ],
    "resource 'x' of type 'a:b:C' has an ambiguous parent",
  ],
])("%s is refused", (_, resources, message) => {
  expect(() => readImportFile(file({ resources }), true, where)).toThrow(message);
});

test("arguments name a variable and a URN, or a URN alone", () => {
  const request = { type: "a:b:C", name: "x", id: "1", protect: false };
  const parent = urn("my:index:Group", "g");
  const provider = urn("pulumi:providers:a", "p");
  const list = listFromArguments(request, {
    parent: `top=${parent}`,
    provider,
    properties: ["one,two", "three"],
  });
  expect(list.requests).toEqual([{ ...request, parent, provider, properties: ["one", "two", "three"] }]);
  expect([...list.variables]).toEqual([
    [parent, "top"],
    [provider, "provider"],
  ]);
  expect(() => listFromArguments(request, { parent: "top=nothing" })).toThrow(
    "expected a URN but got 'nothing'",
  );
  expect(() => listFromArguments(request, { provider: `${provider}::id-1` })).toThrow(
    `use '${provider}' instead`,
  );
});

test("what was imported is declared in TypeScript", () => {
  const parent = urn("my:index:Group", "g");
  const step = {
    op: "import",
    urn: urn("docker:index/volume:Volume", "my-data"),
    type: "docker:index/volume:Volume",
    name: "my-data",
    custom: true,
    newInputs: { driver: "local", labels: [{ label: "a b", "odd key": 1 }], none: {} },
  } as unknown as StepInfo;
  const request = { type: step.type, name: "my-data", id: "v", protect: true, parent };
  expect(
    declarations([step], { requests: [request], variables: new Map([[parent, "top"]]) }),
  ).toBe(`import * as pulumi from "@pulumi/pulumi";
import * as docker from "@pulumi/docker";

const my_data = new docker.Volume("my-data", {
    driver: "local",
    labels: [{
        label: "a b",
        "odd key": 1,
    }],
    none: {},
}, {
    parent: top,
    protect: true,
});
`);
});

/** What `pulumi import` 3.248 printed with docker 5.2.0 for what its plugin read. */
const recorded = [
  {
    name: "two",
    type: "docker:index/volume:Volume",
    inputs: { __defaults: [], driver: "local", name: "vol2" },
    options: { protect: false, parent: "comp", provider: "p" },
    code: `const two = new docker.Volume("two", {
    driver: "local",
    name: "vol2",
}, {
    parent: comp,
    provider: p,
});
`,
  },
  {
    name: "c-2",
    type: "docker:index/container:Container",
    inputs: { attach: null, command: ["sleep", "5"], logs: null, name: "c1", shmSize: 64, wait: null },
    options: { protect: true },
    code: `const c_2 = new docker.Container("c-2", {
    command: [
        "sleep",
        "5",
    ],
    name: "c1",
    shmSize: 64,
}, {
    protect: true,
});
`,
  },
];

test("nothing of a type or a name becomes code", () => {
  const type = 'x";evil("/y.z(evil()):in,dex/(evil()):V=evil()';
  const name = '"+evil()+"';
  const newInputs = { "[evil()]": "`+evil()+`", "...x": '"' };
  const step = {
    op: "import",
    urn: urn(type, name),
    type,
    name,
    custom: true,
    newInputs,
  } as unknown as StepInfo;
  const code = declarations([step], {
    requests: [{ type, name, id: "x", protect: true }],
    variables: new Map(),
  });
  const outside = code.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  expect(outside).not.toMatch(/evil\(/);
});

test.each(recorded)("$name is declared as pulumi import does", ({ name, type, inputs, options, code }) => {
  const { protect, parent, provider } = options;
  const variables = new Map(
    [parent, provider].flatMap((one) => (one ? [[urn("t:t:T", one), one] as const] : [])),
  );
  const request = {
    type,
    name,
    id: "x",
    protect,
    ...(parent ? { parent: urn("t:t:T", parent) } : {}),
    ...(provider ? { provider: urn("t:t:T", provider) } : {}),
  };
  const step = {
    op: "import",
    urn: urn(type, name),
    type,
    name,
    custom: true,
    newInputs: inputs,
  } as unknown as StepInfo;
  expect(declarations([step], { requests: [request], variables })).toBe(
    `import * as pulumi from "@pulumi/pulumi";\nimport * as docker from "@pulumi/docker";\n\n${code}`,
  );
});
