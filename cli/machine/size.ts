import { InvalidArgumentError } from "commander";

const units: Readonly<Record<string, number>> = { m: 1, mb: 1, mib: 1, g: 1024, gb: 1024, gib: 1024 };

/** MiB of `2048`, `2048m` or `2g`. */
export function mebibytes(text: string): number {
  const [, digits = "", unit = ""] = /^(\d{1,9})\s*([a-z]*)$/i.exec(text) ?? [];
  const factor = unit === "" ? 1 : units[unit.toLowerCase()];
  if (digits === "" || factor === undefined) {
    throw new InvalidArgumentError("It must be a whole number of MiB, or end in m or g (2048, 2048m, 2g).");
  }
  return Number(digits) * factor;
}

/** GiB of `20` or `20g`. */
export function gibibytes(text: string): number {
  const [, digits = ""] = /^(\d{1,9})\s*(?:g|gb|gib)?$/i.exec(text) ?? [];
  if (digits === "") throw new InvalidArgumentError("It must be a whole number of GiB (20 or 20g).");
  return Number(digits);
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

export const seconds = (text: string): number => {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError("It must be at least 1.");
  return value;
};

/** For an option that may be given several times, also with commas. */
export function ports(text: string, before: readonly number[] = []): number[] {
  return [...before, ...text.split(",").map(wholeNumber)];
}
