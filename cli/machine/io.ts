import type { z } from "zod";
import { UserError } from "../../host/userError";
import type { Progress } from "../../machine/progress";

/** A result: one line on standard output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Progress of one machine: lines on standard error. */
export function progressOn(name: string): Progress {
  return (line) => process.stderr.write(`${name}: ${line}\n`);
}

/**
 * All of standard input.
 *
 * @param instead what a person wants to type who called the command without names
 * @throws UserError if it is a terminal, as nobody types a spec there, or empty
 */
export async function readStdin(instead?: string): Promise<string> {
  const refuse = (why: string): never => {
    throw new UserError("this command reads JSON from standard input", why, instead);
  };
  if (process.stdin.isTTY) refuse("standard input is a terminal");
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  const text = Buffer.concat(chunks).toString();
  return text.trim() === "" ? refuse("standard input is empty") : text;
}

/** The condition that the program saw, which is recorded when it is repaired (docs/internals.md). */
export const conditionGiven = (): string | undefined => process.env.VMCLUSTER_CONDITION || undefined;

/** What a program asks for on standard input. */
export async function question<T>(schema: z.ZodType<T>): Promise<T> {
  return schema.parse(JSON.parse(await readStdin()));
}

/** What the last call of the same resource printed, as @pulumi/command gives it. */
export function printedBefore<T>(schema: z.ZodType<T>): T | undefined {
  const text = process.env.PULUMI_COMMAND_STDOUT;
  return text ? schema.parse(JSON.parse(text)) : undefined;
}
