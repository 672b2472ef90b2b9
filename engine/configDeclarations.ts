/**
 * The configuration that Pulumi.yaml declares: types, defaults, secrets. A declaration is checked as the project is read,
 * a stack's values before its program runs. Specified by sdk/go/common/workspace (Project.Validate, ValidateConfigValue).
 */
import { z } from "zod";
import { UserError } from "../host/userError";

interface Items {
  readonly type?: ConfigDeclaration["type"];
  readonly items?: Items | undefined;
}

const typeName = z.enum(["string", "boolean", "integer", "array", "object"]);
const items: z.ZodType<Items> = z.strictObject({
  type: typeName,
  get items() {
    return items.optional();
  },
});

const declaration = z.strictObject({
  type: typeName.optional(),
  description: z.string().optional(),
  items: items.optional(),
  default: z.unknown().optional(),
  value: z.unknown().optional(),
  secret: z.boolean().optional(),
});

/** A key that the project declares, with its type and default. */
export interface ConfigDeclaration {
  readonly type?: z.infer<typeof typeName> | undefined;
  readonly description?: string | undefined;
  readonly items?: Items | undefined;
  readonly default?: unknown;
  readonly value?: unknown;
  readonly secret?: boolean | undefined;
}

/** By full key, sorted. Throws UserError naming the key. */
export function declarations(
  file: string,
  project: string,
  config: Readonly<Record<string, unknown>>,
): Map<string, ConfigDeclaration> {
  const result = new Map<string, ConfigDeclaration>();
  for (const key of Object.keys(config).sort()) {
    const full = key.includes(":") ? key : `${project}:${key}`;
    const declared = config[key];
    const wrong = (what: string): UserError => new UserError(`${file}: config ${key} ${what}`);
    if (declared === null) throw wrong("is empty: give it a value, or a type");
    // A plain value declares a default, and for another package's namespace a fixed value.
    if (typeof declared !== "object" || Array.isArray(declared)) {
      result.set(full, { value: declared });
      continue;
    }
    const parsed = declaration.safeParse(declared);
    if (!parsed.success)
      throw new UserError(`${file}: config ${key} is not valid`, z.prettifyError(parsed.error));
    checkDeclaration(parsed.data, full.startsWith(`${project}:`), wrong);
    result.set(full, parsed.data);
  }
  return result;
}

function checkDeclaration(
  declared: ConfigDeclaration,
  own: boolean,
  wrong: (what: string) => UserError,
): void {
  const has = (value: unknown): boolean => value !== undefined && value !== null;
  if (has(declared.default) && has(declared.value)) throw wrong("has both a default and a value");
  if (!own) {
    if (declared.type !== undefined) throw wrong("is of another package and takes no type, only a value");
    if (has(declared.default)) throw wrong("is of another package and takes no default: write value");
    if (!has(declared.value)) throw wrong("is of another package and needs a value");
    return;
  }
  if (declared.type === "array" && declared.items === undefined)
    throw wrong("is an array and needs items, the type of its elements");
  if (has(declared.default) && !fits(declared.default, declared))
    throw wrong(`has a default that is not of the type ${nameOf(declared)}`);
}

/** `array<integer>`. */
export function nameOf({ type, items }: Items): string {
  return items === undefined ? String(type) : `array<${nameOf(items)}>`;
}

/** Is it of the type? Numbers and booleans may be written as text. */
export function fits(value: unknown, { type, items }: Items): boolean {
  switch (type) {
    case "string":
      return typeof value === "string";
    case "integer":
      if (typeof value === "number") return Number.isInteger(value);
      if (typeof value === "bigint") return BigInt.asIntN(64, value) === value;
      return (
        typeof value === "string" &&
        /^[-+]?\d+$/.test(value) &&
        BigInt.asIntN(64, BigInt(value.replace("+", ""))) === BigInt(value.replace("+", ""))
      );
    case "boolean":
      return typeof value === "boolean" || value === "true" || value === "false";
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "array":
      return Array.isArray(value) && items !== undefined && value.every((element) => fits(element, items));
    default:
      return true;
  }
}
