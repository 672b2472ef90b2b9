import { createInterface } from "node:readline/promises";
import { UserError } from "../../host/userError";
import { ownerOf } from "../../machine/owner";
import { readSpec } from "../../machine/readSpec";
import { isLeft, removeByName, removeBySpec } from "../../machine/remove";
import { readMachine } from "../../machine/store";
import { each, machinesNamed } from "./each";
import { progressOn } from "./io";

/** Pulumi's delete. */
export async function removeFromJson(stdin: string): Promise<void> {
  const spec = readSpec(stdin);
  await removeBySpec(spec, progressOn(spec.name));
}

/** `myvm1 (cluster "myvm"; it belongs to the stack …)`; of a damaged record the name alone. */
function described(name: string): string {
  try {
    const machine = readMachine(name);
    return machine === undefined ? name : `${name} (cluster "${machine.spec.cluster}"; ${ownerOf(machine)})`;
  } catch {
    return name;
  }
}

async function confirm(names: readonly string[]): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new UserError(
      "machine rm asks before it removes",
      `standard input is no terminal. It would remove, with all data: ${names.map(described).join(", ")}`,
      "-y removes without asking; -f does too, and skips names that do not exist",
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(
    `Remove ${names.map(described).join(", ")} with all data on it? [y/N] `,
  );
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
