import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withLock } from "../../../host/lock";
import { serviceImageRefs } from "../../../images/refs";
import { nodeImageId } from "../../../machine/image/ensure";
import { pruneImages, removeImages } from "../../../machine/image/prune";
import { systemId } from "../../../machine/image/recipe";
import { noteUse, useImage, usersOf, userText } from "../../../machine/image/uses";
import { removeByName } from "../../../machine/remove";
import { writeMachine } from "../../../machine/store";
import { record, spec, useTemporaryHome } from "../temporaryHome";

const home = useTemporaryHome();
const images = (): string => join(process.env.VMCLUSTER_IMAGES ?? join(home(), "images"));
const kilobytes = 8;

function folder(name: string, description: object): void {
  const dir = join(images(), name);
  mkdirSync(dir, { recursive: true });
  for (const file of ["vmlinuz", "initrd"]) writeFileSync(join(dir, file), "");
  writeFileSync(join(dir, "disk.qcow2"), Buffer.alloc(kilobytes * 1024, 1));
  writeFileSync(join(dir, "image.json"), JSON.stringify(description));
}

const built = (id: string): void => folder(`node-${id}`, { suite: "trixie", images: [] });
const system = (id: string): void => folder(`system-${id}`, { suite: "trixie", images: [] });
const pulled = (id: string, name: string, pulledAt = "2026-01-01T00:00:00.000Z"): void =>
  folder(`cloud-${id}`, { name, source: "/disk", sha256: id, pulled: pulledAt, virtualSize: 1024 });

function service(name: string): void {
  mkdirSync(join(images(), "services"), { recursive: true });
  for (const end of [".tar", ".json"]) writeFileSync(join(images(), "services", name + end), "x");
}

/** A machine of this home, or of another one. */
function machine(name: string, image: string, where = home()): void {
  process.env.VMCLUSTER_HOME = where;
  writeMachine(record({ spec: spec({ name }), image }));
  noteUse(image, name);
  process.env.VMCLUSTER_HOME = home();
}

const progress = (): void => undefined;
const prune = async (all = false, dryRun = false): Promise<string[]> =>
  (await pruneImages({ all, dryRun, progress })).map(({ what }) => what).sort();
const left = (): string[] => readdirSync(images()).filter((name) => !name.startsWith("."));

let elsewhere = "";
beforeEach(() => {
  elsewhere = mkdtempSync(join(tmpdir(), "vmcluster-other-"));
});
afterEach(() => {
  rmSync(elsewhere, { recursive: true, force: true });
  delete process.env.VMCLUSTER_IMAGES;
});

/** Two homes with one folder of images. */
function share(): void {
  process.env.VMCLUSTER_IMAGES = join(home(), "shared");
}

it("has nothing to do where nothing is", async () => {
  expect(await prune(true)).toEqual([]);
  expect(existsSync(images())).toBe(false);
});

it("removes what no machine uses and this version would not use", async () => {
  const present = nodeImageId("trixie");
  for (const id of [present, "old", "used"]) built(id);
  for (const id of [systemId("trixie"), "old"]) system(id);
  machine("vm1", "used");
  pulled("1", "debian");
  expect(await prune()).toEqual(["node image old", "system old"]);
  expect(left()).toEqual(["cloud-1", `node-${present}`, "node-used", `system-${systemId("trixie")}`]);
});

it("removes also what this version would use again when told all, but nothing that is used", async () => {
  for (const id of [nodeImageId("trixie"), "used"]) built(id);
  system(systemId("trixie"));
  for (const id of ["1", "2"]) pulled(id, `image${id}`);
  machine("vm1", "used");
  machine("vm2", "2");
  await prune(true);
  expect(left()).toEqual(["cloud-2", "node-used"]);
});

it("removes archives of service images that this version does not build", async () => {
  const present = Object.values(serviceImageRefs()).map((ref) => ref.replace(/.*\/(.*):/, "$1-"));
  for (const name of [...present, "web-old"]) service(name);
  expect(await prune()).toEqual(["service image web-old"]);
  expect(readdirSync(join(images(), "services"))).toHaveLength(2 * present.length);
});

it("removes nothing when only asked", async () => {
  built("old");
  expect(await prune(true, true)).toEqual(["node image old"]);
  expect(left()).toEqual(["node-old"]);
});

