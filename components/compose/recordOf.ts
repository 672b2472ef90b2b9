/** Mappings whose keys are names of a user's: `constructor` and `__proto__` are names like any other. */

/** A mapping without a prototype: looking up a name finds what was put there, or nothing. */
export function recordOf<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  const record = Object.create(null) as Record<string, T>;
  for (const [key, value] of entries) record[key] = value;
  return record;
}

/** What a mapping of the user's has under a name, itself. */
export const ownValue = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.entries(record).find(([name]) => name === key)?.[1];
