import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { imageById, listImages, publish, workFolder } from "../../../machine/image/cache";
import { imageId, packages, systemId } from "../../../machine/image/recipe";
import { mmdebstrapArguments } from "../../../machine/image/system";
import { useTemporaryHome } from "../temporaryHome";

const home = useTemporaryHome();

it("names an image by its suite and service images, whatever their order", () => {
  const id = imageId("trixie", ["vmcluster.internal/a:1", "vmcluster.internal/b:2"]);
  expect(imageId("trixie", ["vmcluster.internal/b:2", "vmcluster.internal/a:1"])).toBe(id);
  expect(imageId("trixie", ["vmcluster.internal/a:1", "vmcluster.internal/b:3"])).not.toBe(id);
  expect(imageId("forky", ["vmcluster.internal/a:1", "vmcluster.internal/b:2"])).not.toBe(id);
  expect(systemId("trixie")).not.toBe(id);
});

it("asks for what a node needs, from the suite's default mirror", () => {
  expect(packages()).toEqual(
    expect.arrayContaining(["docker.io", "docker-cli", "openssh-server", "apparmor"]),
  );
  const args = mmdebstrapArguments("trixie", "/work");
  expect(args.slice(-2)).toEqual(["trixie", "/work/rootfs.tar"]);
  expect(args.join(" ")).not.toMatch(/https?:/);
});

it("knows an image only when it is published whole, and clears what a killed build left", async () => {
  const killed = await workFolder();
  writeFileSync(join(killed, "disk.qcow2"), "half");
  const dir = await workFolder();
  expect(readdirSync(join(home(), "images"))).toEqual([dir.split("/").at(-1)]);
  for (const name of ["vmlinuz", "initrd", "disk.qcow2"]) writeFileSync(join(dir, name), "x");
  writeFileSync(join(dir, "image.json"), '{"suite":"trixie","images":["vmcluster.internal/a:1"]}');
  expect(imageById("abc")).toBeUndefined();
  publish("node", "abc", dir);
  expect(imageById("abc")).toMatchObject({ id: "abc", images: ["vmcluster.internal/a:1"] });
  expect(listImages().map((image) => image.id)).toEqual(["abc"]);
});

it("lists no images where there are none", () => {
  expect(listImages()).toEqual([]);
  mkdirSync(join(home(), "images"));
  expect(listImages()).toEqual([]);
});
