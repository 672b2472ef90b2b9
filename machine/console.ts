import { readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

/** What the guest wrote to its console, without colours, cursor movements and the status lines that overwrite each other. */
export function consoleText(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return "";
  }
  return stripVTControlCharacters(text)
    .replaceAll("\r", "")
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line, index, lines) => line !== "" && line !== lines[index - 1])
    .join("\n");
}

/** Its last lines, indented, for messages. */
export function consoleTail(file: string, lines: number): string {
  const text = consoleText(file);
  if (text === "") return "    (the console is empty)";
  return text
    .split("\n")
    .slice(-lines)
    .map((line) => `    ${line}`)
    .join("\n");
}
