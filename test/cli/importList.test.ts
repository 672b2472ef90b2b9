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
  ).toBe(`import * as docker from "@pulumi/docker";

const my_data = new docker.Volume("my-data", {
    driver: "local",
    labels: [
        {
            label: "a b",
            "odd key": 1,
        },
    ],
    none: {},
}, {
    parent: top,
    protect: true,
});
`);
});
