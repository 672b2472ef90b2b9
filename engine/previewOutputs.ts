/**
 * In a preview the SDK marks a resource that is an output of the stack. The mark is not shown, nor are members of it that are
 * not known yet and were not there before. Specified by massageStackPreviewOutputDiff in pkg/backend/display/object_diff.go.
 */
import { isList, isMap, type PropertyMap, record, Unknown, type Value } from "./values";

const mark = "@isPulumiResource";

export function unmarkedOutputs(outputs: PropertyMap, before: PropertyMap | undefined): PropertyMap {
  return unmarked(outputs, before ?? {}) as PropertyMap;
}

function unmarked(value: Value, before: Value | undefined): Value {
  if (isList(value))
    return value.map((element, index) => unmarked(element, isList(before) ? before[index] : undefined));
  if (!isMap(value)) return value;
  const old = isMap(before) ? before : undefined;
  const known = Object.entries(value).filter(
    ([key, inner]) =>
      key !== mark &&
      !(mark in value && inner instanceof Unknown && old !== undefined && !Object.hasOwn(old, key)),
  );
  return record(
    known.map(([key, inner]) => [
      key,
      unmarked(inner, old && Object.hasOwn(old, key) ? old[key] : undefined),
    ]),
  );
}
