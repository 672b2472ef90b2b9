/**
 * The state of a Docker resource between what the program says, what was recorded and what the daemon has now.
 */
import { sameValue } from "../rpc/diff";
import type { Properties, Property } from "../rpc/property";
import { isPropertyMap, type PropertyMap, type PropertyValue, reveal, Secret, Unknown } from "../rpc/values";

/**
 * Inputs after a refresh: as they were, except where the daemon has something else now than was recorded. So a refresh
 * of what nobody has touched changes no input, whichever way the program writes it, and drift shows as a difference.
 */
export function driftedInputs(
  properties: Properties,
  inputs: PropertyMap,
  recorded: PropertyMap,
  actual: PropertyMap,
): PropertyMap {
  const result: Record<string, PropertyValue> = { ...inputs };
  for (const [key, property] of Object.entries(properties)) {
    if (property.output || (property.computed && inputs[key] === undefined)) continue;
    const now = drifted(property, inputs[key], recorded[key], actual[key]);
    if (now === undefined) delete result[key];
    else result[key] = now;
  }
  return result;
}

function drifted(
  property: Property,
  input: PropertyValue | undefined,
  recorded: PropertyValue | undefined,
  actual: PropertyValue | undefined,
): PropertyValue | undefined {
  if (sameValue(property, opened(recorded), actual)) return input;
  if (input instanceof Secret) {
    const inner = drifted(property, input.value, recorded, actual);
    return inner === undefined ? undefined : new Secret(inner);
  }
  const before = opened(recorded);
  if (property.type === "object" && isPropertyMap(input) && isPropertyMap(before) && isPropertyMap(actual)) {
    return driftedInputs(property.properties as Properties, input, before, actual);
  }
  if (
    property.type === "list" &&
    Array.isArray(input) &&
    Array.isArray(before) &&
    Array.isArray(actual) &&
    input.length === actual.length &&
    before.length === actual.length
  ) {
    return input.map(
      (item: PropertyValue, index) =>
        drifted(property.items as Property, item, before[index], actual[index]) ?? null,
    );
  }
  return actual;
}

function opened(value: PropertyValue | undefined): PropertyValue | undefined {
  return value === undefined ? undefined : reveal(value);
}

/** Inputs for something that was not made by the program (an import): what differs from the defaults. */
export function importedInputs(properties: Properties, actual: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(properties)
      .filter(
        ([key, property]) =>
          !property.output && !property.computed && !sameValue(property, undefined, actual[key]),
      )
      .map(([key, property]): [string, PropertyValue | undefined] => {
        const value = actual[key];
        return [
          key,
          property.type === "object" && isPropertyMap(value)
            ? importedInputs(property.properties as Properties, value)
            : value,
        ];
      })
      .filter((entry): entry is [string, PropertyValue] => entry[1] !== undefined),
  );
}

/** Outputs of a preview: the inputs, and unknown what the daemon will say. */
export function previewedOutputs(
  properties: Properties,
  inputs: PropertyMap,
  olds: PropertyMap | undefined,
): PropertyMap {
  const given = withoutInternals(inputs);
  if (olds) return { ...olds, ...given };
  const unknown = Object.entries(properties)
    .filter(([key, property]) => given[key] === undefined && (property.output || property.computed))
    .map(([key]) => [key, Unknown.value]);
  return { ...Object.fromEntries(unknown), ...given };
}

/** Without the lists of defaults that bridged providers keep in inputs. */
export function withoutInternals(map: PropertyMap): PropertyMap {
  const strip = (value: PropertyValue): PropertyValue => {
    if (value instanceof Secret) return new Secret(strip(value.value));
    if (Array.isArray(value)) return value.map((item: PropertyValue) => strip(item));
    return isPropertyMap(value) ? withoutInternals(value) : value;
  };
  return Object.fromEntries(
    Object.entries(map)
      .filter(([key]) => !key.startsWith("__"))
      .map(([key, value]) => [key, strip(value)]),
  );
}

/** What providers bridged from Terraform keep with a resource's outputs: the version of its schema there. */
export function bridgeMeta(schemaVersion: number): PropertyMap {
  return { __meta: JSON.stringify({ schema_version: String(schemaVersion) }) };
}

/** Two things of one name cannot be there at once, so the old one goes first, unless the name is a generated one. */
export function nameIsTaken(olds: PropertyMap, news: PropertyMap): boolean {
  const generated = Array.isArray(news.__defaults) && news.__defaults.includes("name");
  return !generated && olds.name === news.name;
}

/** Without what is undefined. */
export function present(map: { readonly [key: string]: PropertyValue | undefined }): PropertyMap {
  return Object.fromEntries(
    Object.entries(map).filter((entry): entry is [string, PropertyValue] => entry[1] !== undefined),
  );
}
