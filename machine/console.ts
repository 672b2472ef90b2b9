import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";

/** Lines without colours, cursor movements and the status lines that overwrite each other. */
function cleanLines(text: string): string[] {
  return stripVTControlCharacters(text)
    .replaceAll("\r", "")
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line, index, lines) => line !== "" && line !== lines[index - 1]);
}

/** What the guest wrote to its console. */
export function consoleText(file: string): string {
  try {
    return cleanLines(readFileSync(file, "utf8")).join("\n");
  } catch {
    return "";
  }
}

const followMs = 300;

/** Bytes of a file from an offset to its end; undefined if it is gone. */
function readFrom(file: string, offset: number): Buffer | undefined {
  let fd: number;
  try {
    fd = openSync(file, "r");
  } catch {
    return undefined;
  }
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(fd).size - offset));
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, offset));
  } finally {
    closeSync(fd);
  }
}

/**
 * Gives the console's whole lines as they are written, from its beginning, until the signal aborts or `alive` says that no more
 * will come. A machine that is made anew begins a new file: that is followed too.
 */
export async function followConsole(
  file: string,
  onLine: (line: string) => void,
  alive: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  let offset = 0;
  let rest = Buffer.alloc(0);
  let last = "";
  while (!signal.aborted) {
    const goesOn = await alive();
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size < offset) {
      offset = 0;
      rest = Buffer.alloc(0);
    }
    const read = readFrom(file, offset) ?? Buffer.alloc(0);
    offset += read.length;
    const bytes = Buffer.concat([rest, read]);
    const end = bytes.lastIndexOf(10) + 1;
    rest = bytes.subarray(end);
    for (const line of cleanLines(bytes.subarray(0, end).toString())) {
      if (line !== last) onLine(line);
      last = line;
    }
    if (!goesOn) return;
    await delay(followMs, undefined, { signal }).catch(() => undefined);
  }
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
