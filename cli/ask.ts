/** Questions to the person at the terminal. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

/** Asks until the answer is one of the choices; the first letters are enough. Undefined when the input ends. */
export async function choose<T extends string>(
  question: string,
  choices: readonly T[],
): Promise<T | undefined> {
  for (;;) {
    const answer = await line(`${question} [${choices.join("/")}] `);
    if (answer === undefined) return undefined;
    const text = answer.trim().toLowerCase();
    const matching = choices.filter((choice) => text !== "" && choice.startsWith(text));
    if (matching.length === 1) return matching[0];
  }
}

/** One line of input; undefined when the input ends or the person presses Ctrl-C. */
export async function line(question: string, hidden = false): Promise<string | undefined> {
  const output = hidden ? new Writable({ write: (_chunk, _encoding, done) => done() }) : process.stdout;
  if (hidden) process.stdout.write(question);
  const terminal = createInterface({ input: process.stdin, output, terminal: process.stdin.isTTY === true });
  try {
    return await new Promise<string | undefined>((resolve, reject) => {
      terminal.once("close", () => resolve(undefined));
      terminal.question(hidden ? "" : question).then(resolve, reject);
    });
  } finally {
    terminal.close();
    if (hidden) process.stdout.write("\n");
  }
}
