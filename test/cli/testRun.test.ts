import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { run } from "../../host/run";
import { compile } from "./command";

/** The suites of a made-up clone, run by jest for real. */
jest.setTimeout(60_000);

const checkout = resolve(__dirname, "../..");
let clone: string;
beforeAll(compile);

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), "vmcluster-testrun-"));
  symlinkSync(join(checkout, "node_modules"), join(clone, "node_modules"));
  const project = (name: string) => ({ displayName: name, testMatch: [`<rootDir>/${name}/*.test.js`] });
  writeFileSync(join(clone, "package.json"), "{}");
  writeFileSync(
    join(clone, "jest.config.js"),
    `module.exports = ${JSON.stringify({ projects: [project("unit"), project("e2e")] })};`,
  );
  mkdirSync(join(clone, "unit"));
  mkdirSync(join(clone, "e2e"));
});
afterEach(() => rmSync(clone, { recursive: true, force: true }));

const write = (file: string, content: string): void => writeFileSync(join(clone, file), content);

/** In a process of its own: a jest inside a jest would share its environment. */
async function runTests(
  suites: string[] = [],
  args: string[] = [],
): Promise<{ code: number; lines: string[] }> {
  const script = `require(${JSON.stringify(join(checkout, "dist/cli/testRun.js"))})
    .runTests(${JSON.stringify(clone)}, ${JSON.stringify(suites)}, ${JSON.stringify(args)})
    .then((code) => console.log("exit " + code));`;
  const { JEST_WORKER_ID: _worker, NODE_ENV: _env, ...env } = process.env;
  const { stdout } = await run(process.execPath, ["-e", script], {
    cwd: checkout,
    env: { ...env, JEST_WORKER_ID: undefined },
  });
  const lines = stdout.trim().split("\n");
  return { code: Number(lines.at(-1)?.replace("exit ", "")), lines: lines.slice(0, -1) };
}

it("adds up all suites in the last line", async () => {
  write("unit/a.test.js", 'it("one", () => {}); it("two", () => {});');
  write("e2e/b.test.js", 'it("three", () => {});');
  const { code, lines } = await runTests();
  expect(lines.at(-1)).toBe("3 passed, 0 failed");
  expect(code).toBe(0);
});

it("runs the second suite though the first has failures, and fails", async () => {
  write("unit/a.test.js", 'it("one", () => {}); it("two", () => { throw new Error("no"); });');
  write("e2e/b.test.js", 'it("three", () => {});');
  const { code, lines } = await runTests();
  expect(lines).toContain("unit: 1 passed, 1 failed");
  expect(lines.at(-1)).toBe("2 passed, 1 failed");
  expect(code).toBe(1);
});

it("counts a file that cannot be run as a failure, and says what was skipped", async () => {
  write("unit/a.test.js", "this is not JavaScript");
  write("unit/b.test.js", 'it("one", () => {}); it.skip("two", () => {});');
  write("e2e/b.test.js", 'it("three", () => {});');
  const { code, lines } = await runTests();
  expect(lines.slice(-2)).toEqual(["1 skipped", "2 passed, 1 failed"]);
  expect(code).toBe(1);
});

it("counts a suite that does not run at all as a failure", async () => {
  write("unit/a.test.js", 'it("one", () => {});');
  const { code, lines } = await runTests();
  expect(lines.at(-1)).toBe("1 passed, 1 failed");
  expect(code).toBe(1);
});

it("runs the suites and files that are named", async () => {
  write("unit/a.test.js", 'it("one", () => {});');
  write("unit/b.test.js", 'it("two", () => { throw new Error("no"); });');
  expect((await runTests(["unit"], ["unit/a"])).lines.at(-1)).toBe("1 passed, 0 failed");
  expect((await runTests([], ["unit/a"])).lines.at(-1)).toBe("1 passed, 0 failed");
});
