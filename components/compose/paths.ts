/** Makes the relative paths in a file absolute, each from the folder of the file that it stands in. */
import { homedir } from "node:os";
import { isAbsolute, resolve } from "node:path";
import { asMapping } from "./merge";
import { get, isLeaf, isList, isMapping, type Leaf, type Mapping, type Tree, withEntry } from "./tree";

/** Whether the source of a volume in the short form is a path, not a name. */
export const isPath = (source: string): boolean => /^[./~]|^[A-Za-z]:[\\/]|^\\\\/.test(source);

const isAbsolutePath = (path: string): boolean => isAbsolute(path) || /^[A-Za-z]:[\\/]|^\\\\/.test(path);

function absolute(path: string, folder: string): string {
  if (path === "~" || path.startsWith("~/")) return resolve(homedir(), path.slice(2));
  return isAbsolutePath(path) ? path : resolve(folder, path);
}

export function absolutePaths(file: Mapping): Mapping {
  let result = file;
  for (const section of ["secrets", "configs"])
    result = eachIn(result, section, (entry) => changed(entry, "file", absoluteLeaf));
  return eachIn(result, "services", (service) => {
    let one = changed(service, "env_file", (files) => eachItem(files, (item) => pathOf(item, "path")));
    one = changed(one, "label_file", (files) => eachItem(files, absoluteLeaf));
    one = changed(one, "extends", (other) =>
      isMapping(other) ? changed(other, "file", absoluteLeaf) : other,
    );
    return changed(one, "volumes", (volumes) =>
      eachItem(volumes, (item) => {
        if (isLeaf(item)) return shortMount(item);
        const source = get(item, "source");
        const type = get(item, "type");
        if (!isLeaf(source) || !isLeaf(type) || type.value !== "bind") return item;
        return changed(item, "source", mountSource);
      }),
    );
  });
}

/** Absolute folders of the node that volumes are of: known once the files are one, as one may name the folder and another `o: bind`. */
export const absoluteDevices = (file: Mapping): Mapping => eachIn(file, "volumes", localBind);

/** A folder of the node as a volume: `o: bind`. */
function localBind(given: Tree): Tree {
  const volume = changed(given, "driver_opts", (options) => asMapping(options, /=/));
  const option = (name: string): string => {
    const value = get(volume, "driver_opts", name);
    return isLeaf(value) && value.value !== null ? String(value.value) : "";
  };
  const driver = get(volume, "driver");
  const local =
    driver === undefined || (isLeaf(driver) && (driver.value === null || driver.value === "local"));
  const bind = option("o")
    .split(",")
    .some((one) => one === "bind" || one === "rbind");
  if (!local || !bind || option("device") === "") return volume;
  return changed(volume, "driver_opts", (options) => changed(options, "device", mountSource));
}

function shortMount(leaf: Leaf): Leaf {
  const text = String(leaf.value);
  // A letter and a colon start a path of Windows.
  const colon = text.indexOf(":", /^[A-Za-z]:[\\/]/.test(text) ? 2 : 0);
  const source = colon < 0 ? "" : text.slice(0, colon);
  if (!isPath(source) || isAbsolutePath(source)) return leaf;
  return { ...leaf, value: absolute(source, leaf.place.source.folder) + text.slice(colon), relative: true };
}

const mountSource = (leaf: Tree): Tree =>
  isLeaf(leaf) && !isAbsolutePath(String(leaf.value))
    ? { ...leaf, value: absolute(String(leaf.value), leaf.place.source.folder), relative: true }
    : leaf;

const absoluteLeaf = (leaf: Tree): Tree =>
  isLeaf(leaf) && typeof leaf.value === "string"
    ? { ...leaf, value: absolute(leaf.value, leaf.place.source.folder) }
    : leaf;

const pathOf = (item: Tree, key: string): Tree =>
  isMapping(item) ? changed(item, key, absoluteLeaf) : absoluteLeaf(item);

const eachItem = (tree: Tree, change: (item: Tree) => Tree): Tree =>
  isList(tree) ? { ...tree, items: tree.items.map(change) } : change(tree);

function changed(tree: Tree, key: string, change: (value: Tree) => Tree): Tree {
  const value = get(tree, key);
  return isMapping(tree) && value !== undefined ? withEntry(tree, key, change(value)) : tree;
}

function eachIn(file: Mapping, section: string, change: (value: Tree) => Tree): Mapping {
  const tree = get(file, section);
  if (!isMapping(tree)) return file;
  const entries = [...tree.entries].map(
    ([key, entry]) => [key, { ...entry, value: change(entry.value) }] as const,
  );
  return withEntry(file, section, { ...tree, entries: new Map(entries) });
}
