/** vmcluster itself, compiled, as a file system for the emulated host, with a tiny node image under the name of the real one. */
import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { run } from "../../host/run";

const root = join(__dirname, "../..");

/** What only development needs; the rest of node_modules goes along as it is. */
const unneeded =
  /node_modules\/(@biomejs|@babel|@types|@jest|@sinclair|typescript|jest|ts-jest|caniuse|@opentelemetry|@npmcli|node-gyp)/;

/** Makes an ext4 image of dist/, its modules and data, and of `images` below `images/`. */
export async function makeApplication(file: string, repository = root, tiny?: string): Promise<void> {
  if (!existsSync(join(repository, "dist/cli/main.js"))) throw new Error("dist/ is missing: npm run build");
  const tree = `${file}.tree`;
  rmSync(tree, { recursive: true, force: true });
  mkdirSync(tree, { recursive: true });
  for (const part of ["package.json", "dist", "machine/image", "images", "node_modules"]) {
    cpSync(join(repository, part), join(tree, part), {
      recursive: true,
      filter: (path) => !unneeded.test(path),
    });
  }
  if (tiny !== undefined) cpSync(tiny, join(tree, "node-images", basename(tiny)), { recursive: true });
  rmSync(file, { force: true });
  await run("mke2fs", ["-q", "-t", "ext4", "-d", tree, file, "1G"]);
  rmSync(tree, { recursive: true });
}
