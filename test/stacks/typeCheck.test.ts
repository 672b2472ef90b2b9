import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as library from "../../index";
import { typeChecked } from "./typeCheckingRunner";

/** The Pulumi CLI checks the types of a program before it runs it; the embedded engine does not. */
jest.setTimeout(300_000);

const checkout = join(__dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "vmcluster-types-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A project with the checkout's build of the library, as README says. */
function project(name: string, files: Readonly<Record<string, string>>): string {
  const dir = join(folder, name);
  mkdirSync(join(dir, "node_modules"), { recursive: true });
  symlinkSync(checkout, join(dir, "node_modules/vmcluster"));
  for (const scope of ["@pulumi", "@types"])
    symlinkSync(join(checkout, "node_modules", scope), join(dir, "node_modules", scope));
  for (const [file, text] of Object.entries({ "package.json": '{ "name": "lab" }', ...files }))
    writeFileSync(join(dir, file), text);
  return dir;
}

it("the root program compiles and runs", async () => {
  const { registered, errors } = await typeChecked(join(checkout, "stacks"), "getStarted.ts");
  expect(errors).toEqual([]);
  expect(registered.length).toBeGreaterThan(0);
});

it("a program that does not compile is seen to be one", async () => {
  const dir = project("wrong", {
    "index.ts": 'import { SwarmCluster } from "vmcluster";\nnew SwarmCluster("lab", { nodeCount: "two" });\n',
  });
  const { registered, errors } = await typeChecked(dir, "index.ts");
  expect(errors.join("\n")).toContain("Type 'string' is not assignable to type 'number'");
  expect(registered).toEqual([]);
});

interface Example {
  readonly place: string;
  readonly text: string;
}

const pages = ["README.md", ...readdirSync(join(checkout, "docs")).map((file) => join("docs", file))];
const examples: Example[] = pages
  .filter((page) => page.endsWith(".md"))
  .flatMap((page) =>
    [...readFileSync(join(checkout, page), "utf8").matchAll(/^```ts\n(.*?)^```/gms)].map(
      ([, text = ""], index) => ({
        place: `${page} ${index + 1}`,
        text,
      }),
    ),
  );

/** What the pages take for given, where an example uses it and does not say it. */
const given: Readonly<Record<string, string>> = {
  cluster: 'new SwarmCluster("given")',
  network: 'new OverlayNetwork("given", {}, cluster.onSwarm)',
  registry: 'new RegistryService("given", { manager: cluster.manager }, cluster.onSwarm)',
  on: "cluster.onSwarm",
  config: "new pulumi.Config()",
};

/** The example as a module that only has to compile. */
function asModule(text: string): string {
  const imports = text.match(/^import .*$/gm) ?? [];
  let body = text.replace(/^import .*$/gm, "").replace(/^export /gm, "");
  const declares = (name: string): boolean => new RegExp(`\\b(const|let) ${name}\\b`).test(body);
  const uses = (name: string): boolean => new RegExp(`(?<![.\\w"])${name}\\b`).test(body);
  for (const [name, value] of Object.entries(given).reverse())
    if (uses(name) && !declares(name)) body = `const ${name} = ${value};\n${body}`;
  const imported = imports.some((line) => line.includes('"vmcluster"'));
  const names = Object.keys(library).filter((name) => new RegExp(`\\b${name}\\b`).test(body));
  const own = imported ? imports.filter((line) => !line.includes('"vmcluster"')) : imports;
  return [
    'import * as pulumi from "@pulumi/pulumi";',
    'import { readFileSync } from "fs";',
    `import { ${names.join(", ")} } from "vmcluster";`,
    ...own.filter((line) => !/@pulumi\/pulumi"|readFileSync/.test(line)),
    `export function example() {\n${body}}`,
    "export const used = [pulumi, readFileSync];",
    "",
  ].join("\n");
}

it(`all ${examples.length} examples of the documents compile`, async () => {
  expect(examples.length).toBeGreaterThan(10);
  const files: Record<string, string> = {};
  examples.forEach(({ place, text }, index) => {
    files[`example${index}.ts`] = `// ${place}\n${asModule(text)}`;
  });
  files["index.ts"] = examples
    .map((_, index) => `import * as example${index} from "./example${index}";`)
    .concat(
      `export const count = [${examples.map((_, index) => `example${index}.example`).join(", ")}].length;`,
      "",
    )
    .join("\n");
  const { errors } = await typeChecked(project("examples", files), "index.ts");
  expect(errors).toEqual([]);
});

it("README's program runs", async () => {
  const text = examples.find(({ place }) => place === "README.md 1")?.text ?? "";
  const { registered, errors } = await typeChecked(project("readme", { "index.ts": text }), "index.ts");
  expect(errors).toEqual([]);
  expect(registered.length).toBeGreaterThan(0);
});
