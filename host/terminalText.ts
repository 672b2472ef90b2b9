import { stripVTControlCharacters } from "node:util";

/** Select Graphic Rendition (ECMA-48): colours and bold. */
const colour = new RegExp(`(${String.fromCharCode(27)}\\[[0-9;:]*m)`);

/**
 * A text that was made elsewhere, for a terminal: with its colours and lines, without what moves the cursor, sets the title or the clipboard, or
 * overwrites what was said before.
 */
export function terminalText(text: string, colours = true): string {
  return text
    .split(colour)
    .map((part, index) => {
      if (index % 2 === 1) return colours ? part : "";
      return stripVTControlCharacters(part).replace(/[^\P{Cc}\n\t]/gu, "");
    })
    .join("");
}
