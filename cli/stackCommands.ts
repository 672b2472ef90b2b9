/** `stack ls|select|init|rm|output|history|graph|export|import` and `cancel`. */
import { readFileSync, writeFileSync } from "node:fs";
import { text as readAll } from "node:stream/consumers";
import * as engine from "../engine/index";
import { UserError } from "../host/userError";
import { choose, line } from "./ask";
import { seconds } from "./display/words";
import { NoSuchStack } from "./fail";
import { type Flags, interactive } from "./flags";
import { openSession } from "./session";
import { chooseStack } from "./stackChoice";
import { table } from "./table";

const print = (text: string): void => void process.stdout.write(text);

export async function list(flags: Flags): Promise<number> {
  const session = openSession(flags);
  const stacks = await engine.listStacks(session);
  const current = await engine.currentStack(session);
  if (flags.json) {
    print(
      `${JSON.stringify(
        stacks.map(({ name, lastUpdate, resourceCount }) => ({
          name,
          current: name === current,
          ...(lastUpdate ? { lastUpdate: lastUpdate.toISOString() } : {}),
          resourceCount,
        })),
        undefined,
        2,
      )}\n`,
    );
    return 0;
  }
  if (stacks.length === 0) {
    print("This project has no stack yet: vmcluster up makes one.\n");
    return 0;
  }
  print(
    table([
      ["NAME", "LAST UPDATE", "RESOURCE COUNT"],
      ...stacks.map(({ name, lastUpdate, resourceCount }) => [
        name === current ? `${name}*` : name,
        lastUpdate ? ago(lastUpdate) : "n/a",
        String(resourceCount),
      ]),
    ]),
  );
  return 0;
}

function ago(time: Date): string {
  const minutes = Math.floor((Date.now() - time.getTime()) / 60_000);
  const unit = (count: number, name: string): string => `${count} ${name}${count === 1 ? "" : "s"} ago`;
  if (minutes < 1) return "just now";
  if (minutes < 60) return unit(minutes, "minute");
  if (minutes < 48 * 60) return unit(Math.floor(minutes / 60), "hour");
  return unit(Math.floor(minutes / 1440), "day");
}

export async function history(flags: Flags): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  const entries = await engine.stackHistory({ ...session, stack });
  if (flags.json) print(`${JSON.stringify(entries, undefined, 2)}\n`);
  else if (entries.length === 0) print("Stack has never been updated\n");
  else {
    const rows = entries.map((entry) => [
      entry.kind,
      entry.result,
      ago(new Date(entry.startTime * 1000)),
      seconds((entry.endTime - entry.startTime) * 1000),
      Object.entries(entry.resourceChanges ?? {})
        .map(([op, count]) => `${op} ${count}`)
        .join(", "),
      entry.message,
    ]);
    print(table([["KIND", "RESULT", "STARTED", "TOOK", "RESOURCES", "MESSAGE"], ...rows]));
  }
  return 0;
}

export async function graph(flags: Flags, file?: string): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  const text = await engine.stackGraph({ ...session, stack });
  if (file === undefined || file === "-") print(text);
  else writeFileSync(file, text);
  return 0;
}

export async function select(flags: Flags, name?: string): Promise<number> {
  const session = openSession(flags);
  const names = (await engine.listStacks(session)).map((stack) => stack.name);
  const wanted =
    name ??
    flags.stack ??
    (interactive(flags) && names.length > 0 ? await choose("Stack?", names) : undefined);
  if (wanted === undefined) throw new UserError("no stack named", undefined, "vmcluster stack select <name>");
  if (!names.includes(wanted)) {
    if (!flags.create) throw new NoSuchStack(wanted, names);
    await engine.initStack({ ...session, stack: wanted });
    print(`Created stack '${wanted}'\n`);
  }
  await engine.selectStack({ ...session, stack: wanted });
  return 0;
}

export async function init(flags: Flags, name?: string): Promise<number> {
  const session = openSession(flags);
  const wanted =
    name ??
    flags.stack ??
    (interactive(flags) ? (await line("Stack name: (dev) "))?.trim() || "dev" : undefined);
  if (wanted === undefined) throw new UserError("no stack named", undefined, "vmcluster stack init <name>");
  await engine.initStack({ ...session, stack: wanted });
  await engine.selectStack({ ...session, stack: wanted });
  print(`Created stack '${wanted}'\n`);
  return 0;
}

export async function remove(flags: Flags, name?: string): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, name ? { ...flags, stack: name } : flags, "refuse");
  if (!flags.yes) {
    if (!interactive(flags)) {
      throw new UserError("--yes must be passed in to remove a stack when running in non-interactive mode");
    }
    print(`This will permanently remove the '${stack}' stack!\n`);
    const typed = await line(`Please confirm that this is what you'd like to do by typing \`${stack}\`: `);
    if (typed?.trim() !== stack) throw new UserError("confirmation declined, the stack is kept");
  }
  await engine.removeStack({ ...session, stack, force: flags.force === true });
  print(`Stack '${stack}' has been removed!\n`);
  return 0;
}

export async function output(flags: Flags, name?: string): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  const outputs = await engine.stackOutputs({ ...session, stack, showSecrets: flags.showSecrets === true });
  if (name !== undefined) {
    if (!Object.hasOwn(outputs, name)) {
      throw new UserError(
        `current stack does not have output property '${name}'`,
        `it has: ${Object.keys(outputs).join(", ") || "none; run vmcluster up first"}`,
      );
    }
    const value = outputs[name];
    print(`${flags.json ? JSON.stringify(value, undefined, 2) : plain(value)}\n`);
  } else if (flags.json) print(`${JSON.stringify(outputs, undefined, 2)}\n`);
  else if (Object.keys(outputs).length === 0) print("No output values currently in this stack\n");
  else {
    print(`Current stack outputs (${Object.keys(outputs).length}):\n`);
    print(
      table([
        ["    OUTPUT", "VALUE"],
        ...Object.entries(outputs).map(([key, value]) => [`    ${key}`, plain(value)]),
      ]),
    );
  }
  return 0;
}

const plain = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

export async function exportState(flags: Flags): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  const state = await engine.exportStack({ ...session, stack, showSecrets: flags.showSecrets === true });
  const text = `${JSON.stringify(state, undefined, 4)}\n`;
  if (flags.file === undefined) print(text);
  else writeFileSync(flags.file, text, { mode: 0o600 });
  return 0;
}

export async function importState(flags: Flags): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "create");
  const text = flags.file === undefined ? await readAll(process.stdin) : readFile(flags.file);
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch (error) {
    throw new UserError(
      `${flags.file ?? "standard input"} is not JSON`,
      (error as Error).message,
      "give it what `stack export` printed",
    );
  }
  await engine.importStack({ ...session, stack, state });
  print("Import complete.\n");
  return 0;
}

function readFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`cannot read ${file}`, (error as Error).message);
  }
}

export async function cancel(flags: Flags): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  if (!flags.yes) {
    if (!interactive(flags))
      throw new UserError("--yes must be passed in to cancel when running in non-interactive mode");
    const question = `This removes the lock of stack '${stack}'. If its operation is still running, the state may be damaged. Go on?`;
    if ((await choose(question, ["yes", "no"])) !== "yes") return 1;
  }
  await engine.cancel({ ...session, stack });
  print(`The currently running update for '${stack}' has been canceled!\n`);
  return 0;
}
