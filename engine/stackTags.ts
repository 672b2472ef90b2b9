/** Tags of a stack: names and texts beside its state, in the file that the Pulumi CLI's file backend keeps them in. */
import { z } from "zod";
import { UserError } from "../host/userError";
import { Backend } from "./backend";
import { loadProject } from "./project";
import type { ProjectOptions } from "./stacks";

export type StackTags = Readonly<Record<string, string>>;

const tagsFile = z.object({ version: z.literal(1), tags: z.record(z.string(), z.string()).nullish() });

interface Tagged extends ProjectOptions {
  readonly stack: string;
}

/** Sorted by name. */
export async function stackTags(options: Tagged): Promise<StackTags> {
  const project = await loadProject(options.projectDir, options.configFile);
  const kept = await new Backend(options.backendDir).readTags(project.name, options.stack);
  if (kept === undefined) return {};
  const parsed = tagsFile.safeParse(json(kept.text));
  if (!parsed.success)
    throw new UserError(`${kept.path} is not a file of tags`, z.prettifyError(parsed.error));
  return sorted(parsed.data.tags ?? {});
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const sorted = (tags: StackTags): StackTags =>
  Object.fromEntries(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)));

export async function setStackTag(
  options: Tagged & { readonly name: string; readonly value: string },
): Promise<void> {
  await write(options, { ...(await stackTags(options)), [options.name]: options.value });
}

/** One that is not there is not missed. */
export async function removeStackTag(options: Tagged & { readonly name: string }): Promise<void> {
  const { [options.name]: _, ...others } = await stackTags(options);
  await write(options, others);
}

async function write(options: Tagged, tags: StackTags): Promise<void> {
  const project = await loadProject(options.projectDir, options.configFile);
  const text = JSON.stringify({ version: 1, tags: sorted(tags) });
  await new Backend(options.backendDir).writeTags(project.name, options.stack, text);
}
