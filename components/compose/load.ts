/** Reads compose files into one tree: variables, `extends`, `include`, several files, profiles. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { UserError } from "../../host/userError";
import { readEnvFile } from "./envFile";
import { BadTemplate, interpolate, type Variables } from "./interpolate";
import { merge, mergeFiles } from "./merge";
import { absolutePaths } from "./paths";
import { at, type Place, shownPath, unsetVariable, type Warning, wrong } from "./place";
import {
  get,
  isLeaf,
  isList,
  isMapping,
  type Leaf,
  type Mapping,
  mapLeaves,
  readTree,
  type Tree,
  withEntry,
} from "./tree";

export interface LoadOptions {
  /** The later ones are merged over the earlier ones. */
  readonly files?: readonly string[];
  /** Text of a file, instead of files. */
  readonly yaml?: string;
  /** Folder that relative paths start from. Default: that of the first file. */
  readonly folder?: string;
  /** Variables that come before those of the environment, which come before those of `.env`. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly profiles?: readonly string[];
  /** Name of the stack, whatever the files say. */
  readonly stackName?: string;
  /** Its name if the files have none. */
  readonly defaultName?: string;
}

export interface Loaded {
  readonly tree: Mapping;
  readonly folder: string;
  readonly variables: Variables;
  readonly warnings: Warning[];
  /** Services that no profile wants. */
  readonly inactive: ReadonlySet<string>;
}

export function load(options: LoadOptions): Loaded {
  const { files = [], yaml } = options;
  if (files.length > 0 === (yaml !== undefined))
    throw new UserError("compose: either files or a YAML text must be given");
  const folder = resolve(options.folder ?? (files[0] === undefined ? "." : dirname(files[0])));
  const loader = new Loader();
  const trees =
    yaml === undefined
      ? files.map((path) => loader.tree(path, folder))
      : [readTree(yaml, { name: "compose.yaml", folder })];
  const given = loader.withEnvFiles(
    layered(options.variables ?? {}, process.env),
    [resolve(folder, ".env")].filter(existsSync),
  );
  const name = options.stackName ?? (loader.nameIn(trees, given) || options.defaultName);
  const variables: Variables = {
    get: (key) => given.get(key) ?? (key === "COMPOSE_PROJECT_NAME" ? name : undefined),
  };
  const merged = loader.merged(
    trees,
    variables,
    files.map((path) => resolve(path)),
  );
  const profiles = new Set(options.profiles ?? (variables.get("COMPOSE_PROFILES") ?? "").split(","));
  const tree = activeOnly(merged, profiles);
  return {
    tree,
    inactive: new Set(names(merged).filter((name) => !names(tree).includes(name))),
    folder,
    variables,
    warnings: loader.warnings,
  };
}

function layered(...layers: Readonly<Record<string, string | undefined>>[]): Variables {
  const maps = layers.map((layer) => new Map(Object.entries(layer)));
  return { get: (name) => maps.map((map) => map.get(name)).find((value) => value !== undefined) };
}

class Loader {
  /** May hold one twice, of a file that is read twice. */
  readonly warnings: Warning[] = [];
  readonly warn = (warning: Warning): void => void this.warnings.push(warning);

  /** Variables, and below them those of files, of which the later ones win. */
  withEnvFiles(variables: Variables, paths: readonly string[], place?: Place): Variables {
    const values = new Map<string, string>();
    for (const path of paths) readEnvFile(path, variables, values, { place, warn: this.warn });
    return { get: (name) => variables.get(name) ?? values.get(name) };
  }

  /** What files call the stack: the last one that does. */
  nameIn(trees: readonly Mapping[], variables: Variables): string | undefined {
    const name = trees.flatMap((tree) => get(tree, "name") ?? []).at(-1);
    return isLeaf(name) && name.value !== null ? String(this.interpolated(name, variables).value) : undefined;
  }

  /**
   * Files as one, with what they extend and include.
   *
   * @param within paths of the files, and of those that include them
   */
  merged(trees: readonly Mapping[], variables: Variables, within: readonly string[]): Mapping {
    return trees
      .map((tree) => this.extended(this.replaced(tree, variables), variables))
      .map((tree) => this.included(tree, variables, within))
      .reduce(mergeFiles);
  }

  /** @param folder where relative paths in it start from */
  tree(path: string, folder: string, place?: Place): Mapping {
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch (error) {
      const whys: Record<string, string> = { ENOENT: "there is no such file", EISDIR: "it is a folder" };
      const why = whys[(error as NodeJS.ErrnoException).code ?? ""] ?? String(error);
      const what = `${shownPath(resolve(path))}: ${why}`;
      throw place === undefined ? new UserError(what) : wrong(place, what);
    }
    return readTree(text, { name: shownPath(resolve(path)), folder });
  }

  /** With variables replaced, and absolute paths. */
  private replaced(file: Mapping, variables: Variables): Mapping {
    return absolutePaths(mapLeaves(file, (leaf) => this.interpolated(leaf, variables)) as Mapping);
  }

