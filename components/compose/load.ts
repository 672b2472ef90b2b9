/** Reads compose files into one tree: variables, `extends`, `include`, several files, profiles. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileRefusal } from "../../host/fileRefusal";
import { UserError } from "../../host/userError";
import { canonical } from "./canonical";
import { readEnvFile } from "./envFile";
import { BadTemplate, interpolate, type Variables } from "./interpolate";
import { merge, mergeFiles } from "./merge";
import { absoluteDevices, absolutePaths } from "./paths";
import { at, type Place, shownPath, unsetVariable, type Warning, wrong } from "./place";
import {
  get,
  isLeaf,
  isList,
  isMapping,
  isNull,
  type Leaf,
  type Mapping,
  mapEntries,
  mapLeaves,
  pathOf,
  readTrees,
  type Tree,
  withEntry,
  withoutTags,
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
  /** Services that no profile wants, with their profiles. */
  readonly inactive: ReadonlyMap<string, readonly string[]>;
}

export function load(options: LoadOptions): Loaded {
  const { files = [], yaml } = options;
  if (files.length > 0 === (yaml !== undefined))
    throw new UserError("compose: either files or a YAML text must be given");
  const folder = resolve(options.folder ?? (files[0] === undefined ? "." : dirname(files[0])));
  const loader = new Loader();
  const documents =
    yaml === undefined
      ? files.map((path) => loader.documents(path, folder))
      : [readTrees(yaml, { name: "compose.yaml", folder }).map(withoutExtensions)];
  const trees = documents.flat();
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
  const { tree, inactive } = activeOnly(merged, profiles);
  return {
    tree,
    inactive,
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
  private readonly files = new Map<string, Mapping[]>();
  /** Files with their variables replaced; services with what they extend. */
  private readonly replacements = new Map<Mapping, Map<Variables, Mapping>>();
  private readonly others = new Map<Mapping[], Map<Variables, Mapping>>();
  private readonly extensions = new Map<Mapping, Tree>();
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
    const [name] = trees.flatMap((tree) => get(tree, "name") ?? []).reverse();
    if (!isLeaf(name) || name.value === null) return undefined;
    try {
      return String(this.interpolated(name, variables).value);
    } catch (error) {
      throw error instanceof BadTemplate ? wrong(name.place, `name: ${error.message}`) : error;
    }
  }

  /**
   * Files as one, with what they extend and include.
   *
   * @param within paths of the files, and of those that include them
   */
  merged(trees: readonly Mapping[], variables: Variables, within: readonly string[]): Mapping {
    const whole = trees
      .map((tree) => this.extended(this.replaced(tree, variables), variables))
      .map((tree) => this.included(tree, variables, within))
      .reduce(mergeFiles);
    return absoluteDevices(withoutTags(whole) as Mapping);
  }

  /**
   * The documents of a file, which is read once however often it is named.
   *
   * @param folder where relative paths in it start from
   */
  documents(path: string, folder: string, place?: Place): Mapping[] {
    const key = JSON.stringify([resolve(path), folder]);
    const known = this.files.get(key);
    if (known !== undefined) return known;
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch (error) {
      const whys: Record<string, string> = { ENOENT: "there is no such file", EISDIR: "it is a folder" };
      const why =
        whys[(error as NodeJS.ErrnoException).code ?? ""] ?? fileRefusal(error)?.meaning ?? String(error);
      const what = `${shownPath(resolve(path))}: ${why}`;
      throw place === undefined ? new UserError(what) : wrong(place, what);
    }
    const trees = readTrees(text, { name: shownPath(resolve(path)), folder }).map(withoutExtensions);
    this.files.set(key, trees);
    return trees;
  }

  /** With variables replaced, and absolute paths. */
  private replaced(file: Mapping, variables: Variables): Mapping {
    return once(this.replacements, file, variables, () => {
      const mistakes: string[] = [];
      const tree = mapLeaves(file, (leaf) => {
        try {
          return this.interpolated(leaf, variables);
        } catch (error) {
          if (!(error instanceof BadTemplate)) throw error;
          mistakes.push(`${at(leaf.place)}: ${(pathOf(file, leaf) ?? []).join(".")}: ${error.message}`);
          return leaf;
        }
      });
      if (mistakes.length > 0) throw new UserError(mistakes.join("\n"));
      return canonical(absolutePaths(tree as Mapping), variables);
    });
  }

  private interpolated(leaf: Leaf, variables: Variables): Leaf {
    if (typeof leaf.value !== "string" || !leaf.value.includes("$")) return leaf;
    const unset = (name: string): void => this.warn(unsetVariable(leaf.place, name));
    return { ...leaf, value: interpolate(leaf.value, variables, unset) };
  }

  private extended(file: Mapping, variables: Variables): Mapping {
    const services = get(file, "services");
    if (!isMapping(services)) return file;
    const extended = mapEntries(services, (_, name) => this.extendedService(file, name, variables, []));
    return withEntry(file, "services", extended);
  }

  private extendedService(
    file: Mapping,
    name: string,
    variables: Variables,
    before: readonly string[],
  ): Tree {
    const service = get(file, "services", name) as Tree;
    const extended = get(service, "extends");
    if (!isMapping(service) || extended === undefined || isNull(extended)) return service;
    const known = this.extensions.get(service);
    if (known !== undefined) return known;
    const other = isLeaf(extended) ? extended : get(extended, "service");
    const from = get(extended, "file");
    if (!isLeaf(other)) throw wrong(extended.place, `services.${name}.extends.service: must name a service`);
    const otherName = String(other.value);
    const otherFile = isLeaf(from) ? this.fileOf(String(from.value), from.place, variables) : file;
    const otherService = get(otherFile, "services", otherName);
    const here = `${service.place.source.name}#${name}`;
    if (otherService === undefined)
      throw wrong(other.place, `services.${name}.extends: there is no service ${otherName} to extend`);
    if (before.includes(here))
      throw wrong(extended.place, `services.${name}.extends: the services extend each other in a circle`);
    const base = this.extendedService(otherFile, otherName, variables, [...before, here]);
    const result = merge(withoutTags(base), withEntry(service, "extends", undefined), ["services", name]);
    this.extensions.set(service, result);
    return result;
  }

  /** A file that a service of another one extends. */
  private fileOf(path: string, place: Place, variables: Variables): Mapping {
    const documents = this.documents(path, dirname(path), place);
    return once(this.others, documents, variables, () =>
      documents.map((document) => this.replaced(document, variables)).reduce(mergeFiles),
    );
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
      const trees = paths.flatMap((path) => this.documents(path, base, place));
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
      const entries = new Map(isMapping(mine) ? mine.entries : []);
      for (const [name, entry] of theirs.entries) {
        const there = entries.get(name);
        if (there !== undefined && JSON.stringify(data(there.value)) !== JSON.stringify(data(entry.value)))
          throw wrong(
            place,
            `include: ${section}.${name} is at ${at(there.place)} too, with another content`,
          );
        entries.set(name, entry);
      }
      result = withEntry(result, section, { ...(isMapping(mine) ? mine : theirs), entries });
    }
    return result;
  }
}

