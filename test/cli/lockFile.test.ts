import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../host/run";

/** `npm ci` in an empty folder, with the two npm that the supported Node.js bring. */
jest.setTimeout(300_000);

const root = join(__dirname, "../..");

interface Package {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const packages = (
  JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Readonly<Record<string, Package>>;
  }
).packages;

it("has the optional packages of every platform", () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !packages[`${path}/node_modules/${name}`] && !packages[`node_modules/${name}`],
    ),
  );
  expect(missing).toEqual([]);
});

it.each(["npm@10", "npm@11"])("is installed by %s", async (npm) => {
  const folder = mkdtempSync(join(tmpdir(), "vmcluster-ci-"));
  try {
    for (const file of ["package.json", "package-lock.json"])
      copyFileSync(join(root, file), join(folder, file));
    const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
    await run("npx", ["--yes", npm, "ci", ...quiet], { cwd: folder, timeoutMs: 240_000 });
    expect(existsSync(join(folder, "node_modules/@pulumi/pulumi/package.json"))).toBe(true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
