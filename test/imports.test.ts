/** `npm run imports`: which folder may import which (.dependency-cruiser.cjs), and no circle among files. */
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { scripts } from "../package.json";

jest.setTimeout(120_000);

const checkout = resolve(__dirname, "..");

it("finds that imports point down only, without a circle", () => {
  const [tool, ...args] = scripts.imports.split(" ");
  expect(tool).toBe("depcruise");
  const program = join(checkout, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: checkout,
    encoding: "utf8",
  });
  expect({ status, said: stdout + stderr }).toEqual({
    status: 0,
    said: expect.stringMatching(/no dependency violations found \(\d{3,} modules/),
  });
});
