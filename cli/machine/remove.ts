import { createInterface } from "node:readline/promises";
import { UserError } from "../../host/userError";
import { readSpec } from "../../machine/readSpec";
import { isLeft, removeByName, removeBySpec } from "../../machine/remove";
import { each, machinesNamed } from "./each";
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
      "say -y to remove without asking, -f to mind no name that is not there",
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Remove ${names.join(", ")} with all data on it? [y/N] `);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new UserError("nothing was removed");
}

/** With `force` it minds neither names that there are not nor existing hosts that do not answer. */
export async function removeNamed(names: readonly string[], force: boolean, sure: boolean): Promise<void> {
  if (!force) machinesNamed(names);
  const known = names.filter(isLeft);
  if (known.length === 0) return;
  if (!force && !sure) await confirm(known);
  await each(known, (name) => removeByName(name, progressOn(name), force));
}
