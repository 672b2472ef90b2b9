import { parseDuration } from "../../host/duration";
import { UserError } from "../../host/userError";

/** Seconds since 1970 of `10m` ago, of a date, or of such seconds themselves. */
export function timeOf(option: string, text: string, now = Date.now()): number {
  const nanoseconds = parseDuration(text);
  if (nanoseconds !== undefined && nanoseconds >= 0) return Math.floor(now / 1000 - nanoseconds / 1e9);
  if (/^\d{5,}(\.\d+)?$/.test(text)) return Math.floor(Number(text));
  // A short number would be a year.
  const date = /^\d+$/.test(text) ? Number.NaN : Date.parse(text);
  if (Number.isFinite(date)) return Math.floor(date / 1000);
  throw new UserError(
    `${option}: ${JSON.stringify(text)} is not a time`,
    "it must be how long ago (10m, 1h30m), a date (2026-01-31T12:00:00Z) or seconds since 1970",
  );
}
