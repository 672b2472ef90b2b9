import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { UserError } from "../../../host/userError";

export type Algorithm = "sha256" | "sha512";

export interface Checksum {
  readonly algorithm: Algorithm;
  /** Lower case. */
  readonly hex: string;
}

/** Algorithm of a hash with so many hexadecimal digits; undefined for those that protect no more, as MD5 and SHA-1. */
export const algorithmOf = (hex: string): Algorithm | undefined =>
  hex.length === 64 ? "sha256" : hex.length === 128 ? "sha512" : undefined;

export const checksumText = ({ algorithm, hex }: Checksum): string => `${algorithm}:${hex}`;

/**
 * Reads `sha256:HEX` or `sha512:HEX`.
 *
 * @throws UserError naming the value and what is allowed
 */
export function parseChecksum(text: string): Checksum {
  const [, algorithm = "", hex = ""] = /^(sha256|sha512):([0-9a-f]+)$/i.exec(text.trim()) ?? [];
  const found = algorithmOf(hex);
  if (found !== undefined && found === algorithm.toLowerCase())
    return { algorithm: found, hex: hex.toLowerCase() };
  throw new UserError(
    `checksum: ${JSON.stringify(text)}`,
    "must be sha256: and 64, or sha512: and 128 hexadecimal digits",
  );
}

export function isChecksum(text: string): boolean {
  try {
    parseChecksum(text);
    return true;
  } catch {
    return false;
  }
}

/** Hashes of a file by each algorithm, in hexadecimal; it is read once. */
export async function hashFile<T extends Algorithm>(
  file: string,
  algorithms: readonly T[],
): Promise<Record<T, string>> {
  const hashes = algorithms.map((algorithm) => ({ algorithm, hash: createHash(algorithm) }));
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 ** 2 })) {
    for (const { hash } of hashes) hash.update(chunk as Buffer);
  }
  return Object.fromEntries(hashes.map(({ algorithm, hash }) => [algorithm, hash.digest("hex")])) as Record<
    T,
    string
  >;
}
