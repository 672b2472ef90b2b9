/** One measurement; `×` is in times of the table's first row, so that figures of different hosts can be compared. */
export interface Row {
  readonly what: string;
  readonly seconds: number;
  readonly aim?: string;
}

export function print(rows: readonly Row[]): void {
  const raw = rows[0]?.seconds ?? Number.NaN;
  const lines = rows.map(({ what, seconds, aim = "" }) =>
    [
      what.padEnd(52),
      `${seconds.toFixed(1)} s`.padStart(9),
      `${(seconds / raw).toFixed(2)} ×`.padStart(9),
      `  ${aim}`,
    ].join(" "),
  );
  process.stdout.write(`\n${lines.map((line) => line.trimEnd()).join("\n")}\n`);
}
