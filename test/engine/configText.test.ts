import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadProject } from "../../engine/project";
import { StackConfigFile } from "../../engine/stackConfig";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vmcluster-config-"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: p\nruntime: nodejs\n");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The file after an edit of it. */
async function edited(before: string | undefined, edit: (file: StackConfigFile) => void): Promise<string> {
  const path = join(folder, "Pulumi.dev.yaml");
  if (before !== undefined) writeFileSync(path, before);
  else expect(existsSync(path)).toBe(false);
  const file = await StackConfigFile.load(await loadProject(folder), "dev");
  edit(file);
  await file.save();
  return readFileSync(path, "utf8");
}

const lines = [
  "# head",
  "",
  "encryptionsalt: v1:salt   # of the passphrase",
  "config:",
  "    # a day",
  "    p:date: 2024-01-02",
  "    p:time: 2024-01-02T10:00:00Z",
  "    p:big: 1e21",
  "    p:negative: -0",
  "    p:infinite: 1e400",
  "    p:float: 1.50",
  "    p:hex: 0x1F",
  "    p:octal: 017",
  "    p:quoted: 'single'   # behind",
  '    "p:name": "double"',
  "    p:null: ~",
  "    p:list: [1, 2,   3]",
  "    p:object: {a: 1, \"b\": 'c'}",
  `    p:long: ${"word ".repeat(40)}end`,
  "    p:block: |",
  "        one",
  "",
  "        two",
  "    p:fold: >-",
  "      one",
  "      two",
  "    p:digits: 12345678901234567890123",
  "    p:deep:",
  "        # within",
  "        when: 2024-01-02",
  "        big: 1e21",
  "        n: 0x1F",
  "    z:last: 0.10",
  "# tail",
];
const whole = `${lines.join("\n")}\n`;
const replaced = (from: string, to: string): string => whole.replace(from, to);

it("adds a key behind the last one and touches nothing else", async () => {
  expect(await edited(whole, (file) => file.setAt("p:new", [], "v"))).toBe(
    replaced("z:last: 0.10\n", "z:last: 0.10\n    p:new: v\n"),
  );
});

it.each([
  ["p:quoted", "p:quoted: 'single'", "p:quoted: v"],
  ["p:date", "p:date: 2024-01-02", "p:date: v"],
  ["p:list", "p:list: [1, 2,   3]", "p:list: v"],
  ["p:null", "p:null: ~", "p:null: v"],
  ["p:fold", "p:fold: >-\n      one\n      two", "p:fold: v"],
  ["z:last", "z:last: 0.10", "z:last: v"],
])("replaces the value of %s alone", async (key, from, to) => {
  const after = await edited(whole, (file) => file.setAt(key, [], "v"));
  // How a text is quoted is as it was.
  expect(after.replace(/'v'|"v"/, "v").replace(/>-\n +v/, "v")).toBe(replaced(from, to));
});

it("removes the lines of a key alone", async () => {
  expect(await edited(whole, (file) => void file.removeAt("p:quoted", []))).toBe(
    replaced("    p:quoted: 'single'   # behind\n", ""),
  );
  expect(await edited(whole, (file) => void file.removeAt("p:block", []))).toBe(
    replaced("    p:block: |\n        one\n\n        two\n", ""),
  );
  expect(await edited(whole, (file) => void file.removeAt("z:last", []))).toBe(
    replaced("    z:last: 0.10\n", ""),
  );
});

it("keeps what is beside a part of an object", async () => {
  const after = await edited(whole, (file) => file.setAt("p:deep", ["n"], 2n));
  expect(after).toBe(replaced("n: 0x1F", "n: 2"));
});

it("keeps the rest where a list grows and where the salt changes", async () => {
  const after = await edited(whole, (file) => {
    file.setAt("p:list", [3], 4n);
    file.setAt("p:secret", [], { secure: "v1:x" });
    file.salt = "v1:other";
  });
  expect(after).toBe(
    replaced("[1, 2,   3]", "[1, 2, 3, 4]")
      .replace("v1:salt ", "v1:other ")
      .replace("0.10\n", "0.10\n    p:secret:\n        secure: v1:x\n"),
  );
});

it("writes a new file, one of comments alone, and one without configuration", async () => {
  const set = (file: StackConfigFile): void => file.setAt("p:a", [], "b");
  expect(await edited(undefined, set)).toBe("config:\n  p:a: b\n");
  expect(await edited("encryptionsalt: v1:x # why\n", set)).toBe(
    "encryptionsalt: v1:x # why\nconfig:\n  p:a: b\n",
  );
  expect(await edited("config: {p:x: 1e21}\n", set)).toMatch(/p:x: 1e21[\s\S]*p:a: b/);
  expect(await edited("# mine\nconfig:\n  p:a: b\n", (file) => void file.removeAt("p:a", []))).toMatch(
    /^(# mine\n)?(\{\}\n)?$/,
  );
});

it("writes whole numbers of a JSON file with their digits", async () => {
  writeFileSync(join(folder, "c.json"), '{"config": {"p:n": 12345678901234567890, "p:s": "1"}}');
  const file = await StackConfigFile.load(await loadProject(folder, join(folder, "c.json")), "dev");
  file.setAt("p:a", [], "b");
  await file.save();
  expect(readFileSync(join(folder, "c.json"), "utf8")).toBe(
    '{\n    "config": {\n        "p:n": 12345678901234567890,\n        "p:s": "1",\n        "p:a": "b"\n    }\n}\n',
  );
});
