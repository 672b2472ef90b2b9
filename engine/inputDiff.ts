/**
 * Where two sets of inputs differ: used when a provider answers "unknown" to Diff, and to show what a step changes.
 * Specified by diffResource in pkg/resource/deploy/step_generator.go.
 */
import { formatPath, type PropertyPath } from "./propertyPath";
import { isList, isMap, type PropertyMap, sameValue, unwrapSecrets, type Value } from "./values";

/** Top-level keys that are added, removed or different; whether a value is secret makes no difference. */
export function changedKeys(before: PropertyMap, after: PropertyMap): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => !sameValue(plain(before[key]), plain(after[key])),
  );
}

/** Paths of the deepest values that differ, as `env.HOME` or `ports[0]`. */
export function changedPaths(before: PropertyMap, after: PropertyMap): string[] {
  const paths: PropertyPath[] = [];
  collect(plain(before), plain(after), [], paths);
  return paths.map(formatPath);
}

function plain(value: Value | undefined): Value | undefined {
  return value === undefined ? undefined : unwrapSecrets(value);
}

function collect(
  before: Value | undefined,
  after: Value | undefined,
  at: PropertyPath,
  into: PropertyPath[],
): void {
  if (sameValue(before, after)) return;
  if (isMap(before) && isMap(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      collect(before[key], after[key], [...at, key], into);
  } else if (isList(before) && isList(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index++)
      collect(before[index], after[index], [...at, index], into);
  } else into.push(at);
}
