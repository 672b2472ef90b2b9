import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeFolders } from "../../host/makeFolders";
import { UserError } from "../../host/userError";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "make-folders-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it("makes what is missing, from the top, and leaves what is there", () => {
  makeFolders(join(dir, "a/b/c"), 0o700);
  makeFolders(join(dir, "a/b/c"));
  expect(["a", "a/b", "a/b/c"].map((name) => statSync(join(dir, name)).mode & 0o777)).toEqual([
    0o700, 0o700, 0o700,
  ]);
});

it.each(["/proc/vmcluster", "/proc/vmcluster/home", "/dev/null/home"])(
  "ends, and says that none can be made: %s",
  (place) => {
    if (process.platform !== "linux") return;
    expect(() => makeFolders(place)).toThrow(UserError);
    expect(() => makeFolders(place, 0o700)).toThrow(`cannot make the folder ${place}`);
  },
);

it("refuses a place below a file", () => {
  writeFileSync(join(dir, "file"), "");
  expect(() => makeFolders(join(dir, "file/home"))).toThrow(
    `cannot make the folder ${join(dir, "file/home")}`,
  );
});
