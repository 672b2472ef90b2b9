/** What a component is told, checked at once and all of it: the one place where arguments are refused before anything is made. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { Checker, firstOfEach, strict } from "./checks";

/** What each argument may be. One that is forgotten does not compile, nor does one that must be given although it may be left out. */
export type ArgumentSchemas<Args> = {
  readonly [Name in keyof Args]-?: undefined extends Args[Name] ? z.ZodOptional<z.ZodType> : z.ZodType;
};

/** What several arguments together must not be: the path and what is wrong. What is not known yet is `undefined` to it. */
export type Rule = (
  known: Readonly<Record<string, unknown>>,
) => readonly [path: string, message: string] | undefined;

const known = new WeakMap<z.ZodType, "whole" | "itself">();

/**
 * Marks what decides which resources there are, or is read while the program runs: outputs and promises come too late for it.
 * TypeScript refuses most of them; JavaScript does not, nor does TypeScript what another stack gives (`any`).
 *
 * @param part `itself`: what is in it may come later
 */
export function atOnce<Schema extends z.ZodType>(schema: Schema, part: "whole" | "itself" = "whole"): Schema {
  known.set(schema, part);
  return schema;
}

/** Stands for what is not known yet: it is checked when it is. */
const later = Symbol("later");

/**
 * Refuses arguments that there are not and values that are not allowed, in one error with a line for each of them. What is not known
 * yet is let be.
 *
 * @param what the component, such as `service "api"`
 */
export function checkArguments<Args extends object>(
  what: string,
  args: Args,
  schemas: ArgumentSchemas<Args>,
  rules: readonly Rule[] = [],
): void {
  const given = withoutOutputs(args);
  const result = strict(schemas, "argument").safeParse(given, { reportInput: true });
  const check = new Checker(what);
  const late = given === later ? ["arguments"] : lateOnes(strict(schemas), given);
  if (late.length > 0)
    throw new pulumi.RunError(
      late
        .map((path) =>
          check.about(path, "must be known at once: give the value itself, no output or promise"),
        )
        .join("\n"),
    );
  const issues = result.success ? [] : result.error.issues;
  const lines = firstOfEach(issues)
    .filter(({ code, path }) => code === "unrecognized_keys" || isKnown(at(given, path)))
    .map((issue) =>
      check.line(issue.path.length === 0 && issue.code !== "unrecognized_keys" ? "arguments" : "", issue),
    );
  const wrong = new Set(issues.map(({ path }) => path[0]));
  for (const rule of rules) {
    const [path, message] = rule(onlyKnown(given)) ?? [];
    // Of a value that is no such value nothing else is said.
    if (path !== undefined && message !== undefined && !wrong.has(path.split(".")[0]))
      lines.push(check.about(path, message));
  }
  if (lines.length > 0) throw new pulumi.RunError([...new Set(lines)].join("\n"));
}

/** Paths of what is {@link later} but must be known {@link atOnce}. */
function lateOnes(schema: unknown, value: unknown, path: readonly string[] = []): string[] {
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  const part = inner instanceof z.ZodType ? known.get(inner) : undefined;
  if (value === later) return part === undefined ? [] : [path.join(".")];
  if (typeof value !== "object" || value === null || pulumi.Resource.isInstance(value)) return [];
  const shape: Readonly<Record<string, unknown>> = inner instanceof z.ZodObject ? inner.shape : {};
  return Object.entries(value).flatMap(([name, one]) => {
    const own = inner instanceof z.ZodArray ? inner.element : shape[name];
    return lateOnes(part === "whole" ? inner : own, one, [...path, name]);
  });
}

/** The same value with {@link later} in the place of what is to be waited for. Components and other instances are let be. */
function withoutOutputs(value: unknown): unknown {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return later;
  if (Array.isArray(value)) return value.map(withoutOutputs);
  if (typeof value !== "object" || value === null) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  // An argument that is undefined is not given, also one that there is not.
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .map(([name, one]) => [name, withoutOutputs(one)]),
  );
}

function isKnown(value: unknown): boolean {
  if (value === later) return false;
  if (typeof value !== "object" || value === null || pulumi.Resource.isInstance(value)) return true;
  return Object.values(value).every(isKnown);
}

const onlyKnown = (known: unknown): Record<string, unknown> =>
  typeof known === "object" && known !== null
    ? Object.fromEntries(Object.entries(known).filter(([, value]) => isKnown(value)))
    : {};

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : inner),
    value,
  );
