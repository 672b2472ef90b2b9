/**
 * Checkpoints and history of the file backend may be compressed: PULUMI_DIY_BACKEND_GZIP and PULUMI_DIY_BACKEND_ZSTD say how
 * new ones are written; what is read says by its first bytes what it is. Specified by pkg/backend/diy (state.go) and
 * sdk/go/common/encoding.
 */

import * as zlib from "node:zlib";
import { gunzipSync, gzipSync } from "node:zlib";
import { UserError } from "../host/userError";

/** What a file's name has after `.json`. */
export const compressions = ["", ".gz", ".zst"] as const;
export type Compression = (typeof compressions)[number];

/** Node.js has it from 22.15 on. */
const zstd = zlib as {
  readonly zstdDecompressSync?: (content: Buffer) => Buffer;
  readonly zstdCompressSync?: (content: Buffer) => Buffer;
};

const isOn = (name: string): boolean => {
  const value = process.env[`PULUMI_DIY_BACKEND_${name}`] ?? process.env[`PULUMI_SELF_MANAGED_STATE_${name}`];
  return value === "1" || value?.toLowerCase() === "true";
};

/** How files are written. Throws {@link UserError} for what cannot be. */
export function chosenCompression(): Compression {
  const [gzip, zst] = [isOn("GZIP"), isOn("ZSTD")];
  if (gzip && zst)
    throw new UserError("PULUMI_DIY_BACKEND_GZIP and PULUMI_DIY_BACKEND_ZSTD cannot both be enabled");
  if (zst && zstd.zstdCompressSync === undefined) throw lacksZstd("PULUMI_DIY_BACKEND_ZSTD");
  return zst ? ".zst" : gzip ? ".gz" : "";
}

export function compressed(parts: readonly Buffer[], how: Compression): readonly Buffer[] {
  if (how === "") return parts;
  const whole = Buffer.concat(parts);
  if (how === ".gz") return [gzipSync(whole)];
  if (zstd.zstdCompressSync === undefined) throw lacksZstd("PULUMI_DIY_BACKEND_ZSTD");
  return [zstd.zstdCompressSync(whole)];
}

/** The text of a file, compressed or not. Throws {@link UserError} for one that is damaged or cannot be read here. */
export function decompressed(content: Buffer, path: string): string {
  const isGzip = content[0] === 0x1f && content[1] === 0x8b;
  const isZstd = content.length >= 4 && content.readUInt32LE(0) === 0xfd2fb528;
  if (!isGzip && !isZstd) return content.toString("utf8");
  if (isZstd && zstd.zstdDecompressSync === undefined) throw lacksZstd(path);
  try {
    return (isGzip ? gunzipSync(content) : (zstd.zstdDecompressSync?.(content) ?? content)).toString("utf8");
  } catch (error) {
    throw new UserError(`${path} is damaged: it cannot be decompressed`, (error as Error).message);
  }
}

const lacksZstd = (what: string): UserError =>
  new UserError(
    `${what}: this Node.js (${process.version}) has no zstd`,
    "Node.js 22.15 and later have it",
    "use a newer Node.js, or the Pulumi CLI",
  );
