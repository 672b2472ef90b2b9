/** Durations as Pulumi's options write them: Go's time.ParseDuration, `1h30m`, `90s`, `500ms`. */

const seconds: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** Seconds. Throws on what is not a duration. */
export function parseDuration(text: string): number {
  if (text === "0") return 0;
  const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/y;
  let total = 0;
  part.lastIndex = text.startsWith("+") ? 1 : 0;
  do {
    const match = part.exec(text);
    if (match === null)
      throw new Error(`not a duration: ${JSON.stringify(text)} (write it as 1h30m, 90s or 500ms)`);
    total += Number(match[1]) * (seconds[match[2] ?? ""] ?? 0);
  } while (part.lastIndex < text.length);
  return total;
}
