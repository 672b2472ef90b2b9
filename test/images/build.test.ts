import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../host/run";
import { buildServiceImages, type ServiceImage, serviceImageRefs } from "../../images/build";
import { serviceImageNames } from "../../images/definitions";
import { buildIn, type UnpackedArchive, unpackArchive } from "./builtImages";

jest.setTimeout(5 * 60_000);

let folder = "";
/** Of a folder that programs have trouble with: what the dynamic loader, apt, gpg and tar each treat in their own way. */
let odd = "";
let plain = "";
let inOdd: readonly ServiceImage[] = [];
let inPlain: readonly ServiceImage[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "vmcluster-test-"));
  odd = join(folder, "a b,c 'g' (h)*é & 100% #1");
  plain = join(folder, "plain");
  // What a killed build leaves.
  mkdirSync(join(plain, "services", "building-killed", "packages"), { recursive: true });
  [inOdd, inPlain] = await Promise.all([buildIn(odd), buildIn(plain)]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sha256 = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");
const digests = (images: readonly ServiceImage[]): string[] => images.map(({ archive }) => sha256(archive));

it("makes the same bytes of the same packages, whatever the folder is called", () => {
  expect(inOdd.map(({ name }) => name)).toEqual([...serviceImageNames]);
  expect(digests(inOdd)).toEqual(digests(inPlain));
});

it("leaves the archives and the list of packages of each, and nothing else", () => {
  const wanted = Object.values(serviceImageRefs())
    .map((ref) => ref.replace(/^.*\/(.*):(.*)$/, "$1-$2"))
    .flatMap((name) => [`${name}.json`, `${name}.tar`]);
  for (const where of [odd, plain]) expect(readdirSync(join(where, "services"))).toEqual(wanted.sort());
  for (const image of inPlain) {
    const list = JSON.parse(readFileSync(image.archive.replace(/\.tar$/, ".json"), "utf8")) as {
      ref: string;
      suite: string;
      packages: string[];
    };
    expect(list).toMatchObject({ ref: image.ref, suite: "trixie" });
    expect(list.packages).toEqual([...list.packages].sort());
    for (const name of ["libc6", "python3-flask", "python3-werkzeug", "redis-server"])
      expect(list.packages).toContainEqual(expect.stringMatching(`^${name}_.*\\.deb$`));
  }
});

it("builds nothing when all is there", async () => {
  const told: string[] = [];
  process.env.VMCLUSTER_IMAGES = plain;
  const again = await buildServiceImages({ only: ["redis"], onProgress: (line) => told.push(line) });
  delete process.env.VMCLUSTER_IMAGES;
  expect(again).toEqual(inPlain.filter(({ name }) => name === "redis"));
  expect(told).toEqual([]);
});

it("refuses a name that is not an image's", async () => {
  await expect(buildServiceImages({ only: ["nginx"] })).rejects.toThrow(
    /no service image "nginx"\n.*web, redis, visualizer/,
  );
});

describe("the images", () => {
  const unpacked: Record<string, UnpackedArchive> = {};
  beforeAll(async () => {
    for (const { name, archive } of inPlain)
      unpacked[name] = await unpackArchive(archive, join(folder, name));
  });
  const layers = (name: string): readonly string[] => unpacked[name]?.manifest.Layers ?? [];

  it("are tagged with the references that the components use", () => {
    for (const { name, ref } of inPlain) {
      expect(ref).toBe(serviceImageRefs()[name as keyof ReturnType<typeof serviceImageRefs>]);
      expect(unpacked[name]?.manifest.RepoTags).toEqual([ref]);
    }
  });

  it("share the lowest layer, and the interpreter where they are in Python", () => {
    expect(layers("web")).toHaveLength(3);
    expect(layers("visualizer").slice(0, 2)).toEqual(layers("web").slice(0, 2));
    expect(layers("redis")[0]).toEqual(layers("web")[0]);
    expect(new Set([...layers("web"), ...layers("visualizer"), ...layers("redis")]).size).toBe(5);
  });

  it.each([...serviceImageNames])(
    "%s has every library that its programs load, and only root's files",
    async (name) => {
      const root = join(folder, `${name}-root`);
      mkdirSync(root);
      for (const layer of layers(name)) {
        const file = join(unpacked[name]?.folder ?? "", layer);
        const { stdout } = await run("tar", ["--numeric-owner", "-tvf", file]);
        for (const line of stdout.trim().split("\n"))
          expect(line).toMatch(/^[-dl]rwxr-xr-x 0\/0|^-rw-r--r-- 0\/0|^lrwxrwxrwx 0\/0/);
        await run("tar", ["-xf", file, "-C", root]);
      }
      const files = readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
      const libraries = new Set(files.map((file) => file.slice(file.lastIndexOf("/") + 1)));
      let dynamic = 0;
      for (const file of files) {
        const needed = neededBy(readFileSync(file));
        if (needed.length > 0) dynamic++;
        expect({ file, missing: needed.filter((library) => !libraries.has(library)) }).toEqual({
          file,
          missing: [],
        });
      }
      expect(dynamic).toBeGreaterThan(2);
      expect(files.filter((file) => /\.(py|md|h|a)$|\/doc\/|\/man\//.test(file))).toEqual([]);
    },
  );
});

/** Libraries that a 64-bit little-endian ELF file says it needs (DT_NEEDED). */
function neededBy(elf: Buffer): string[] {
  if (elf.subarray(0, 6).toString("latin1") !== "\x7fELF\x02\x01") return [];
  const number = (at: number): number => Number(elf.readBigUInt64LE(at));
  const segments = Array.from({ length: elf.readUInt16LE(56) }, (_, index) => {
    const at = number(32) + index * elf.readUInt16LE(54);
    return {
      type: elf.readUInt32LE(at),
      offset: number(at + 8),
      address: number(at + 16),
      size: number(at + 32),
    };
  });
  const dynamic = segments.find(({ type }) => type === 2);
  if (!dynamic) return [];
  const entries = Array.from({ length: dynamic.size / 16 }, (_, index) => {
    const at = dynamic.offset + index * 16;
    return { tag: number(at), value: number(at + 8) };
  });
  const table = entries.find(({ tag }) => tag === 5)?.value ?? 0;
  const holder = segments.find(
    ({ type, address, size }) => type === 1 && address <= table && table < address + size,
  );
  const strings = table - (holder?.address ?? 0) + (holder?.offset ?? 0);
  return entries
    .filter(({ tag }) => tag === 1)
    .map(({ value }) => elf.toString("latin1", strings + value, elf.indexOf(0, strings + value)));
}
