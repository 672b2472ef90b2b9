import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { fileNameOf, imageNameOf, readSource, shownSource } from "../../../../machine/image/pull/source";
import { useTemporaryHome } from "../../temporaryHome";

const home = useTemporaryHome();

it("knows URLs and files", () => {
  const file = join(home(), "a disk.img");
  writeFileSync(file, "");
  expect(readSource("image", file)).toEqual({ kind: "file", path: file });
  expect(readSource("image", pathToFileURL(file).href)).toEqual({ kind: "file", path: file });
  expect(readSource("image", "https://images.example/a%20disk.img?x=1")).toMatchObject({ kind: "url" });
});

it.each([
  ["ftp://images.example/disk.img", /https, http or file/],
  ["https://", /https, http or file/],
  ["file://elsewhere/disk.img", /https, http or file/],
  ["/nowhere/disk.img", /there is no such file/],
  ["/", /is not a file/],
  ["/disk.img; reboot", /there is no such file/],
])("refuses %j", (text, reason) => {
  expect(() => readSource("image", text)).toThrow(reason);
  expect(() => readSource("image", text)).toThrow(JSON.stringify(text));
});

it("shows neither passwords nor keys", () => {
  const source = readSource("image", "https://me:secret@images.example/a%20disk.img?key=secret");
  expect(shownSource(source)).toBe("https://images.example/a%20disk.img");
  expect(fileNameOf(source)).toBe("a disk.img");
});

it.each([
  ["debian-13-genericcloud-amd64.qcow2", "debian-13-genericcloud-amd64"],
  ["noble-server-cloudimg-amd64.img", "noble-server-cloudimg-amd64"],
  ["Fedora-Cloud-Base-Generic-42-1.1.x86_64.raw.xz", "fedora-cloud-base-generic-42-1.1.x86_64"],
  ["my disk (2).img.gz", "my-disk-2"],
  [".img", ""],
])("names the image of %s", (file, name) => {
  expect(imageNameOf(file)).toBe(name);
});
