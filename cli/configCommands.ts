/** `config set|set-all|get|rm|rm-all|cp|ls`. */
import { text as readAll } from "node:stream/consumers";
import { z } from "zod";
import * as engine from "../engine/index";
import { UserError } from "../host/userError";
import { line } from "./ask";
import { type Flags, interactive } from "./flags";
import { openSession, type Session } from "./session";
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
    type: flags.type,
  });
  return 0;
}

/** Options of `config set-all`, which are switches elsewhere. */
export interface ConfigValues {
  readonly plaintext?: readonly string[];
  readonly secret?: readonly string[];
  readonly json?: string;
}

/** Values given as `--plaintext key=value` and `--secret key=value`, or as `config --json` prints them. */
export async function setAll(flags: Flags, given: ConfigValues): Promise<number> {
  const { plaintext = [], secret = [], json } = given;
  if (json !== undefined && plaintext.length + secret.length > 0)
    throw new UserError("the --json option cannot be used with the --plaintext, --secret or --path options");
  const pairs = [
    ...plaintext.map((text) => ({ ...pairOf(text), secret: false })),
    ...secret.map((text) => ({ ...pairOf(text), secret: true })),
    ...(json === undefined ? [] : pairsOfJson(json)),
  ];
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "create");
  for (const pair of pairs) await engine.setConfig({ ...session, stack, ...pair, path: flags.path });
  return 0;
}

export function pairOf(text: string): { readonly key: string; readonly value: string } {
  const split = text.indexOf("=");
  if (split <= 0) throw new UserError("config value must be in the form [key]=[value]");
  return { key: text.slice(0, split), value: text.slice(split + 1) };
}

const configList = z.record(
  z.string(),
  z.object({ value: z.string().optional(), secret: z.boolean().default(false) }),
);

function pairsOfJson(text: string): { key: string; value: string; secret: boolean }[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UserError(`could not parse --json argument: ${(error as Error).message}`);
  }
  const parsed = configList.safeParse(json);
  if (!parsed.success)
    throw new UserError(`could not parse --json argument: ${z.prettifyError(parsed.error)}`);
  return Object.entries(parsed.data).map(([key, { value, secret }]) => {
    if (value === undefined) throw new UserError(`the value of ${key} is not given`);
    return { key, value, secret };
  });
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
  const json = (): string => JSON.stringify(configJson(found.value, found.secret), undefined, 2);
  process.stdout.write(`${flags.json ? json() : found.value}\n`);
  return 0;
}

/** What is not set is not missed. */
export async function remove(flags: Flags, ...keys: string[]): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  for (const key of keys) await engine.removeConfig({ ...session, stack, key, path: flags.path });
  return 0;
}

/** All values, or one, to another stack; secrets are encrypted for that one. */
export async function copy(flags: Flags, key?: string): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  if (flags.dest === undefined) throw new UserError("no stack to copy to", undefined, "--dest <stack>");
  const to = await chooseStack(session, { ...flags, stack: flags.dest }, "refuse");
  if (to === stack) throw new UserError("the current stack and the destination stack are the same");
  if (key === undefined) {
    await copyAll(session, stack, to);
    return 0;
  }
  const { fullKey, value, secret } = await engine.getConfig({ ...session, stack, key, path: flags.path });
  const place = flags.path ? { key, path: true } : { key: fullKey, structured: true };
  await engine.setConfig({ ...session, stack: to, value, secret, ...place });
  return 0;
}

/** The configuration of one stack to another one; secrets are encrypted for that one. */
export async function copyAll(session: Session, from: string, to: string): Promise<void> {
  const entries = await engine.listConfig({ ...session, stack: from, showSecrets: true });
  for (const { fullKey, value, secret } of entries)
    await engine.setConfig({ ...session, stack: to, key: fullKey, value, secret, structured: true });
}

/** As `pulumi config --json`; a value that is not to be shown is left out. */
export function configJson(value: string | undefined, secret: boolean): object {
  if (value === undefined) return { secret };
  const object = objectOf(value);
  return { value, ...(object === undefined ? {} : { objectValue: object }), secret };
}

function objectOf(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

export async function list(flags: Flags): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  const entries = await engine.listConfig({ ...session, stack, showSecrets: flags.showSecrets === true });
  if (flags.json) {
    const values = Object.fromEntries(
      entries.map(({ fullKey, value, secret }) => [
        fullKey,
        configJson(secret && !flags.showSecrets ? undefined : value, secret),
      ]),
    );
    process.stdout.write(`${JSON.stringify(values, undefined, 2)}\n`);
  } else process.stdout.write(table([["KEY", "VALUE"], ...entries.map(({ key, value }) => [key, value])]));
  return 0;
}
