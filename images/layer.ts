import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { run } from "../host/run";
import type { LayerDefinition } from "./definitions";
import { filesOf, imageFile } from "./refs";

/** Fills `folder` with the files of one layer, taken from the unpacked packages in `tree` and from images/. */
export async function fillLayer(definition: LayerDefinition, tree: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const dropped = (definition.drop ?? []).map(pattern);
  const kept = definition.keep.flatMap((path) => matches(tree, path));
  const files = kept.flatMap((path) => filesUnder(tree, path, dropped));
  for (const file of [...files, ...(await libraries(tree, files))])
    copy(join(tree, file), join(folder, file));

  for (const [path, source] of Object.entries(definition.add ?? {})) {
    for (const file of filesOf(source)) {
      const target = join(folder, path, relative(source, file));
      copy(imageFile(file), target);
      chmodSync(target, readFileSync(target, "utf8").startsWith("#!") ? 0o755 : 0o644);
    }
  }
  for (const [path, content] of Object.entries(definition.write ?? {})) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  for (const [path, target] of Object.entries(definition.links ?? {})) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(target, join(folder, path));
  }
  for (const path of definition.folders ?? []) mkdirSync(join(folder, path), { recursive: true });
}

/**
 * The working folder under a name that is always plain. The user's home may be called anything, but the dynamic loader splits
 * a list of folders at ":" and ";" and expands "$" in every path, with no way to escape them.
 */
export const here = "/proc/self/cwd";

/**
 * How to run a program of a tree of packages with that tree's own libraries: the loader and its arguments before the program.
 * They hold with the tree as working folder.
 */
export function loaderOf(tree: string): readonly [loader: string, ...args: string[]] {
  const loader = ["usr/lib64/ld-linux*", "usr/lib/ld-linux*"].flatMap((path) => matches(tree, path))[0];
  if (loader === undefined) throw new Error(`no dynamic loader in ${tree}`);
  const folders = matches(tree, "usr/lib/*-linux-*").map((path) => join(here, path));
  return [join(here, loader), "--inhibit-cache", "--library-path", folders.join(":")];
}

/** What the environment must not decide for a program that is started by {@link loaderOf}. */
export const loaderEnvironment = { LD_LIBRARY_PATH: undefined, LD_PRELOAD: undefined };

/** Shared libraries that the ELF files among `files` load, followed through symbolic links. */
async function libraries(tree: string, files: readonly string[]): Promise<string[]> {
  const needed = new Set<string>();
  const [loader, ...args] = loaderOf(tree);
  for (const file of files) {
    const path = join(tree, file);
    if (
      basename(file).startsWith("ld-linux") ||
      !statSync(path).isFile() ||
      !isDynamic(file, readFileSync(path))
    )
      continue;
    const { stdout } = await run(loader, [...args, "--list", join(here, file)], {
      cwd: tree,
      env: loaderEnvironment,
      timeoutMs: 60_000,
    });
    for (const library of librariesIn(stdout, file)) needed.add(library);
  }
  return [...needed].sort();
}

/** Reads what the loader lists, `<name> => <path> (<address>)`. A library of the host instead of the tree is one too few in it. */
function librariesIn(listed: string, file: string): string[] {
  const found = [...listed.matchAll(/^\t(.+?) => (.+)$/gm)].map(([, name = "", at = ""]) => ({
    name: basename(name),
    path: at.replace(/ \(0x[0-9a-f]+\)$/, ""),
  }));
  return found
    .filter(({ name }) => !name.startsWith("ld-linux"))
    .map(({ name, path }) => {
      if (path.startsWith(`${here}/`)) return relative(here, path);
      throw new Error(`${file} needs ${name}, which is not in the unpacked packages: ${path}`);
    });
}

/** Whether an ELF file loads shared libraries: it is one itself, or names its loader near its start. */
function isDynamic(name: string, bytes: Buffer): boolean {
  if (bytes.subarray(0, 4).toString("latin1") !== "\x7fELF") return false;
  return /\.so(\.|$)/.test(name) || bytes.subarray(0, 4096).includes("/ld-linux");
}

/** Paths in `tree` that a path with `*` in its names stands for. */
function matches(tree: string, path: string): string[] {
  let found = [""];
  for (const name of path.split("/")) {
    const wanted = pattern(name);
    found = found.flatMap((folder) =>
      !existsSync(join(tree, folder))
        ? []
        : readdirSync(join(tree, folder))
            .filter((entry) => wanted.test(entry))
            .sort()
            .map((entry) => join(folder, entry)),
    );
  }
  return found;
}

function pattern(path: string): RegExp {
  const parts = path.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]*")}$`);
}

function filesUnder(tree: string, path: string, dropped: readonly RegExp[]): string[] {
  if (dropped.some((drop) => drop.test(path))) return [];
  if (!lstatSync(join(tree, path)).isDirectory()) return [path];
  return readdirSync(join(tree, path))
    .sort()
    .flatMap((name) => filesUnder(tree, join(path, name), dropped));
}

/** Copies a file under its own name, also where that name is a link to another in the package. */
function copy(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(realpathSync(source), target);
}
