/**
 * Ranges of versions, as `requiredPulumiVersion` of Pulumi.yaml has them: comparisons that all hold (blanks between them), or
 * several such (`||`); `x` stands for any number. Specified by github.com/blang/semver (ParseRange).
 */
import { UserError } from "../host/userError";

type Version = readonly [major: number, minor: number, patch: number];

const comparison =
  /^(>=|<=|>|<|==|=|!=|!)?\s*v?(\d+)(?:\.(\d+|x|X|\*))?(?:\.(\d+|x|X|\*))?(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/** Whether the version is in the range. Throws {@link UserError} for what is no range. */
export function satisfies(version: string, range: string): boolean {
  const [, ...numbers] = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  const given = numbers.map(Number) as unknown as Version;
  return range
    .split("||")
    .map((part) => part.replace(/([<>=!])\s+/g, "$1").trim())
    .map((part) => part.split(/\s+/).map((text) => holds(given, text, range)))
    .some((all) => all.every((one) => one));
}

function holds(given: Version, text: string, range: string): boolean {
  const [, operator = "=", ...parts] = comparison.exec(text) ?? [];
  if (parts.length === 0)
    throw new UserError(
      `${JSON.stringify(range)} is not a range of versions`,
      'allowed are comparisons like ">=3.100.0 <4.0.0", "!3.7.2" and "3.x", alternatives joined by ||',
    );
  const wanted = parts.filter((part) => /^\d+$/.test(part ?? "")).map(Number);
  const order = wanted
    .map((number, index) => Math.sign((given[index] ?? 0) - number))
    .find((sign) => sign !== 0);
  const sign = order ?? 0;
  switch (operator) {
    case ">":
      return sign > 0;
    case ">=":
      return sign >= 0;
    case "<":
      return sign < 0;
    case "<=":
      return sign <= 0;
    case "!":
    case "!=":
      return sign !== 0;
    default:
      return sign === 0;
  }
}
