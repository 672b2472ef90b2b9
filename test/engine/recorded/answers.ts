/**
 * Answers of the Pulumi CLI, a file for each theme, a line for each step, call and resource. RECORD=1 records them anew,
 * RECORD=new only those that there are not yet.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { version as sdk } from "@pulumi/pulumi/version";
import type { Observation } from "./observe";

interface Recorded {
  versions: Readonly<Record<string, string>>;
  scenarios: Record<string, readonly Observation[]>;
}

export const recording = process.env.RECORD;

export class Answers {
  private readonly file: string;
  private readonly recorded: Recorded;

  constructor(theme: string) {
    this.file = join(__dirname, "answers", `${theme}.json`);
    this.recorded = existsSync(this.file)
      ? (JSON.parse(readFileSync(this.file, "utf8")) as Recorded)
      : { versions: {}, scenarios: {} };
  }

  get(name: string): readonly Observation[] | undefined {
    return this.recorded.scenarios[name];
  }

  set(name: string, seen: readonly Observation[]): void {
    const { stdout } = spawnSync("pulumi", ["version"], { encoding: "utf8" });
    this.recorded.versions = { pulumi: stdout.trim(), sdk };
    this.recorded.scenarios[name] = seen;
    mkdirSync(join(__dirname, "answers"), { recursive: true });
    writeFileSync(this.file, `${pretty(this.recorded, 4)}\n`);
  }

  /** Forgets scenarios that there are no more. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const name of Object.keys(this.recorded.scenarios))
      if (!names.has(name)) delete this.recorded.scenarios[name];
  }
}

/** JSON with a line for each part down to `depth`. */
function pretty(value: unknown, depth: number, indent = ""): string {
  if (depth < 0 || value === null || typeof value !== "object") return JSON.stringify(value);
  const list = Array.isArray(value);
  const parts = Object.entries(value).map(
    ([key, inner]) =>
      `${indent} ${list ? "" : `${JSON.stringify(key)}: `}${pretty(inner, depth - 1, `${indent} `)}`,
  );
  const [open, close] = list ? "[]" : "{}";
  return parts.length === 0 ? `${open}${close}` : `${open}\n${parts.join(",\n")}\n${indent}${close}`;
}
