/** `config set|get|rm|ls`. */
import { text as readAll } from "node:stream/consumers";
import * as engine from "../engine/index";
import { UserError } from "../host/userError";
import { line } from "./ask";
import { type Flags, interactive } from "./flags";
import { openSession } from "./session";
import { chooseStack } from "./stackChoice";
import { table } from "./table";

export async function set(flags: Flags, key: string, value?: string): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "create");
  const given = value ?? (await ask(flags));
  await engine.setConfig({
    ...session,
    stack,
    key,
    value: given,
    secret: flags.secret === true,
    path: flags.path,
  });
  return 0;
}

/** Secrets are better not put on a command line: they are asked for without showing them, or read from a pipe. */
async function ask(flags: Flags): Promise<string> {
  if (!interactive(flags)) return (await readAll(process.stdin)).replace(/\r?\n$/, "");
  const typed = await line("value: ", flags.secret === true);
  if (typed === undefined) throw new UserError("no value given");
  return typed;
}

export async function get(flags: Flags, key: string): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  const found = await engine.getConfig({ ...session, stack, key, path: flags.path });
  process.stdout.write(flags.json ? `${JSON.stringify(found, undefined, 2)}\n` : `${found.value}\n`);
  return 0;
}

export async function remove(flags: Flags, key: string): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  await engine.removeConfig({ ...session, stack, key, path: flags.path });
  return 0;
}

export async function list(flags: Flags): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  const entries = await engine.listConfig({ ...session, stack, showSecrets: flags.showSecrets === true });
  if (flags.json) {
    const values = Object.fromEntries(entries.map(({ key, value, secret }) => [key, { value, secret }]));
    process.stdout.write(`${JSON.stringify(values, undefined, 2)}\n`);
  } else process.stdout.write(table([["KEY", "VALUE"], ...entries.map(({ key, value }) => [key, value])]));
  return 0;
}
