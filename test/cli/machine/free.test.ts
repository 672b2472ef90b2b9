import { execFileSync } from "node:child_process";
import { freeQuestion, readFree } from "../../../cli/machine/free";

/** A file system of so many MiB, as the guest prints it. */
const disk = (size: number, free: number, files = 1000, freeFiles = 900): string =>
  `disk 1048576 ${size} ${free} ${free} ${files} ${freeFiles}\n`;

it.each([
  ["much", disk(10_000, 5000), ""],
  ["a tenth", disk(10_000, 1000), ""],
  ["less", disk(10_000, 999), "its disk is nearly full: 999 MiB of 9.8 GiB are free"],
  ["too little of a small disk", disk(2000, 499), "its disk is nearly full: 499 MiB of 2.0 GiB are free"],
  ["much of a very large disk", disk(2_000_000, 100_000), ""],
  ["no inodes", disk(10_000, 5000, 1000, 19), "its disk is nearly full: 1 % of its inodes are free"],
  ["a file system without inodes of a fixed number", disk(10_000, 5000, 0, 0), ""],
  [
    "Docker's own disk",
    disk(10_000, 5000) + disk(90_000, 400),
    "its disk is nearly full: 400 MiB of 87.9 GiB are free",
  ],
  [
    "the other one",
    disk(10_000, 400) + disk(2_000_000, 60_000),
    "its disk is nearly full: 400 MiB of 9.8 GiB are free",
  ],
  ["nothing that can be read", "disk ? ?\nstat: cannot read\n", ""],
])("knows when there is %s free", (_, answer, shortage) => {
  expect(readFree(answer).shortage).toBe(shortage);
});

it("asks with what this system has, and sees what df sees", () => {
  const found = readFree(execFileSync("sh", ["-c", freeQuestion], { encoding: "utf8" }));
  const df = execFileSync("df", ["-k", "--output=avail", "/"], { encoding: "utf8" });
  expect(Math.abs((found.diskFree ?? 0) - Number(df.split("\n")[1]) / 1024)).toBeLessThan(2000);
  expect(found.memoryFree).toBeGreaterThan(0);
});
