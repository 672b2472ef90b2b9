import { table } from "../table";
import type { SwarmFlags } from "./flags";

export const print = (text: string): void => void process.stdout.write(text);

/**
 * Prints rows as JSON or as a table, as the flags say.
 *
 * @param columns what a person sees: a head and the cell of a row
 */
export function printRows<Row>(
  flags: SwarmFlags,
  rows: readonly Row[],
  columns: readonly (readonly [head: string, cell: (row: Row) => string])[],
  none: string,
): void {
  if (flags.format === "json") print(`${JSON.stringify(rows, undefined, 2)}\n`);
  else if (rows.length === 0) print(`${none}\n`);
  else
    print(table([columns.map(([head]) => head), ...rows.map((row) => columns.map(([, cell]) => cell(row)))]));
}
