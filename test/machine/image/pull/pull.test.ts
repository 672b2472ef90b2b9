import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { imageNames, pulledImages } from "../../../../machine/image/cloudImages";
import type { Checksum } from "../../../../machine/image/pull/checksum";
import { type PullOptions, pullImage } from "../../../../machine/image/pull/pull";
import { useTemporaryHome } from "../../temporaryHome";
import { useFileServer } from "./fileServer";

const home = useTemporaryHome();
const server = useFileServer();
let told: string[] = [];
beforeEach(() => {
  told = [];
});

const sha512 = (content: Buffer): Checksum => ({
  algorithm: "sha512",
  hex: createHash("sha512").update(content).digest("hex"),
});

/** A raw disk of 2 MiB with an MBR's signature. */
function raw(): Buffer {
  const disk = Buffer.concat([randomBytes(100_000), Buffer.alloc(2 * 1024 ** 2 - 100_000)]);
  disk.writeUInt16LE(0xaa55, 510);
  return disk;
}

/** What qemu-img makes of a raw disk. */
function qcow2(disk = raw(), ...options: string[]): Buffer {
  writeFileSync(join(home(), "raw"), disk);
  execFileSync("qemu-img", [
    ...["convert", "-f", "raw", "-O", "qcow2", ...options],
    ...[join(home(), "raw"), join(home(), "made.qcow2")],
  ]);
  return readFileSync(join(home(), "made.qcow2"));
}

const pull = (content: Buffer, changes: Partial<PullOptions> = {}) => {
  server().content = content;
  return pullImage({
    source: { kind: "url", url: server().url("/debian-13.qcow2") },
    checksum: sha512(content),
    progress: (line) => told.push(line),
    pauses: [1],
    ...changes,
  });
};

/** What is in the folder of images. */
const left = (): string[] => readdirSync(join(home(), "images")).filter((name) => !name.endsWith(".lock"));

/** The disk's content as the guest sees it. */
function content(disk: string): Buffer {
  execFileSync("qemu-img", ["convert", "-f", "qcow2", "-O", "raw", disk, join(home(), "back")]);
  return readFileSync(join(home(), "back"));
}

it("pulls a qcow2 disk under the name of its file", async () => {
  const file = qcow2();
  const image = await pull(file);
  expect(image).toMatchObject({ name: "debian-13", gib: 1, virtualSize: 2 * 1024 ** 2, superseded: false });
  expect(readFileSync(image.disk).equals(file)).toBe(true);
  expect(left()).toEqual([`cloud-${image.id}`]);
});

it("makes a qcow2 disk of a raw one, also of a compressed one", async () => {
  const disk = raw();
  for (const [name, file] of [
    ["plain", disk],
    ["gz", gzipSync(disk)],
    ["xz", execFileSync("xz", ["--stdout"], { input: disk })],
  ] as const) {
    const image = await pull(file, { name });
    expect(content(image.disk).equals(disk)).toBe(true);
  }
  expect(imageNames()).toEqual(["gz", "plain", "xz"]);
  expect(left()).toHaveLength(3);
});

it("pulls files of this host, and leaves them there", async () => {
  const path = join(home(), "disk.img");
  writeFileSync(path, qcow2());
  const source = { kind: "file", path } as const;
  const image = await pull(Buffer.alloc(0), { source, checksum: sha512(readFileSync(path)) });
  expect(image).toMatchObject({ name: "disk", source: path });
  expect(existsSync(path)).toBe(true);
});

it("removes what has another checksum and tells both", async () => {
  const file = qcow2();
  const expected = { algorithm: "sha256", hex: "0".repeat(64) } as const;
  const found = createHash("sha256").update(file).digest("hex");
  await expect(pull(file, { checksum: expected })).rejects.toThrow(
    new RegExp(`checksum is wrong[\\s\\S]*expected sha256:0{64}\\n {2}found {4}sha256:${found}`),
  );
  expect(left()).toEqual([]);
  expect(pulledImages()).toEqual([]);
});

