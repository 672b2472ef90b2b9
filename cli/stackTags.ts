/** `stack tag ls|get|set|rm`. */
import * as engine from "../engine/index";
import { UserError } from "../host/userError";
import type { Flags } from "./flags";
import { openSession } from "./session";
import { chooseStack } from "./stackChoice";
import { table } from "./table";

async function opened(flags: Flags): Promise<engine.ProjectOptions & { readonly stack: string }> {
  const session = openSession(flags);
  return { ...session, stack: await chooseStack(session, flags, "refuse") };
}

export async function list(flags: Flags): Promise<number> {
  const tags = await engine.stackTags(await opened(flags));
  process.stdout.write(
    flags.json
      ? `${JSON.stringify(tags, undefined, 2)}\n`
      : table([["NAME", "VALUE"], ...Object.entries(tags)]),
  );
  return 0;
}

export async function get(flags: Flags, name: string): Promise<number> {
  const options = await opened(flags);
  const tags = await engine.stackTags(options);
  if (!Object.hasOwn(tags, name))
    throw new UserError(`stack tag '${name}' not found for stack '${options.stack}'`);
  process.stdout.write(`${tags[name]}\n`);
  return 0;
}

export async function set(flags: Flags, name: string, value: string): Promise<number> {
  await engine.setStackTag({ ...(await opened(flags)), name, value });
  return 0;
}

export async function remove(flags: Flags, name: string): Promise<number> {
  await engine.removeStackTag({ ...(await opened(flags)), name });
  return 0;
}
