/** Brings what files say in several forms into one before they are merged, so that nothing is lost between the forms. */
import type { Variables } from "./interpolate";
import { wrong } from "./place";
import {
  get,
  isLeaf,
  isList,
  isMapping,
  isNull,
  type Leaf,
  type Mapping,
  mapEntries,
  type Tree,
  withEntry,
} from "./tree";

export function canonical(file: Mapping, variables: Variables): Mapping {
  let result = file;
  for (const section of ["networks", "volumes", "secrets", "configs"]) {
    const all = get(result, section);
    if (!isMapping(all)) continue;
    const changed = mapEntries(all, ({ value }, key) => external(value, `${section}.${key}`));
    result = withEntry(result, section, changed);
  }
  const services = get(result, "services");
  if (!isMapping(services)) return result;
  return withEntry(
    result,
    "services",
    mapEntries(services, ({ value }) => {
      const environment = get(value, "environment");
      return environment === undefined || !isMapping(value)
        ? value
        : withEntry(value, "environment", known(environment, variables));
    }),
  );
}

/** `external: { name: … }` of older files as `external: true` and a name. */
function external(entry: Tree, path: string): Tree {
  const older = get(entry, "external");
  if (!isMapping(entry) || !isMapping(older)) return entry;
  const name = get(older, "name");
  const isExternal: Leaf = { kind: "leaf", value: true, place: older.place };
  const plain = withEntry(entry, "external", isExternal);
  if (name === undefined || isNull(name)) return plain;
  if (get(entry, "name") !== undefined)
    throw wrong(name.place, `${path}.external.name: there is a name beside it: only name is needed`);
  return withEntry(plain, "name", name);
}

/** Variables that stand alone with the values they have here: without one, a name alone changes nothing of an earlier file. */
function known(environment: Tree, variables: Variables): Tree {
  if (isMapping(environment))
    return mapEntries(environment, ({ value }, key) => {
      const here = isNull(value) && value.tag === undefined ? variables.get(key) : undefined;
      return here === undefined ? value : { kind: "leaf", value: here, place: value.place };
    });
  if (!isList(environment)) return environment;
  return {
    ...environment,
    items: environment.items.map((item) => {
      if (!isLeaf(item) || item.value === null || String(item.value).includes("=")) return item;
      const here = variables.get(String(item.value));
      return here === undefined ? item : { ...item, value: `${item.value}=${here}` };
    }),
  };
}
