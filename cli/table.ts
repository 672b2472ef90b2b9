import stringWidth from "string-width";
import { terminalText } from "../host/terminalText";

/** Left-aligned columns, two spaces apart. Rows of one cell are lines of their own, as wide as they are. */
export function table(given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map((cell) => terminalText(cell)));
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, index) =>
    Math.max(...rows.map((row) => (row.length === 1 ? 0 : stringWidth(row[index] ?? "")))),
  );
  return rows
    .map((row) =>
      row
        .map((cell, index) => cell + " ".repeat(Math.max(0, (widths[index] ?? 0) - stringWidth(cell))))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}
