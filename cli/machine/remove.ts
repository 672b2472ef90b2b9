import { createInterface } from "node:readline/promises";
import { UserError } from "../../host/userError";
import { machineNamed } from "../../machine/power";
import { readSpec } from "../../machine/readSpec";
import { removeByName, removeBySpec } from "../../machine/remove";
import { readMachine } from "../../machine/store";
import { progressOn } from "./io";

/** Pulumi's delete. */
export async function removeFromJson(stdin: string): Promise<void> {
  const spec = readSpec(stdin);
  await removeBySpec(spec, progressOn(spec.name));
}

async function confirm(names: readonly string[]): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new UserError(
      "machine rm asks before it removes",
      "standard input is no terminal",
      "say -f to remove without asking",
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Remove ${names.join(", ")} with all data on it? [y/N] `);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new UserError("nothing was removed");
}

export async function removeNamed(names: readonly string[], force: boolean): Promise<void> {
  const known = names.filter((name) => !force || readMachine(name) !== undefined);
  for (const name of known) machineNamed(name);
  if (known.length === 0) return;
  if (!force) await confirm(known);
  await Promise.all(known.map((name) => removeByName(name, progressOn(name))));
}
