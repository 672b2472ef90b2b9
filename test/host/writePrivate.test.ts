import { execFileSync } from "node:child_process";
import {
  closeSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writePrivate } from "../../host/writePrivate";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "write-private-"));
});
afterEach(() => rmSync(dir, { recursive: true }));
const modeOf = (file: string): number => statSync(file).mode & 0o777;

test("only the owner may read it, also where others may read what was there, or have it open", () => {
  const file = join(dir, "state.json");
  writePrivate(file, "new");
  expect(modeOf(file)).toBe(0o600);
  writeFileSync(join(dir, "old"), "old", { mode: 0o644 });
  const before = openSync(join(dir, "old"), "r");
  writePrivate(join(dir, "old"), "secret");
  expect(modeOf(join(dir, "old"))).toBe(0o600);
  expect(readFileSync(before, "utf8")).toBe("old");
  expect(readFileSync(join(dir, "old"), "utf8")).toBe("secret");
  closeSync(before);
});

test("what a link names is written, and the link stays", () => {
  writeFileSync(join(dir, "real"), "old", { mode: 0o644 });
  symlinkSync("real", join(dir, "link"));
  writePrivate(join(dir, "link"), "secret");
  expect(lstatSync(join(dir, "link")).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(dir, "real"), "utf8")).toBe("secret");
  expect(modeOf(join(dir, "real"))).toBe(0o600);
});

test("a pipe is written to", () => {
  const pipe = join(dir, "pipe");
  execFileSync("mkfifo", [pipe]);
  const reader = openSync(pipe, "r+");
  writePrivate(pipe, "text");
  expect(lstatSync(pipe).isFIFO()).toBe(true);
  closeSync(reader);
});
