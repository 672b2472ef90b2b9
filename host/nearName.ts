/** Insertions, deletions and replacements that make one text the other (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** The name that was probably meant; undefined if none is near. */
export function nearName(name: string, names: readonly string[]): string | undefined {
  const asked = name.toLowerCase();
  const same = names.find((one) => one.toLowerCase() === asked);
  if (same !== undefined) return same;
  // Any two names of two letters are near otherwise.
  const most = name.length < 4 ? 1 : 2;
  const ranked = names
    .map((one) => ({ one, distance: editDistance(one.toLowerCase(), asked) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  if (best !== undefined && best.distance <= most) return best.one;
  // `restart` for `restartPolicy`, `portsOfHost` for `ports`.
  return asked.length < 4
    ? undefined
    : names.find(
        (one) =>
          one.toLowerCase().startsWith(asked) || (one.length >= 4 && asked.startsWith(one.toLowerCase())),
      );
}
