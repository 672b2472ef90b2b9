/** What a component is told, checked at once and all of it: the one place where arguments are refused before anything is made. */
import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { Checker, firstOfEach, strict } from "./checks";

/** What each argument may be. One that is forgotten does not compile, nor does one that must be given although it may be left out. */
export type ArgumentSchemas<Args> = {
  readonly [Name in keyof Args]-?: undefined extends Args[Name] ? z.ZodOptional<z.ZodType> : z.ZodType;
};

/** What several arguments together must not be: the path and what is wrong. What is not known yet is `undefined` to it. */
export type Rule = (
  known: Readonly<Record<string, unknown>>,
) => readonly [path: string, message: string] | undefined;

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
  const known = withoutOutputs(args);
  const result = strict(schemas, "argument").safeParse(known, { reportInput: true });
  const check = new Checker(what);
  const issues = result.success ? [] : result.error.issues;
  const lines = firstOfEach(issues)
    .filter(({ code, path }) => code === "unrecognized_keys" || isKnown(at(known, path)))
    .map((issue) =>
      check.line(issue.path.length === 0 && issue.code !== "unrecognized_keys" ? "arguments" : "", issue),
    );
  const wrong = new Set(issues.map(({ path }) => path[0]));
  for (const rule of rules) {
    const [path, message] = rule(onlyKnown(known)) ?? [];
    // Of a value that is no such value nothing else is said.
    if (path !== undefined && message !== undefined && !wrong.has(path.split(".")[0]))
      lines.push(check.about(path, message));
  }
  if (lines.length > 0) throw new pulumi.RunError([...new Set(lines)].join("\n"));
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
