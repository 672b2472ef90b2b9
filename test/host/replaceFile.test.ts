import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { replaceFile } from "../../host/replaceFile";

const folder = mkdtempSync(join(tmpdir(), "vmcluster-replace-test-"));
const file = join(folder, "file");
afterAll(() => rmSync(folder, { recursive: true }));

it("replaces text and permissions, whatever the umask is, and leaves nothing else", () => {
  writeFileSync(file, "old", { mode: 0o644 });
  const before = process.umask(0o077);
  try {
    replaceFile(file, "new", 0o755);
  } finally {
    process.umask(before);
  }
  expect(readFileSync(file, "utf8")).toBe("new");
  expect(statSync(file).mode & 0o777).toBe(0o755);
  replaceFile(file, "newer");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(["file"]);
});

it("leaves nothing behind if it cannot", () => {
  const taken = mkdtempSync(join(folder, "taken-"));
  expect(() => replaceFile(taken, "text")).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  expect(readdirSync(folder).sort()).toEqual(["file", taken.slice(folder.length + 1)].sort());
});

it("does not take half of a text for the whole, as the system does on a full disk", () => {
  const whole = "x".repeat(100);
  // write(2) writes what fits, and says how much that was.
  const fs = jest.requireActual<typeof import("node:fs")>("node:fs");
  const half = jest.spyOn(fs, "writeSync").mockReturnValue(50);
  try {
    replaceFile(file, whole);
  } finally {
    half.mockRestore();
  }
  expect(readFileSync(file, "utf8")).toBe(whole);
});
