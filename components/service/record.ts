/** Zod's own `z.record` drops the key `__proto__`, and takes a mapping with the key `constructor` for none. */
import { z } from "zod";

/** A mapping of any names to values of one kind. */
export const record = <K extends z.ZodType<string, string>, V extends z.ZodType>(
  key: K,
  value: V,
): z.ZodType<Record<string, z.output<V>>, Record<string, z.input<V>>> =>
  z
    .preprocess(
      (given) =>
        typeof given === "object" && given !== null && !Array.isArray(given) && !(given instanceof Map)
          ? new Map(Object.entries(given))
          : given,
      z.map(key, value),
    )
    .transform((all) => Object.fromEntries(all) as Record<string, z.output<V>>) as never;
