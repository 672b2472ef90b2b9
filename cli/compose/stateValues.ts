/** Values in an exported state, with what was a secret still marked. */

const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** A text that is a secret. */
export class Hidden {
  constructor(readonly text: string) {}
}

export type Value = string | number | boolean | null | Hidden | Value[] | { [key: string]: Value };

/** From the JSON of a state that was exported with its secrets. */
export function revealed(value: unknown, hidden = false): Value {
  if (typeof value === "string") return hidden ? new Hidden(value) : value;
  if (Array.isArray(value)) return value.map((item) => revealed(item, hidden));
  if (typeof value !== "object" || value === null) return (value ?? null) as Value;
  const fields = value as Record<string, unknown>;
  if (fields[signature] === secretSignature && typeof fields.plaintext === "string")
    return revealed(JSON.parse(fields.plaintext), true);
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([key]) => key !== "__defaults")
      .map(([key, one]) => [key, revealed(one, hidden)]),
  );
}

export const fields = (value: Value | undefined): Record<string, Value> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Hidden)
    ? value
    : {};

export const items = (value: Value | undefined): Value[] => (Array.isArray(value) ? value : []);

/** Also of a secret: for what is none by itself, such as a name. */
export const text = (value: Value | undefined): string | undefined =>
  value instanceof Hidden ? value.text : typeof value === "string" ? value : undefined;

export const number = (value: Value | undefined): number | undefined =>
  typeof value === "number" ? value : undefined;

export const flag = (value: Value | undefined): boolean | undefined =>
  typeof value === "boolean" ? value : undefined;

export const texts = (value: Value | undefined): string[] | undefined =>
  Array.isArray(value) ? value.map((item) => text(item) ?? "") : undefined;
