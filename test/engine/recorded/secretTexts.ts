/** Whether a text that a scenario marks secret is kept in plain text, by whatever SDK its programs run with. */
import type { Run, Scenario } from "./scenario";

/** Texts that the programs, things and configuration of the scenario mark secret, as they are in its run `index`. */
export function secretTexts({ runs, reveals = [] }: Scenario, index: number): Set<string> {
  const texts = new Set<string>();
  const mark = (value: unknown, secret: boolean): void => {
    if (secret && typeof value === "string") texts.add(value);
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) mark(inner, secret || key === "$secret");
  };
  const { things, config, program } = Object.assign({}, ...runs.slice(0, index + 1)) as Run;
  mark([things, config], false);
  for (const [, , text] of program?.matchAll(/\bsecret\((?:new [\w.]+\()?(["'`])(.*?)\1/g) ?? [])
    if (text !== undefined) texts.add(text);
  for (const text of reveals) texts.delete(text);
  return texts;
}

/** Those of `secrets` that a state file has outside of what is encrypted: as a whole text, long ones as a part of one too. */
export function foundIn(stateFile: string, secrets: ReadonlySet<string>): string[] {
  const found = new Set<string>();
  const look = (text: string): void => {
    for (const secret of secrets)
      if (text === secret || (secret.length > 3 && text.includes(secret))) found.add(secret);
  };
  const walk = (value: unknown): void => {
    if (typeof value === "string") look(value);
    if (typeof value !== "object" || value === null || "ciphertext" in value) return;
    for (const inner of Object.values(value)) walk(inner);
  };
  walk(JSON.parse(stateFile));
  return [...found];
}
