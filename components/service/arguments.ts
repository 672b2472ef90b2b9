/** What a component is told, checked at once and all of it: the one place where arguments are refused before anything is made. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { originOf } from "../program";
import { isWaitedFor } from "../waitedFor";
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
    .filter(({ code, path }) => code === "unrecognized_keys" || isWrong(code, at(given, path)))
    .map((issue) => {
      const component = inPlaceOfArguments(given, issue.path);
      return component === undefined
        ? check.line(issue.path.length === 0 && issue.code !== "unrecognized_keys" ? "arguments" : "", issue)
        : check.about(...component);
    });
  lines.push(...idsAlone(args).map(([path, message]) => check.about(path, message)));
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
  if (isWaitedFor(value)) return later;
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

/** Of a value that is there its type is known, also if what is in it is not. */
const isWrong = (code: z.core.$ZodIssue["code"], value: unknown): boolean =>
  code === "invalid_type" ? value !== later : isKnown(value);

/** The component that stands where a field of it should, and what to give: what is wrong with it as arguments is no help. */
function inPlaceOfArguments(
  given: unknown,
  path: readonly PropertyKey[],
): readonly [path: string, message: string] | undefined {
  for (let length = 0; length <= path.length; length++) {
    const value = at(given, path.slice(0, length));
    if (!pulumi.Resource.isInstance(value)) continue;
    const field = path.slice(0, length).map(String).join(".");
    return [
      field || "arguments",
      `must not be the ${value.constructor.name} itself: ${toGive(value, field)}`,
    ];
  }
  return undefined;
}

/** IDs of components in the place of the objects that have them: while they are not known, nothing else tells that they are. */
function idsAlone(args: object): (readonly [path: string, message: string])[] {
  return ["networks", "secrets", "configs"].flatMap((field) => {
    const all: unknown = Reflect.get(Object(args), field);
    return (Array.isArray(all) ? all : []).flatMap((one: unknown, index) => {
      const origin = originOf(one);
      const use = field === "networks" ? "{ networkId: ….networkId }" : 'what its file("name") returns';
      return origin === undefined
        ? []
        : [[`${field}.${index}`, `must not be the ID of ${origin} alone: give ${use}`] as const];
    });
  });
}

function toGive(component: pulumi.Resource, field: string): string {
  if ("file" in component) return 'give what its file("name") returns';
  if ("networkId" in component && !field.endsWith("networkId")) return "give { networkId: ….networkId }";
  const outputs = Object.entries(component).flatMap(([name, value]) =>
    pulumi.Output.isInstance(value) && !name.startsWith("__") && name !== "urn" ? [name] : [],
  );
  return outputs.length === 0
    ? "give an object"
    : `give what is asked for, perhaps its ${outputs.join(", ")}`;
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
