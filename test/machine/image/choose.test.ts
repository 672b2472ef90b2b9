import { createHash } from "node:crypto";
import { imageOf } from "../../../machine/image/choose";
import { spec, useTemporaryHome } from "../temporaryHome";
import { useFileServer } from "./pull/fileServer";

useTemporaryHome();
const server = useFileServer();
const progress = (): void => undefined;

it("pulls the image of a URL once, whatever machines ask for it", async () => {
  const disk = Buffer.alloc(1024 ** 2);
  disk.writeUInt16LE(0xaa55, 510);
  server().content = disk;
  const wanted = {
    image: server().url("/debian-13.raw").href,
    imageChecksum: `sha256:${createHash("sha256").update(disk).digest("hex")}`,
  };
  const images = await Promise.all(
    ["vm1", "vm2", "vm3"].map((name) => imageOf(spec({ name, ...wanted }), progress)),
  );
  expect(new Set(images.map(({ id }) => id)).size).toBe(1);
  expect(server().requests).toHaveLength(1);
  expect(await imageOf(spec({ image: "debian-13" }), progress)).toEqual(images[0]);
});

it("refuses an image from a URL that is larger than the machine's disk", async () => {
  const disk = Buffer.alloc(1024);
  disk.writeUInt16LE(0xaa55, 510);
  server().content = disk;
  const imageChecksum = `sha256:${createHash("sha256").update(disk).digest("hex")}`;
  const wanted = spec({ image: server().url("/small.raw").href, imageChecksum });
  await expect(imageOf({ ...wanted, disk: 0 }, progress)).rejects.toThrow(
    /disk: 0 GiB is less than image small has\n {2}must be at least 1/,
  );
});
