/** `nodeargs` of Pulumi.yaml, split as the Pulumi CLI does (github.com/google/shlex): quotes, backslashes, comments. */
import { UserError } from "../host/userError";

/** Throws {@link UserError} for a quote without an end. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let index = 0; index < text.length; index++) {
    const char = text[index] as string;
    if (quote === "'") {
      if (char === quote) quote = undefined;
      else word += char;
    } else if (char === "\\") {
      index++;
      if (index === text.length) throw unfinished(text, "a backslash with nothing after it");
      word = (word ?? "") + text[index];
    } else if (quote === '"') {
      if (char === quote) quote = undefined;
      else word += char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === "#" && word === undefined) {
      const end = text.indexOf("\n", index);
      index = end === -1 ? text.length : end;
    } else word = (word ?? "") + char;
  }
  if (quote !== undefined) throw unfinished(text, `a ${quote} without its end`);
  return word === undefined ? words : [...words, word];
}

const unfinished = (text: string, what: string): UserError =>
  new UserError(`nodeargs: ${JSON.stringify(text)} has ${what}`);