it("tells how much is freed: a disk with two names counts when both go", async () => {
  pulled("1", "one");
  pulled("2", "two");
  rmSync(join(images(), "cloud-2/disk.qcow2"));
  linkSync(join(images(), "cloud-1/disk.qcow2"), join(images(), "cloud-2/disk.qcow2"));
  const small = 4096;
  const sum = (found: readonly { readonly size: number }[]): number =>
    found.reduce((bytes, { size }) => bytes + size, 0);
  expect(sum(await removeImages(["one"], progress))).toBeLessThanOrEqual(small);
  expect(sum(await removeImages(["two"], progress))).toBeGreaterThanOrEqual(kilobytes * 1024);
});

it("removes a superseded image once no machine uses it, and the newest only then with all", async () => {
  pulled("1", "debian", "2026-01-01T00:00:00.000Z");
  pulled("2", "debian", "2026-02-01T00:00:00.000Z");
  machine("vm1", "1");
  // Without the newer one the older would have the name again.
  expect(await prune(true)).toEqual([]);
  await expect(removeImages(["debian"], progress)).rejects.toThrow(/image debian 1 is in use[\s\S]*vm1/);
  await removeByName("vm1", progress);
  expect(await prune()).toEqual(["image debian 1 (superseded)"]);
  expect(await prune(true)).toEqual(["image debian 2"]);
});

it("keeps what a machine of another home uses that shares the images", async () => {
  share();
  for (const id of ["a", "b"]) built(id);
  machine("vm1", "a", elsewhere);
  expect(await prune()).toEqual(["node image b"]);
  expect(usersOf("a").map(userText)).toEqual([`vm1 (of ${elsewhere})`]);
  await expect(removeImages(["a"], progress)).rejects.toThrow(/is in use\n.*vm1 \(of .*\)\n {2}remove these/);
});

it("does not mind notes of machines of another home that are gone", async () => {
  share();
  for (const id of ["a", "b"]) built(id);
  machine("vm1", "a", elsewhere);
  machine("vm2", "b", elsewhere);
  rmSync(join(elsewhere, "machines/vm1"), { recursive: true });
  // Made anew, of another image.
  machine("vm2", "a", elsewhere);
  rmSync(join(elsewhere, "machines/vm2"), { recursive: true });
  machine("vm2", "c", elsewhere);
  expect(await prune()).toEqual(["node image a", "node image b"]);
});

it("keeps what a home used that is not there now: its disk may only not be mounted", async () => {
  share();
  built("a");
  machine("vm1", "a", elsewhere);
  // A mount point stays, as an empty folder.
  rmSync(join(elsewhere, "machines"), { recursive: true });
  expect(await prune(true)).toEqual([]);
  rmSync(elsewhere, { recursive: true });
  expect(await prune(true)).toEqual([]);
  await expect(removeImages(["a"], progress)).rejects.toThrow(
    /which is not there now[\s\S]*remove its notes in/,
  );
});

it("finishes removals and removes builds that were killed, and with all interrupted downloads that none goes on with", async () => {
  built("old");
  for (const name of [".removed-1", ".node-build-1", ".pull-1", ".pull-2"]) mkdirSync(join(images(), name));
  expect(await prune()).toHaveLength(3);
  expect(left()).toEqual([]);
  await withLock(join(images(), ".pull-1.lock"), progress, async () => {
    expect(await prune(true)).toEqual(["interrupted download"]);
  });
  expect(readdirSync(images())).toEqual([".pull-1"]);
});

it("leaves no note of a machine that is removed", async () => {
  built("a");
  await useImage("a", "vm1", async () => writeMachine(record({ image: "a" })));
  expect(readdirSync(join(images(), ".uses/a"))).toHaveLength(1);
  await removeByName("vm1", progress);
  expect(existsSync(join(images(), ".uses/a"))).toBe(false);
});

it("does not begin to use an image that was removed", async () => {
  built("a");
  await removeImages(["a"], progress);
  await expect(useImage("a", "vm1", async () => undefined)).rejects.toThrow(/removed before[\s\S]*try again/);
});

it("removes none if one of several is not there", async () => {
  built("a");
  await expect(removeImages(["a", "b"], progress)).rejects.toThrow(/there is no image "b"/);
  expect(left()).toEqual(["node-a"]);
});
