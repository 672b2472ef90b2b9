/** Values of compose files: what comes in several forms is brought into one. */
import { z } from "zod";
import { formatDuration, parseDuration } from "../../../host/duration";
import { record } from "../../service/record";
import { parseBytes } from "../amounts";
import { words } from "../words";

/** Marks the value wrong, with why. */
export function refuse(ctx: z.RefinementCtx, message: string): never {
  ctx.addIssue({ code: "custom", message });
  return z.NEVER;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A mapping of these fields; none is given by `null`, those that start with `x-` are the writer's own. */
export const fields = <S extends z.ZodRawShape>(shape: S) =>
  z.preprocess(
    (value) =>
      isObject(value)
        ? Object.fromEntries(
            Object.entries(value).filter(([key, field]) => !key.startsWith("x-") && field !== null),
          )
        : value,
    z.strictObject(shape),
  );

/** Numbers are texts too, as in `user: 1000`. */
export const text = z.preprocess(
  (value) => (typeof value === "number" || typeof value === "boolean" ? String(value) : value),
  z.string(),
);

/** Texts are numbers too, as they may come from variables. */
export const number = z.preprocess(
  (value) => (typeof value === "string" && /^[-+]?[\d.]+$/.test(value) ? Number(value) : value),
  z.number(),
);

/** Of processes; 0 and -1 are no limit. */
export const pids = number.pipe(
  z.int("must be a whole number").min(-1, "must be a number of processes, or -1 for no limit"),
);

export const whole = number.pipe(z.int("must be a whole number").min(0, "must not be negative"));

/** Also in the words of YAML 1.1, as compose-spec/compose-go, loader/interpolate.go, `toBoolean`. */
const flags = new Map([
  ...["true", "y", "yes", "on"].map((word) => [word, true] as const),
  ...["false", "n", "no", "off"].map((word) => [word, false] as const),
]);

export const flag = z.preprocess(
  (value) => (typeof value === "string" ? (flags.get(value.toLowerCase()) ?? value) : value),
  z.boolean(),
);

/** Permissions: an octal number, or as text. */
export const permissions = z.preprocess((value, ctx) => {
  if (typeof value === "string" && /^(0o)?[0-7]+$/.test(value))
    return Number.parseInt(value.replace("0o", ""), 8);
  return typeof value === "number" && Number.isInteger(value)
    ? value
    : refuse(ctx, "must be permissions, an octal number such as 0440");
}, z.number());

/** Docker Compose takes days and weeks too. */
const inHours = (text: string): string =>
  text.replace(
    /(\d+(?:\.\d*)?|\.\d+)([dw])/g,
    (_, amount: string, unit: string) => `${Number(amount) * (unit === "d" ? 24 : 168)}h`,
  );

export const duration = z.preprocess((value, ctx) => {
  const parsed = typeof value === "string" ? parseDuration(inHours(value)) : value === 0 ? 0 : undefined;
  if (parsed === undefined || parsed < 0) return refuse(ctx, 'must be a duration such as "10s" or "1m30s"');
  return formatDuration(parsed);
}, z.string());

export const bytes = z.preprocess((value, ctx) => {
  const parsed = typeof value === "string" || typeof value === "number" ? parseBytes(value) : undefined;
  return parsed ?? refuse(ctx, 'must be an amount of memory such as "50M" or "1.5gb"');
}, z.number());

export const texts = z.array(text);

/** One text is a list of one. */
export const textOrTexts = z.preprocess((value) => (Array.isArray(value) ? value : [value]), texts);

/** A command: words, or a line to be split into them. */
export const command = z.preprocess((value, ctx) => {
  if (typeof value !== "string") return value;
  try {
    return words(value);
  } catch (error) {
    return refuse(ctx, `${(error as Error).message}; a list of words needs no quotes`);
  }
}, texts);

/** `KEY=value` in a list, or a mapping; undefined for a name alone. */
export const pairs = z.preprocess(
  (value, ctx) => (Array.isArray(value) ? fromList(value, "=", ctx) : value),
  record(z.string(), text.nullable()),
);

/** As `pairs`, a name alone is empty. */
export const labels = pairs.transform((all) =>
  Object.fromEntries(Object.entries(all).map(([key, value]) => [key, value ?? ""])),
);

function fromList(list: unknown[], separator: string, ctx: z.RefinementCtx): Record<string, unknown> {
  const found: [string, string | null][] = [];
  for (const [place, item] of list.entries()) {
    if (isObject(item) || Array.isArray(item) || item === null) {
      const message = `must be a text such as "KEY${separator}value"`;
      ctx.addIssue({ code: "custom", message, path: [place], input: item });
      continue;
    }
    const line = String(item);
    const index = line.indexOf(separator);
    found.push(index < 0 ? [line, null] : [line.slice(0, index), line.slice(index + separator.length)]);
  }
  return Object.fromEntries(found);
}

/** `name:address`, `name=address` or a mapping. */
export const hosts = z.preprocess(
  (value, ctx) => {
    if (isObject(value))
      return Object.entries(value).flatMap(([host, addresses]) => {
        const all = Array.isArray(addresses) ? addresses : [addresses];
        if (all.every((address) => typeof address === "string")) return [[host, all]];
        const message = "must be an address, or a list of addresses";
        ctx.addIssue({ code: "custom", message, path: [host], input: addresses });
        return [];
      });
    if (!Array.isArray(value)) return value;
    return value.flatMap((item, place) => {
      const match = /^([^=:]+)[=:](.+)$/.exec(String(item));
      if (match) return [[match[1], match[2]]];
      const message = 'must be of the form "name:address"';
      ctx.addIssue({ code: "custom", message, path: [place], input: item });
      return [];
    });
  },
  z.array(
    z.tuple([
      z.string(),
      z
        .preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(z.string()))
        .transform((all) => all.map((address) => address.replace(/^\[(.*)\]$/, "$1"))),
    ]),
  ),
);

/** Names in a list, or a mapping of names to settings. */
export const named = <T extends z.ZodType>(settings: T) =>
  z.preprocess(
    (value, ctx) => {
      if (isObject(value))
        return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, one ?? {}]));
      if (!Array.isArray(value)) return refuse(ctx, "must be a list of names, or a mapping");
      const wrong = value.findIndex((name) => typeof name !== "string" && typeof name !== "number");
      if (wrong < 0) return Object.fromEntries(value.map((name) => [String(name), {}]));
      ctx.addIssue({ code: "custom", message: "must be a name", path: [wrong], input: value[wrong] });
      return z.NEVER;
    },
    record(z.string(), settings),
  );

/** Checked elsewhere or not at all. */
export const anything = z.unknown();
