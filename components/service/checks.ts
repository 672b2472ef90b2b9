/** Checks what a service is told before anything is made: one line that names the field and what is allowed. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { formatDuration, parseDuration } from "../../host/duration";
import { nearName } from "../../host/nearName";
import { isPlain, isWaitedFor } from "../waitedFor";
import { record } from "./record";

export const text = z.string().min(1, "must not be empty");
export const texts = z.array(z.string());
/** An object that has no other fields than these; of another one the message names the field that was probably meant. */
export const strict = <Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  kind: "argument" | "field" = "field",
) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? (issue.keys as string[])
            .map((key) => notAmong(key, Object.keys(shape), issue.input, kind))
            .join("; ")
        : undefined,
  });

function notAmong(key: string, names: readonly string[], input: unknown, kind: string): string {
  const value = (input as Readonly<Record<string, unknown>>)[key];
  const inside = isObject(value) ? Object.keys(value).filter((name) => names.includes(name)) : [];
  const near = nearName(key, names);
  const hint =
    inside.length > 0
      ? `; ${inside.join(", ")} ${inside.length > 1 ? `are ${kind}s themselves` : `is one itself`}: write it without ${key}`
      : near !== undefined
        ? `; did you mean ${near}?`
        : names.length <= 16
          ? `, which are ${names.join(", ")}`
          : "";
  return `${key} is not one of its ${kind}s${hint}`;
}
const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
export const pairs = record(z.string().min(1, "a name must not be empty"), z.string());
/** Docker's client ends the name at the first `=`. */
export const nodeLabels = record(
  z.string().regex(/^[^=]+$/, "a label's name must not be empty or contain ="),
  z.string(),
);
/** Not shown in the error. */
export const secretText = z
  .unknown()
  .refine(
    (value): value is string =>
      typeof value === "string" && Buffer.byteLength(value) <= 512 && /^[^\r\n\0]+$/.test(value),
    "must be a text of 1 to 512 bytes without line breaks",
  ) as z.ZodType<string>;
export const flag = z.boolean();
/** Written as Docker's tools print it: the plugin takes `90s` for another one than `1m30s`. */
export const duration = z
  .string()
  .refine((value) => (parseDuration(value) ?? -1) >= 0, 'must be a duration such as "10s" or "1m30s"')
  .transform((value) => formatDuration(parseDuration(value) ?? 0));
export const count = z.int("must be a whole number").min(0, "must not be negative");
/** The Docker plugin keeps one decimal. */
export const ratio = z
  .number()
  .refine(
    (value) => value >= 0 && value <= 1 && Number(value.toFixed(1)) === value,
    "must be 0, 0.1, 0.2 and so on up to 1",
  );
/** The swarm counts billionths of a CPU, and bytes, in 64 bits. */
export const share = z
  .number()
  .min(0.001, "must be CPUs from 0.001 on, such as 0.5")
  .max(1e9, "must be at most 1000000000 (CPUs)");
export const mebibytes = z
  .number()
  .min(4, "must be at least 4 (MiB)")
  .max(1e12, "must be at most 1000000000000 (MiB)");
export const port = z
  .int("must be a whole number")
  .min(1, "must be 1 to 65535")
  .max(65535, "must be 1 to 65535");
export const oneOf = <const T extends readonly [string, ...string[]]>(...allowed: T) =>
  z.enum(allowed, `must be ${allowed.slice(0, -1).join(", ")} or ${allowed.at(-1)}`);

/** Checks the fields of one service; `what` is it for messages, such as `SwarmService "api"`. */
export class Checker {
  constructor(private readonly what: string) {}

  /**
   * The field's value. Throws, at once if it is known already, a `pulumi.RunError` that names the field if `schema` does not allow it.
   *
   * @param name empty if `value` has several fields of the service
   */
  field<T>(name: string, schema: z.ZodType<T>, value: pulumi.Input<unknown>): pulumi.Output<T> {
    if (isPlain(value)) return pulumi.output(this.checked(name, schema, value)) as pulumi.Output<T>;
    const later = pulumi.output(value) as unknown as pulumi.Output<unknown>;
    return later.apply(async (known) => {
      const result = schema.safeParse(known, { reportInput: true });
      if (result.success) return result.data;
      throw this.wrong(name, result.error, await pulumi.isSecret(later));
    }) as pulumi.Output<T>;
  }

