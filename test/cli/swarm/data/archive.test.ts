import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type Header, pack } from "tar-stream";
import { checkArchive } from "../../../../cli/swarm/data/archive";

const folder = mkdtempSync(join(tmpdir(), "vmcluster-archive-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** An archive of a plain file and one more entry. */
async function archive(header: Partial<Header>): Promise<string> {
  const file = join(folder, "data.tar.gz");
  const packed = pack();
  packed.entry({ name: "./plain", mode: 0o644 }, "hello");
  packed.entry({ name: "./more", ...header }, "");
  packed.finalize();
  await pipeline(packed, createGzip(), createWriteStream(file));
  return file;
}

const signal = new AbortController().signal;

it.each<[string, Partial<Header>]>([
  ["is a device", { type: "block-device", devmajor: 8, devminor: 0 }],
  ["is a device", { type: "character-device", devmajor: 1, devminor: 3 }],
  ["has set-user-ID or set-group-ID", { mode: 0o4755 }],
  ["has set-user-ID or set-group-ID", { mode: 0o2755 }],
  ["has capabilities", { pax: { "SCHILY.xattr.security.capability": "x" } }],
])("takes no entry that %s, unless it may", async (what, header) => {
  const file = await archive(header);
  await expect(checkArchive(file, signal)).rejects.toThrow(
    `cannot be restored\n  "./more" in it ${what}\n  if the file is from somebody whom you trust with the node: --allow-privileged`,
  );
  expect(await checkArchive(file, signal, true)).toEqual({ files: 2, bytes: 5 });
});

it.each<[string, Partial<Header>]>([
  ["a folder with set-group-ID or the sticky bit", { type: "directory", mode: 0o3770 }],
  ["a fifo", { type: "fifo" }],
  ["a link", { type: "symlink", linkname: "/etc/passwd" }],
])("takes %s", async (_, header) => {
  expect((await checkArchive(await archive(header), signal)).bytes).toBe(5);
});

it("takes no name that leads out of the folder, whatever is allowed", async () => {
  const file = await archive({ name: "./a/../../b" });
  await expect(checkArchive(file, signal, true)).rejects.toThrow(
    '"./a/../../b" in it leads out of the folder',
  );
});
