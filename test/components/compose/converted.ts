/** Compose files, written to a folder of the test's own, and what is made of them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Converted, convert } from "../../../components/compose/convert";
import { type LoadOptions, load } from "../../../components/compose/load";

export const folder = mkdtempSync(join(tmpdir(), "vmcluster-steps-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes files, and reads the first of them, or those that are named. */
export function read(files: Record<string, string>, options: Partial<LoadOptions> = {}): Converted {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const names = options.files ?? [Object.keys(files)[0] as string];
  return convert(load({ ...options, files: names.map((name) => join(folder, name)) }), "shop");
}

export const service = (text: string, rest = ""): Converted =>
  read({ "one.yml": `services:\n  web:\n    image: web:1\n${text.replace(/^/gm, "    ")}\n${rest}` });

export const args = (text: string, rest = "") => service(text, rest).plan.services.web?.args;
