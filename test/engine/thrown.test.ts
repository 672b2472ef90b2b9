/** What a program that throws shows: its own TypeScript lines, in the words of the Pulumi CLI 3.248 (less its colours). */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { preview } from "../../engine";
import { errors, TestProject } from "./testProject";

jest.setTimeout(60_000);

let project: TestProject;
beforeAll(async () => {
  project = new TestProject();
  await project.init();
  writeFileSync(join(project.dir, "tsconfig.json"), JSON.stringify({ compilerOptions: { strict: true } }));
});
afterAll(() => project.remove());

/** The first lines of the one error of a program, its folder as `.`. */
async function thrownBy(file: string, source: string, type: "commonjs" | "module"): Promise<string[]> {
  const folder = join(project.dir, type);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "sample", type }));
  writeFileSync(join(folder, file), source);
  writeFileSync(join(project.dir, "Pulumi.yaml"), `name: sample\nruntime: nodejs\nmain: ${type}/${file}\n`);
  const record = await project.run(preview);
  rmSync(folder, { recursive: true });
  expect(record.result).toBe("failed");
  const [error, ...more] = errors(record);
  expect(more).toEqual([]);
  return (error ?? "").replaceAll(folder, ".").split("\n");
}

// Types above the place make its line another one in JavaScript.
const typesAbove = "interface Shape {\n  readonly sides: number;\n}\n\n";

test("thrown while the program is loaded", async () => {
  const source = `${typesAbove}function check(shape: Shape): void {
  if (shape.sides > 3) throw new TypeError("too many sides");
}

check({ sides: 4 });
`;
  const lines = await thrownBy("sync.ts", source, "commonjs");
  expect(lines.slice(0, 4)).toEqual([
    "Running program './sync.ts' failed with an unhandled exception:",
    "TypeError: too many sides",
    "    at check (./sync.ts:6:30)",
    "    at Object.<anonymous> (./sync.ts:9:1)",
  ]);
  // Nothing of ours is among the callers.
  expect(lines.filter((line) => line.includes("data:"))).toEqual([]);
});

test("a promise that is rejected", async () => {
  const source = `${typesAbove}async function work(shape: Shape): Promise<void> {
  await null;
  throw new Error(\`later: \${shape.sides}\`);
}

void work({ sides: 2 });
`;
  expect(await thrownBy("rejects.ts", source, "commonjs")).toEqual([
    "Running program './rejects.ts' failed with an unhandled exception:",
    "Error: later: 2",
    "    at work (./rejects.ts:7:9)",
  ]);
});

test("thrown within apply", async () => {
  const source = `import * as pulumi from "@pulumi/pulumi";

${typesAbove}const square: Shape = { sides: 4 };
export const out = pulumi.output(square).apply(({ sides }): string => {
  throw new Error(\`\${sides} sides\`);
});
`;
  const lines = await thrownBy("apply.ts", source, "commonjs");
  expect(lines.slice(0, 3)).toEqual([
    "Running program './apply.ts' failed with an unhandled exception:",
    "Error: 4 sides",
    "    at ./apply.ts:9:9",
  ]);
});

test("thrown by an ES module", async () => {
  const source = `import * as pulumi from "@pulumi/pulumi";

export const one = pulumi.output(1);
function fail() {
  throw new Error("in a module");
}
fail();
`;
  const lines = await thrownBy("index.js", source, "module");
  expect(lines.slice(0, 4)).toEqual([
    "Running program './index.js' failed with an unhandled exception:",
    "Error: in a module",
    "    at fail (file://./index.js:5:9)",
    "    at file://./index.js:7:1",
  ]);
});

test("TypeScript that is none", async () => {
  expect(await thrownBy("syntax.ts", "const a: number = ;\n", "commonjs")).toEqual([
    "Running program './syntax.ts' failed with an unhandled exception:",
    "TSError: ⨯ Unable to compile TypeScript:",
    "syntax.ts(1,19): error TS1109: Expression expected.",
    "",
  ]);
});
