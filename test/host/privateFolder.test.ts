import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imagesFolder, privateFolder } from "../../host/privateFolder";

let dir: string;
const umask = process.umask();
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "private-folder-"));
});
afterEach(() => {
  process.umask(umask);
  delete process.env.VMCLUSTER_HOME;
  delete process.env.VMCLUSTER_IMAGES;
  rmSync(dir, { recursive: true });
});
const modeOf = (folder: string): number => statSync(folder).mode & 0o777;

test.each([0, 0o022, 0o277])("each folder that is made is its owner's, with umask %i", (mask) => {
  process.umask(mask);
  privateFolder(join(dir, "a/b/c"));
  for (const folder of ["a", "a/b", "a/b/c"]) expect(modeOf(join(dir, folder))).toBe(0o700);
});

test("a folder that is there stays as it is", () => {
  process.umask(0o022);
  process.env.VMCLUSTER_HOME = join(dir, "home");
  process.env.VMCLUSTER_IMAGES = join(dir, "shared");
  imagesFolder(".uses");
  expect(modeOf(join(dir, "shared"))).toBe(0o755);
  privateFolder(join(dir, "shared/own"));
  expect(modeOf(join(dir, "shared"))).toBe(0o755);
  expect(modeOf(join(dir, "shared/own"))).toBe(0o700);
});

test("images in the home are private", () => {
  process.umask(0o022);
  process.env.VMCLUSTER_HOME = join(dir, "home");
  imagesFolder();
  for (const folder of ["home", "home/images"]) expect(modeOf(join(dir, folder))).toBe(0o700);
});
