/** `stack ls|select|init|rm|rename|output|history|graph|export|import` and `cancel`. */
import { readFileSync, writeFileSync } from "node:fs";
import { text as readAll } from "node:stream/consumers";
import { z } from "zod";
import * as engine from "../engine/index";
import { onUserFile } from "../host/fileRefusal";
import { shellWord } from "../host/shellWord";
import { UserError } from "../host/userError";
import { writePrivate } from "../host/writePrivate";
import { choose, line } from "./ask";
import { configJson, copyAll } from "./configCommands";
import { duration } from "./display/words";
import { NoSuchStack, StackNotFound } from "./fail";
import { type Flags, interactive } from "./flags";
import { openSession } from "./session";
import { chooseStack, ownStack } from "./stackChoice";
import { table } from "./table";
import { checkSecretsProvider } from "./unsupported";

const print = (text: string): void => void process.stdout.write(text);

export async function list(flags: Flags): Promise<number> {
  const session = openSession(flags);
  const stacks = await engine.listStacks(session);
  const current = await engine.currentStack(session);
  const project = await engine.projectName(session);
  const full = (name: string): string => (flags.fullyQualifyStackNames ? qualified(project, name) : name);
  if (flags.json) {
    print(
      `${JSON.stringify(
        stacks.map(({ name, lastUpdate, resourceCount }) => ({
          name: full(name),
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
        name === current ? `${full(name)}*` : full(name),
        lastUpdate ? ago(lastUpdate) : "n/a",
        String(resourceCount),
      ]),
    ]),
  );
  return 0;
}

export function ago(time: Date): string {
  const seconds = Math.floor((Date.now() - time.getTime()) / 1000);
  const minutes = Math.floor(seconds / 60);
  const unit = (count: number, name: string): string => `${count} ${name}${count === 1 ? "" : "s"} ago`;
  if (seconds < 1) return "now";
  if (minutes < 1) return unit(seconds, "second");
  if (minutes < 60) return unit(minutes, "minute");
  if (minutes < 48 * 60) return unit(Math.floor(minutes / 60), "hour");
  return unit(Math.floor(minutes / 1440), "day");
}

export const qualified = (project: string, stack: string): string => `organization/${project}/${stack}`;

export async function history(flags: Flags): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  const { page = 1, pageSize = 10 } = flags;
  const all = await engine.stackHistory({ ...session, stack });
  const entries = all.slice((page - 1) * pageSize, page * pageSize);
  if (flags.json) print(`${JSON.stringify(entries.map(historyJson), undefined, 2)}\n`);
  else if (entries.length > 0) print(entries.map((entry) => historyText(entry, flags)).join(""));
  else print(page > 1 ? `No stack updates found on page '${page}'\n` : "Stack has never been updated\n");
  return 0;
}

/** As `pulumi stack history` (pkg/cmd/pulumi/stack/stack_history.go). */
function historyText(entry: engine.HistoryEntry, flags: Flags): string {
  const changes = (op: string): number => entry.resourceChanges?.[op] ?? 0;
  const started = new Date(entry.startTime * 1000);
  return [
    `Version: ${entry.version}`,
    `UpdateKind: ${entry.kind}`,
    `Status: ${entry.result}`,
    `Message: ${entry.message}`,
    `+${changes("create")}-${changes("delete")}~${changes("update")} ${changes("same")} ` +
      `Updated ${flags.fullDates ? started.toISOString() : ago(started)} took ${duration((entry.endTime - entry.startTime) * 1000)}`,
    ...Object.entries(entry.environment)
      .filter(([, value]) => value.trim() !== "")
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `    ${name}: ${value}`),
    "\n",
  ].join("\n");
}

function historyJson(entry: engine.HistoryEntry): object {
  const time = (seconds: number): string => new Date(seconds * 1000).toISOString();
  return {
    ...entry,
    startTime: time(entry.startTime),
    endTime: time(entry.endTime),
    config: Object.fromEntries(
      Object.entries(entry.config).map(([key, value]) => [key, recordedJson(value)]),
    ),
  };
}

/** A configuration value of the history; secrets are left out. */
function recordedJson(value: unknown): object {
  const old = oldRecorded.safeParse(value);
  if (old.success) return configJson(old.data.secret ? undefined : old.data.string, old.data.secret);
  if (engine.holdsSecure(value)) return configJson(undefined, true);
  return configJson(typeof value === "string" ? value : JSON.stringify(value), false);
}

/** What earlier versions of this engine wrote. */
const oldRecorded = z.strictObject({ string: z.string(), secret: z.boolean(), object: z.boolean() });

export async function renameStack(flags: Flags, to: string): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  const name = await ownStack(session, to);
  await engine.renameStack({ ...session, stack, name });
  print(`Renamed ${stack} to ${name}\n`);
  return 0;
}

export async function graph(flags: Flags, file?: string): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  const text = await engine.stackGraph({ ...session, stack });
  if (file === undefined || file === "-") print(text);
  else onUserFile(`cannot write ${file}`, () => writeFileSync(file, text));
  return 0;
}

export async function select(flags: Flags, name?: string): Promise<number> {
  const session = openSession(flags);
  const names = (await engine.listStacks(session)).map((stack) => stack.name);
  const given =
    name ??
    flags.stack ??
    (interactive(flags) && names.length > 0 ? await choose("Stack?", names) : undefined);
  if (given === undefined)
    throw new StackNotFound("no stack named", undefined, "vmcluster stack select <name>");
  const wanted = await ownStack(session, given);
  if (!names.includes(wanted)) {
    if (!flags.create) throw new NoSuchStack(wanted, names);
    checkSecretsProvider(flags);
    await engine.initStack({ ...session, stack: wanted });
    print(`Created stack '${wanted}'\n`);
  }
  await engine.selectStack({ ...session, stack: wanted });
  return 0;
}

export async function unselect(flags: Flags): Promise<number> {
  if (await engine.unselectStack(openSession(flags))) print("Stack was unselected\n");
  return 0;
}

export async function init(flags: Flags, name?: string): Promise<number> {
  const session = openSession(flags);
  const given =
    name ??
    flags.stack ??
    (interactive(flags) ? (await line("Stack name: (dev) "))?.trim() || "dev" : undefined);
  if (given === undefined) throw new UserError("no stack named", undefined, "vmcluster stack init <name>");
  const wanted = await ownStack(session, given);
  checkSecretsProvider(flags);
  const { copyConfigFrom } = flags;
  const from = copyConfigFrom && (await chooseStack(session, { ...flags, stack: copyConfigFrom }, "refuse"));
  await engine.initStack({ ...session, stack: wanted });
  if (from) await copyAll(session, from, wanted);
  if (flags.select !== false) await engine.selectStack({ ...session, stack: wanted });
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
  await engine.removeStack({
    ...session,
    stack,
    force: flags.force === true,
    preserveConfig: flags.preserveConfig,
  });
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
  else if (flags.shell) {
    for (const [key, value] of Object.entries(outputs)) print(`${key}=${shellWord(plain(value))}\n`);
  } else print(outputTable(outputs));
  return 0;
}

export function outputTable(outputs: Readonly<Record<string, unknown>>): string {
  const rows = Object.entries(outputs).map(([key, value]) => [`    ${key}`, plain(value)]);
  const head = `Current stack outputs (${rows.length}):\n`;
  return (
    head +
    (rows.length === 0
      ? "    No output values currently in this stack\n"
      : table([["    OUTPUT", "VALUE"], ...rows]))
  );
}

const plain = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

export async function exportState(flags: Flags): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  const state = await engine.exportStack({ ...session, stack, showSecrets: flags.showSecrets === true });
  const text = `${JSON.stringify(state, undefined, 4)}\n`;
  const { file } = flags;
  if (file === undefined) print(text);
  else onUserFile(`cannot write ${file}`, () => writePrivate(file, text));
  return 0;
}

export async function importState(flags: Flags): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "create");
  const { file } = flags;
  const text =
    file === undefined
      ? await readAll(process.stdin)
      : onUserFile(`cannot read ${file}`, () => readFileSync(file, "utf8"));
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch (error) {
    throw new UserError(
      `${file ?? "standard input"} is not JSON`,
      (error as Error).message,
      "give it what `stack export` printed",
    );
  }
  await engine.importStack({ ...session, stack, state, force: flags.force });
  print("Import complete.\n");
  return 0;
}

export async function cancel(flags: Flags, name?: string): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, name ? { ...flags, stack: name } : flags, "refuse");
  // Where nobody can be asked, it goes ahead, as the Pulumi CLI does.
  if (!flags.yes && interactive(flags)) {
    const question = `This removes the lock of stack '${stack}'. If its operation is still running, the state may be damaged. Go on?`;
    if ((await choose(question, ["yes", "no"])) !== "yes") return 1;
  }
  await engine.cancel({ ...session, stack });
  print(`The currently running update for '${stack}' has been canceled!\n`);
  return 0;
}
