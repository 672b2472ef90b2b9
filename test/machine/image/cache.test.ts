import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { publish } from "../../../machine/image/cache";
import { useTemporaryHome } from "../temporaryHome";

const home = useTemporaryHome();

it("has all of an image on the disk before it is known by its name", () => {
  const work = join(home(), "images/work");
  mkdirSync(work, { recursive: true });
  for (const name of ["disk.qcow2", "image.json"]) writeFileSync(join(work, name), name);
  const fs = jest.requireActual<typeof import("node:fs")>("node:fs");
  const published = join(home(), "images/node-abc");
  const before: boolean[] = [];
  jest.spyOn(fs, "fsyncSync").mockImplementation(() => void before.push(existsSync(published)));
  try {
    publish("node", "abc", work);
  } finally {
    jest.restoreAllMocks();
  }
  expect(before).toEqual([false, false]);
  expect(existsSync(join(published, "image.json"))).toBe(true);
});
