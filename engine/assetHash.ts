/**
 * Content hashes of assets and archives, so that a changed file is a changed input. Specified by
 * sdk/go/common/resource/asset and archive: SHA-256 of an asset's content, of an archive file, or of members and folders
 * packed as a tar archive.
 */
import { createHash } from "node:crypto";
import { lstat, readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { archiveFormat, filesOfArchive } from "./archiveFile";
import { tarHash } from "./tarHash";
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
  if (value instanceof OutputValue) {
    const element = value.element === undefined ? undefined : await assetHash(value.element, programDir);
    return new OutputValue(element, value.secret, value.dependencies);
  }
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
  const { assets } = archive.source;
  const file = await archiveFileOf(archive, programDir);
  if (file !== undefined) return new Archive(archive.source, sha256(file.data));
  const files = new Map<string, Buffer | string>();
  await collect(archive, "", programDir, files);
  const source = assets === undefined ? archive.source : { assets: await hashedMembers(assets, programDir) };
  return new Archive(source, tarHash(files));
}

/** What is a file or an address has to be an archive by its name; undefined for a folder and for members by name. */
async function archiveFileOf(
  { source: { path, uri } }: Archive,
  programDir: string,
): Promise<{ data: Buffer; format: NonNullable<ReturnType<typeof archiveFormat>> } | undefined> {
  if (path !== undefined) {
    const format = archiveFormat(path);
    const file = resolve(programDir, path);
    if (format !== undefined) return { data: await readFile(file), format };
    if (!(await stat(file)).isDirectory())
      throw new Error(`${path} is neither a folder nor an archive (.tar, .tgz, .tar.gz, .zip, .jar)`);
  } else if (uri !== undefined) {
    const format = archiveFormat(new URL(uri).pathname);
    if (format === undefined)
      throw new Error(`${uri} is not an archive by its name (.tar, .tgz, .tar.gz, .zip, .jar)`);
    return { data: await readUri(uri), format };
  }
  return undefined;
}

async function hashedMembers(
  assets: Readonly<Record<string, Asset | Archive>>,
  programDir: string,
): Promise<Record<string, Asset | Archive>> {
  const members: Record<string, Asset | Archive> = {};
  for (const [name, member] of Object.entries(assets))
    members[name] = (await assetHash(member, programDir)) as Asset | Archive;
  return members;
}

/** The files of an archive by name, in the order in which they are packed. */
async function collect(
  member: Asset | Archive,
  name: string,
  programDir: string,
  into: Map<string, Buffer | string>,
): Promise<void> {
  const add = async (file: string, read: () => Promise<Buffer | string>): Promise<void> => {
    if (!into.has(file)) into.set(file, await read());
  };
  if (member instanceof Asset) return add(name, () => content(member, programDir));
  const { assets, path } = member.source;
  const archive = await archiveFileOf(member, programDir);
  if (archive !== undefined) {
    for (const [file, data] of await filesOfArchive(archive.data, archive.format))
      await add(join(name, file), async () => data);
  } else if (path !== undefined) {
    const root = resolve(programDir, path);
    for (const file of await filesBelow(root)) await add(join(name, file), () => readFile(join(root, file)));
  }
  for (const [key, inner] of Object.entries(assets ?? {}).sort(byName))
    await collect(inner, name === "" ? key : join(name, key), programDir, into);
}

/** Paths relative to the folder; links to folders are not followed. */
async function filesBelow(root: string, folder = ""): Promise<string[]> {
  const files: string[] = [];
  for (const entry of (await readdir(join(root, folder))).sort(byText)) {
    if (entry === ".pulumi") continue;
    const path = join(folder, entry);
    if ((await lstat(join(root, path))).isDirectory()) files.push(...(await filesBelow(root, path)));
    else if (!(await stat(join(root, path))).isDirectory()) files.push(path);
  }
  return files;
}

const byText = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => byText(a, b);
