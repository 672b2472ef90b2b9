/** A command line in words, as a shell would split it: quotes and backslashes, no variables. */
export function words(line: string): string[] {
  const found: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let index = 0; index < line.length; index++) {
    const letter = line[index] as string;
    const next = line[index + 1];
    if (quote === "'") {
      if (letter === "'") quote = undefined;
      else word += letter;
    } else if (letter === "\\") {
      if (next === undefined) throw new Error("there is nothing after the backslash at the end");
      // Unlike in a shell, also in double quotes whatever the letter: Docker's tools split so.
      word = (word ?? "") + next;
      index++;
    } else if (letter === quote) {
      quote = undefined;
    } else if (quote === undefined && (letter === '"' || letter === "'")) {
      quote = letter;
      word ??= "";
    } else if (quote === undefined && /\s/.test(letter)) {
      if (word !== undefined) found.push(word);
      word = undefined;
    } else if (quote === undefined && letter === "#" && word === undefined) {
      const end = line.indexOf("\n", index);
      if (end < 0) return found;
      index = end;
    } else {
      word = (word ?? "") + letter;
    }
  }
  if (quote !== undefined) throw new Error("a quote is not closed");
  if (word !== undefined) found.push(word);
  return found;
}
