import { spawnSync } from "node:child_process";
import { join } from "node:path";

export interface Parsed {
  readonly stdout: string;
  /** What commander or a thrown error says; empty if all went well. */
  readonly error: string;
}

/** Results of `machine …` calls of the compiled command, all in one process with this one's environment. */
export function machineCalls(calls: readonly (readonly string[])[]): Parsed[] {
  const script = join(__dirname, "inProcess.cjs");
  const compiled = join(__dirname, "../../../dist/cli/machine/index.js");
  const ran = spawnSync(process.execPath, [script, compiled], {
    input: JSON.stringify(calls),
    encoding: "utf8",
    // jest gives tests an environment of their own, which children do not get by themselves.
    env: process.env,
  });
  if (ran.status !== 0) throw new Error(`the calls ended with ${ran.status}\n${ran.stderr}`);
  return JSON.parse(ran.stdout) as Parsed[];
}

export function machine(...args: string[]): Parsed {
  const [parsed] = machineCalls([args]);
  if (parsed === undefined) throw new Error("no result");
  return parsed;
}