  /** The same of a value that must be known at once. */
  now<T>(name: string, schema: z.ZodType<T>, value: unknown): T {
    return this.checked(name, schema, value);
  }

  /** Throws the error that `field` throws. */
  refuse(name: string, message: string): never {
    throw new pulumi.RunError(this.about(name, message));
  }

  about(name: string, message: string): string {
    return `${this.what}: ${name}: ${message}`;
  }

  private checked<T>(name: string, schema: z.ZodType<T>, value: unknown): T {
    const result = schema.safeParse(value, { reportInput: true });
    if (result.success) return result.data;
    throw this.wrong(name, result.error);
  }

  private wrong(name: string, { issues }: z.ZodError, secret = false): pulumi.RunError {
    return new pulumi.RunError(
      firstOfEach(issues)
        .map((issue) => this.line(name, issue, secret))
        .join("\n"),
    );
  }

  /** One of what is wrong, by its path. */
  line(name: string, issue: z.core.$ZodIssue, secret = false): string {
    return `${this.what}: ${explain(name, issue, secret)}`;
  }

  /** As `field`, and as the Docker plugin has it; undefined, now or once it is known, if there is none. */
  optional<T, R = T>(
    name: string,
    schema: z.ZodType<T>,
    value: pulumi.Input<unknown> | undefined,
    convert: (value: T) => R = (same) => same as unknown as R,
  ): pulumi.Output<R | undefined> | undefined {
    if (value === undefined) return undefined;
    return this.field<T | undefined>(name, schema.optional(), value).apply((known) =>
      known === undefined ? undefined : convert(known),
    );
  }
}

/** What is wrong with each value first: the rest follows from that more often than not. */
export function firstOfEach(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  const places = issues.map(({ code, path }) => JSON.stringify([code === "unrecognized_keys", ...path]));
  return issues.filter((_, index) => places.indexOf(places[index] as string) === index);
}

/** Their values must not be in a message, whether or not the program marks them as secret. */
const alwaysSecret = ["redisPassword", "password", "token", "data"];

function explain(field: string, issue: z.core.$ZodIssue, secret: boolean): string {
  const path = [field, ...issue.path.map(String)].filter((part) => part !== "").join(".");
  if (issue.code === "unrecognized_keys") {
    const message = issue.message.startsWith("Unrecognized key")
      ? `${issue.keys.join(", ")} is not one of its fields`
      : issue.message;
    return path === "" ? message : `${path}: ${message}`;
  }
  if (issue.code === "invalid_key") return `${path}: ${issue.issues[0]?.message ?? issue.message}`;
  const hidden = secret || path.split(".").some((part) => alwaysSecret.includes(part));
  const value = hidden && issue.input != null ? "this" : shown(issue.input);
  if (issue.code === "invalid_type")
    return `${path}: must be ${article(issue.expected === "int" ? "whole number" : issue.expected)}, not ${value}`;
  const several = typeof issue.input === "object" && !Array.isArray(issue.input) && issue.input !== null;
  // Of a name in a mapping, which the path has already, the message says what it is.
  const named = /^(a|the) /.test(issue.message);
  return `${path}: ${several || hidden || named || issue.input === undefined ? "" : `${value} `}${issue.message}`;
}

const mostShown = 120;

/** What was given, as far as it can be told in a line. */
function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "function") return "a function: is it called?";
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "symbol")
    return String(value);
  const text = JSON.stringify(withoutOutputs(value)) ?? String(value);
  return text.length <= mostShown ? text : `${text.slice(0, mostShown)}…`;
}

/** Components and outputs fail as JSON or fill a screen. */
function withoutOutputs(value: unknown): unknown {
  if (typeof value === "symbol" || isWaitedFor(value)) return "…";
  if (typeof value !== "object" || value === null) return value;
  if (pulumi.Resource.isInstance(value)) return `the ${value.constructor.name}`;
  if (Array.isArray(value)) return value.map(withoutOutputs);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutOutputs(one)]));
}

const article = (type: string): string => `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