it("keeps what came before an interruption, and nothing is known under the name", async () => {
  const file = qcow2();
  server().cuts.push(50_000, 50_000);
  await expect(pull(file, { pauses: [] })).rejects.toThrow(/same command goes on/);
  expect(pulledImages()).toEqual([]);
  expect(left()).toEqual([expect.stringMatching(/^\.pull-/)]);
  await pull(file);
  expect(
    server()
      .requests.slice(1)
      .every(({ headers }) => headers.range !== undefined),
  ).toBe(true);
  expect(left()).toEqual([expect.stringMatching(/^cloud-/)]);
});

it("asks no server for what is here, under this name or another one", async () => {
  const file = qcow2();
  await pull(file);
  await pull(file);
  const other = await pull(file, { name: "other" });
  expect(server().requests).toHaveLength(1);
  expect(told).toEqual(expect.arrayContaining(["other: it is here already as debian-13"]));
  expect(readFileSync(other.disk).equals(file)).toBe(true);
  expect(imageNames()).toEqual(["debian-13", "other"]);
});

it("gives a name to the image that was pulled last, and keeps the other", async () => {
  const [first, second] = [qcow2(), qcow2()];
  const old = await pull(first);
  const now = await pull(second);
  expect(pulledImages().map(({ id, superseded }) => [id, superseded])).toEqual([
    [now.id, false],
    [old.id, true],
  ]);
  await pull(first);
  expect(pulledImages().map(({ id, superseded }) => [id, superseded])).toEqual([
    [old.id, false],
    [now.id, true],
  ]);
});

it("downloads once for several that want the same", async () => {
  const file = qcow2();
  server().pause = 5;
  await Promise.all([pull(file), pull(file), pull(file, { name: "other" })]);
  expect(server().requests).toHaveLength(1);
  expect(imageNames()).toEqual(["debian-13", "other"]);
});

it("takes one without a checksum when told to", async () => {
  const image = await pull(qcow2(), { checksum: undefined });
  expect(image.checksum).toBeUndefined();
});

it.each([
  ["a web page", Buffer.from("<!DOCTYPE html><html></html>"), /is not a disk image\n {2}it is a web page/],
  ["random bytes", Buffer.alloc(100_000, 7), /is not a disk image\n {2}it is neither qcow2 nor a raw disk/],
  ["a zip archive", Buffer.from("PK\u0003\u0004"), /is a zip archive/],
  ["a zstd file", Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), /compressed with zstd/],
  ["a cut gzip file", gzipSync(randomBytes(10_000)).subarray(0, 5000), /cannot be decompressed/],
  [
    "a damaged qcow2",
    Buffer.concat([Buffer.from("QFI\u00fb", "latin1"), Buffer.alloc(1000)]),
    /qemu-img cannot/,
  ],
])("refuses %s", async (_, file, reason) => {
  await expect(pull(file)).rejects.toThrow(reason);
  expect(left()).toEqual([]);
});

it("refuses a disk that names another file of this host, which its guest could read", async () => {
  writeFileSync(join(home(), "secret"), raw());
  const layer = join(home(), "layer.qcow2");
  const backed = ["-F", "raw", "-b", join(home(), "secret"), layer];
  execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", ...backed]);
  await expect(pull(readFileSync(layer))).rejects.toThrow(/is not whole: it needs the file ".*secret"/);
  const data = `data_file=${join(home(), "data")},data_file_raw=on`;
  execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", "-o", data, layer, "2M"]);
  await expect(pull(readFileSync(layer))).rejects.toThrow(/is not whole: it needs the file ".*data"/);
  expect(left()).toEqual([]);
});

it.each(["", "Debian", "-x", "a/b", "../x", "a b", "x".repeat(61), "a;b"])(
  "refuses the name %j",
  async (name) => {
    await expect(pull(qcow2(), { name })).rejects.toThrow(
      /^name: .*\n {2}must be 1 to 60 lower-case letters/,
    );
    expect(server().requests).toEqual([]);
  },
);
