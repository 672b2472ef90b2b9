/**
 * Content hashes of assets and archives, so that a changed file is a changed input. Specified by
 * sdk/go/common/resource/asset and archive: SHA-256 of an asset's content. An archive of members or of a folder gets a
 * hash of ours, over names and contents: it tells changes, but is not the number Pulumi computes over its tar stream.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  Archive,
  Asset,
  isList,
  isMap,
  OutputValue,
  type PropertyMap,
  record,
  Secret,
  type Value,
} from "./values";

/** The value with every asset and archive in it hashed. Paths are relative to `programDir`. */
export async function assetHash(value: Value, programDir: string): Promise<Value> {
  if (!holdsAsset(value)) return value;
  if (value instanceof Secret) return new Secret(await assetHash(value.element, programDir));
  if (value instanceof Asset)
    return value.hash === undefined
      ? new Asset(value.source, sha256(await content(value, programDir)))
      : value;
  if (value instanceof Archive) return hashedArchive(value, programDir);
  if (isList(value)) return Promise.all(value.map((element) => assetHash(element, programDir)));
  const entries = Object.entries(value as PropertyMap).map(
    async ([key, inner]) => [key, await assetHash(inner, programDir)] as const,
  );
  return record(await Promise.all(entries));
}

function holdsAsset(value: Value): boolean {
  if (value instanceof Asset || value instanceof Archive) return true;
  if (value instanceof Secret) return holdsAsset(value.element);
  if (value instanceof OutputValue) return value.element !== undefined && holdsAsset(value.element);
  if (isList(value)) return value.some(holdsAsset);
  return isMap(value) && Object.values(value).some(holdsAsset);
}

function sha256(data: Buffer | string): string {
  return createHash("sha256").update(data).digest("hex");
}

async function content(asset: Asset, programDir: string): Promise<Buffer | string> {
  const { text, path, uri } = asset.source;
  if (path !== undefined) return readFile(resolve(programDir, path));
  if (uri !== undefined) return readUri(uri);
  return text ?? "";
}

async function readUri(uri: string): Promise<Buffer> {
  if (uri.startsWith("file:")) return readFile(new URL(uri));
  const response = await fetch(uri);
  if (!response.ok) throw new Error(`asset ${uri}: ${response.status} ${response.statusText}`);
  return Buffer.from(await response.arrayBuffer());
}

async function hashedArchive(archive: Archive, programDir: string): Promise<Archive> {
  if (archive.hash !== undefined) return archive;
  const { assets, path, uri } = archive.source;
  if (path !== undefined) return new Archive(archive.source, await pathHash(resolve(programDir, path)));
  if (uri !== undefined) return new Archive(archive.source, sha256(await readUri(uri)));
  const members: Record<string, Asset | Archive> = {};
  const lines: string[] = [];
  for (const [name, member] of Object.entries(assets ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const hashed = (await assetHash(member, programDir)) as Asset | Archive;
    members[name] = hashed;
    lines.push(`${hashed.hash} ${name}`);
  }
  return new Archive({ assets: members }, sha256(lines.join("\n")));
}

async function pathHash(path: string): Promise<string> {
  if (!(await stat(path)).isDirectory()) return sha256(await readFile(path));
  const lines: string[] = [];
  for (const entry of (await readdir(path)).sort())
    lines.push(`${await pathHash(join(path, entry))} ${entry}`);
  return sha256(lines.join("\n"));
}
