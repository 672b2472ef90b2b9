/** Amounts of memory as Docker's tools write them: `50M`, `1.5gb`, `64k`, bytes. */
const powers = ["b", "k", "m", "g", "t", "p"];

/** Bytes, or undefined if it is no amount. */
export function parseBytes(text: string | number): number | undefined {
  if (typeof text === "number") return text >= 0 ? Math.floor(text) : undefined;
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*(?:([kmgtp])(?:i?b)?|b)?$/i.exec(text.trim());
  if (!match) return undefined;
  return Math.floor(Number(match[1]) * 1024 ** powers.indexOf((match[2] ?? "b").toLowerCase()));
}