/** What was made of something with these variables before, or is made now. */
function once<K, T>(known: Map<K, Map<Variables, T>>, key: K, variables: Variables, make: () => T): T {
  const all = known.get(key) ?? new Map<Variables, T>();
  known.set(key, all);
  const result = all.get(variables) ?? make();
  all.set(variables, result);
  return result;
}

/** Without what is the writer's own: other tools replace no variables in it. */
const withoutExtensions = (file: Mapping): Mapping => ({
  ...file,
  entries: new Map([...file.entries].filter(([key]) => !key.startsWith("x-"))),
});

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

/** Without the services that have profiles of which none is wanted. */
function activeOnly(file: Mapping, profiles: ReadonlySet<string>): Pick<Loaded, "tree" | "inactive"> {
  const services = get(file, "services");
  const inactive = new Map<string, string[]>();
  if (!isMapping(services)) return { tree: file, inactive };
  for (const [name, { value }] of services.entries) {
    const own = texts(get(value, "profiles"));
    if (own.length > 0 && !profiles.has("*") && !own.some((profile) => profiles.has(profile)))
      inactive.set(name, own);
  }
  const entries = new Map([...services.entries].filter(([name]) => !inactive.has(name)));
  return { tree: withEntry(file, "services", { ...services, entries }), inactive };
}
