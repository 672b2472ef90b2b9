/** Reads compose files into one tree: variables, `extends`, `include`, several files, profiles. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { UserError } from "../../host/userError";
import { BadLine, parseEnvFile } from "./dotenv";
import { BadTemplate, interpolate, type Variables } from "./interpolate";
import { merge, mergeFiles } from "./merge";
import { absolutePaths } from "./paths";
import { at, type Place, type Source, shownPath, type Warning, wrong } from "./place";
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
  const variables = withEnvFile(
    layered(options.variables ?? {}, process.env),
    resolve(folder, ".env"),
    false,
  );
  const loader = new Loader();
  const merged =
    yaml === undefined
      ? loader.files(files, folder, variables)
      : loader.finished(loader.text(yaml, { name: "compose.yaml", folder }, variables), variables);
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

const layered = (...layers: Readonly<Record<string, string | undefined>>[]): Variables => ({
  get: (name) => layers.find((layer) => Object.hasOwn(layer, name) && layer[name] !== undefined)?.[name],
});

/** Variables, and below them those of a file. */
function withEnvFile(variables: Variables, path: string, required: boolean, place?: Place): Variables {
  if (!required && !existsSync(path)) return variables;
  const values = readEnvFile(path, variables, place);
  return { get: (name) => variables.get(name) ?? values.get(name) };
}

export function readEnvFile(
  path: string,
  variables: Variables,
  place?: Place,
  raw = false,
): Map<string, string> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    const what = `${shownPath(path)}: there is no such file of variables`;
    throw place === undefined ? new UserError(what) : wrong(place, what);
  }
  try {
    return parseEnvFile(text, variables, raw);
  } catch (error) {
    if (error instanceof BadLine) throw new UserError(`${shownPath(path)}:${error.line}: ${error.message}`);
    if (error instanceof BadTemplate) throw new UserError(`${shownPath(path)}: ${error.message}`);
    throw error;
  }
}

class Loader {
  readonly warnings: Warning[] = [];
  private readonly saidUnset = new Set<string>();

  /** Files that are merged into one, with what they include. */
  files(paths: readonly string[], folder: string, variables: Variables): Mapping {
    return paths
      .map((path) => this.finished(this.file(path, folder, variables), variables))
      .reduce(mergeFiles);
  }

  private file(path: string, folder: string, variables: Variables, place?: Place): Mapping {
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch (error) {
      const whys: Record<string, string> = { ENOENT: "there is no such file", EISDIR: "it is a folder" };
      const why = whys[(error as NodeJS.ErrnoException).code ?? ""] ?? String(error);
      const what = `${shownPath(resolve(path))}: ${why}`;
      throw place === undefined ? new UserError(what) : wrong(place, what);
    }
    return this.text(text, { name: shownPath(resolve(path)), folder }, variables);
  }

  text(text: string, source: Source, variables: Variables): Mapping {
    const tree = mapLeaves(readTree(text, source), (leaf) => this.interpolated(leaf, variables)) as Mapping;
    return absolutePaths(tree);
  }

  /** With its services extended, and with what it includes. */
  finished(file: Mapping, variables: Variables): Mapping {
    return this.included(this.extended(file, variables), variables);
  }

  private interpolated(leaf: Leaf, variables: Variables): Leaf {
    if (typeof leaf.value !== "string" || !leaf.value.includes("$")) return leaf;
    try {
      const unset = (name: string): void => {
        const key = `${at(leaf.place)} ${name}`;
        if (this.saidUnset.has(key)) return;
        this.saidUnset.add(key);
        this.warnings.push({
          place: leaf.place,
          text: `the variable ${name} is not set: it is taken as empty`,
        });
      };
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
      ? this.file(String(from.value), dirname(String(from.value)), variables, from.place)
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

  private included(file: Mapping, variables: Variables): Mapping {
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
      const [folder] = texts(get(item, "project_directory"));
      const base = folder === undefined ? dirname(first) : resolve(place.source.folder, folder);
      const envFiles = texts(get(item, "env_file"));
      const own =
        envFiles.length === 0
          ? withEnvFile(variables, resolve(base, ".env"), false)
          : envFiles.reduce(
              (below, path) => withEnvFile(below, resolve(place.source.folder, path), true, place),
              variables,
            );
      result = this.beside(result, this.files(paths, base, own), place);
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
