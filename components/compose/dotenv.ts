/** Files of variables: `.env` and those of `env_file`. */
import { BadTemplate, interpolate, type Variables } from "./interpolate";

/** What is wrong in a line. */
export class BadLine extends Error {
  constructor(
    readonly line: number,
    message: string,
  ) {
    super(message);
  }
}

export interface EnvFileOptions {
  /** Take values as they are, quotes and all. */
  readonly raw?: boolean;
  /** Is told the line of a variable that has no value and no default: it is empty. */
  readonly unset?: (line: number, name: string) => void;
}

/**
 * Lines `KEY=value`, `export KEY=value`, comments, and values in quotes, in which lines may end. A name alone takes its value from `outside`.
 * Variables are replaced, save in single quotes, by those of `outside`, of `values` and of lines before.
 *
 * @param values of files before this one; it gets those of this one too
 */
export function parseEnvFile(
  text: string,
  outside: Variables,
  values = new Map<string, string>(),
  { raw = false, unset = () => {} }: EnvFileOptions = {},
): Map<string, string> {
  const variables: Variables = { get: (name) => outside.get(name) ?? values.get(name) };
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (let index = 0; index < lines.length; index++) {
    const line = (lines[index] ?? "").trimStart();
    if (line.trim() === "" || line.startsWith("#")) continue;
    const first = index + 1;
    const match = /^(?:export\s+)?([^\s=:'"#]+)\s*(?:[=:](.*))?$/s.exec(line);
    if (!match) throw new BadLine(first, "is not of the form KEY=value");
    const [, name = "", rest] = match;
    const replaced = (value: string): string => {
      try {
        return interpolate(value, variables, (name) => unset(first, name), true);
      } catch (error) {
        throw error instanceof BadTemplate ? new BadLine(first, `${name}: ${error.why}`) : error;
      }
    };
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
      // A comment starts after a value and a blank: `#ff0000` is a value, also after blanks.
      values.set(name, replaced(start.replace(/ #.*$/s, "").trim()));
      continue;
    }
    let quoted = start.slice(1);
    let end = closingQuote(quoted, quote);
    while (end < 0 && ++index < lines.length) {
      quoted += `\n${lines[index]}`;
      end = closingQuote(quoted, quote);
    }
    if (end < 0) throw new BadLine(first, `${name}: the quote is not closed`);
    if (!/^\s*(#.*)?$/s.test(quoted.slice(end + 1)))
      throw new BadLine(index + 1, `${name}: after the closing quote there can only be a comment`);
    const inside = quoted.slice(0, end);
    values.set(name, quote === "'" ? inside.split("\\'").join("'") : replaced(unescaped(inside)));
  }
  return values;
}

function closingQuote(text: string, quote: string): number {
  for (let index = 0; index < text.length; index++) {
    if (text[index] === "\\") index++;
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
