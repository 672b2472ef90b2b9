/** Files of variables: `.env` and those of `env_file`. */
import { interpolate, type Variables } from "./interpolate";

/** A line that is no assignment. */
export class BadLine extends Error {
  constructor(
    readonly line: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Lines `KEY=value`, `export KEY=value`, comments, and values in quotes, in which lines may end. A name alone takes its value from `outside`.
 * Variables are replaced, save in single quotes, by those of `outside` and of lines before.
 *
 * @param raw take values as they are, quotes and all
 */
export function parseEnvFile(text: string, outside: Variables, raw = false): Map<string, string> {
  const values = new Map<string, string>();
  const variables: Variables = { get: (name) => outside.get(name) ?? values.get(name) };
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (let index = 0; index < lines.length; index++) {
    const line = (lines[index] ?? "").trimStart();
    if (line.trim() === "" || line.startsWith("#")) continue;
    const match = /^(?:export\s+)?([^\s=:'"#]+)\s*(?:[=:](.*))?$/.exec(line);
    if (!match) throw new BadLine(index + 1, `${JSON.stringify(line)} is not of the form KEY=value`);
    const [, name = "", rest] = match;
    if (rest === undefined) {
      const value = outside.get(name);
      if (value !== undefined) values.set(name, value);
      continue;
    }
    if (raw) {
      values.set(name, rest);
      continue;
    }
    const start = rest.trimStart();
    const quote = start[0];
    if (quote !== '"' && quote !== "'") {
      values.set(name, interpolate(start.replace(/(^|\s)#.*$/, "").trimEnd(), variables));
      continue;
    }
    let quoted = start.slice(1);
    let end = closingQuote(quoted, quote);
    const first = index;
    while (end < 0 && ++index < lines.length) {
      quoted += `\n${lines[index]}`;
      end = closingQuote(quoted, quote);
    }
    if (end < 0) throw new BadLine(first + 1, `${name}: the quote is not closed`);
    const inside = quoted.slice(0, end);
    values.set(name, quote === "'" ? inside : interpolate(unescaped(inside), variables));
  }
  return values;
}

function closingQuote(text: string, quote: string): number {
  for (let index = 0; index < text.length; index++) {
    if (text[index] === "\\" && quote === '"') index++;
    else if (text[index] === quote) return index;
  }
  return -1;
}

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  '"': '"',
  "\\": "\\",
  $: "$$",
};

const unescaped = (text: string): string =>
  text.replace(/\\(.)/gs, (all, letter: string) => escapes[letter] ?? all);