  private interpolated(leaf: Leaf, variables: Variables): Leaf {
    if (typeof leaf.value !== "string" || !leaf.value.includes("$")) return leaf;
    try {
      const unset = (name: string): void => this.warn(unsetVariable(leaf.place, name));
      return { ...leaf, value: interpolate(leaf.value, variables, unset) };
    } catch (error) {
      if (error instanceof BadTemplate) throw wrong(leaf.place, error.message);
      throw error;
    }
  }

  private extended(file: Mapping, variables: Variables): Mapping {
    const services = get(file, "services");
    if (!isMapping(services)) return file;
    let result = services;
    for (const name of services.entries.keys())
      result = withEntry(result, name, this.extendedService(file, name, variables, []));
    return withEntry(file, "services", result);
  }

  private extendedService(
    file: Mapping,
    name: string,
    variables: Variables,
    before: readonly string[],
  ): Tree {
    const service = get(file, "services", name) as Tree;
    const extended = get(service, "extends");
    if (!isMapping(service) || extended === undefined) return service;
    const other = isLeaf(extended) ? extended : get(extended, "service");
    const from = get(extended, "file");
    if (!isLeaf(other)) throw wrong(extended.place, `services.${name}.extends.service: must name a service`);
    const otherName = String(other.value);
    const otherFile = isLeaf(from)
      ? this.replaced(this.tree(String(from.value), dirname(String(from.value)), from.place), variables)
      : file;
    const otherService = get(otherFile, "services", otherName);
    const here = `${service.place.source.name}#${name}`;
    if (otherService === undefined)
      throw wrong(other.place, `services.${name}.extends: there is no service ${otherName} to extend`);
    if (before.includes(here))
      throw wrong(extended.place, `services.${name}.extends: the services extend each other in a circle`);
    const base = this.extendedService(otherFile, otherName, variables, [...before, here]);
    return merge(base, withEntry(service, "extends", undefined), []);
  }

  private included(file: Mapping, variables: Variables, within: readonly string[]): Mapping {
    const includes = get(file, "include");
    if (includes === undefined) return file;
    if (!isList(includes)) throw wrong(includes.place, "include: must be a list of files");
    let result = withEntry(file, "include", undefined);
    for (const item of includes.items) {
      const { place } = item;
      const paths = texts(isLeaf(item) ? item : get(item, "path")).map((path) =>
        resolve(place.source.folder, path),
      );
      const [first] = paths;
      if (first === undefined) throw wrong(place, "include: must name a file (path)");
      if (paths.some((path) => within.includes(path)))
        throw wrong(place, "include: the files include each other in a circle");
      const [folder] = texts(get(item, "project_directory"));
      const base = folder === undefined ? dirname(first) : resolve(place.source.folder, folder);
      const envFiles = texts(get(item, "env_file"));
      const own = this.withEnvFiles(
        variables,
        envFiles.length === 0
          ? [resolve(base, ".env")].filter(existsSync)
          : envFiles.map((path) => resolve(place.source.folder, path)),
        place,
      );
      const trees = paths.map((path) => this.tree(path, base, place));
      result = this.beside(result, this.merged(trees, own, [...within, ...paths]), place);
    }
    return result;
  }

  /** What an included file has is put beside what is there, which it may not change. */
  private beside(file: Mapping, other: Mapping, place: Place): Mapping {
    let result = file;
    for (const section of ["services", "networks", "volumes", "secrets", "configs"]) {
      const theirs = get(other, section);
      if (!isMapping(theirs)) continue;
      const mine = get(result, section);
      let joined: Mapping = isMapping(mine) ? mine : { ...theirs, entries: new Map() };
      for (const [name, { value }] of theirs.entries) {
        const there = joined.entries.get(name);
        if (there !== undefined && JSON.stringify(data(there.value)) !== JSON.stringify(data(value)))
          throw wrong(
            place,
            `include: ${section}.${name} is at ${at(there.place)} too, with another content`,
          );
        joined = withEntry(joined, name, value);
      }
      result = withEntry(result, section, joined);
    }
    return result;
  }
}

const data = (tree: Tree): unknown =>
  isLeaf(tree)
    ? tree.value
    : isList(tree)
      ? tree.items.map(data)
      : [...tree.entries].map(([key, { value }]) => [key, data(value)]);

function texts(tree: Tree | undefined): string[] {
  if (isLeaf(tree) && typeof tree.value === "string") return [tree.value];
  return isList(tree) ? tree.items.flatMap((item) => (isLeaf(item) ? [String(item.value)] : [])) : [];
}

function names(file: Mapping): string[] {
  const services = get(file, "services");
  return isMapping(services) ? [...services.entries.keys()] : [];
}

/** Without the services that have profiles of which none is wanted. */
function activeOnly(file: Mapping, profiles: ReadonlySet<string>): Mapping {
  const services = get(file, "services");
  if (!isMapping(services)) return file;
  let result = services;
  for (const [name, { value }] of services.entries) {
    const own = texts(get(value, "profiles"));
    if (own.length > 0 && !profiles.has("*") && !own.some((profile) => profiles.has(profile)))
      result = withEntry(result, name, undefined);
  }
  return withEntry(file, "services", result);
}
