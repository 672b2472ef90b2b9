/**
 * Content hashes of assets and archives, so that a changed file is a changed input. Specified by
 * sdk/go/common/resource/asset and archive: SHA-256 of an asset's content, of an archive file, or of members and folders
 * packed as a tar archive.
 */
import { createHash } from "node:crypto";
import { lstat, readdir, readFile, stat } from "node:fs/promises";
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
  const { assets, path, uri } = archive.source;
  const raw =
    path !== undefined && !(await stat(resolve(programDir, path))).isDirectory()
      ? await readFile(resolve(programDir, path))
      : uri !== undefined
        ? await readUri(uri)
        : undefined;
  if (raw !== undefined) return new Archive(archive.source, sha256(raw));
  const files = new Map<string, Buffer | string>();
  await collect(archive, "", programDir, files);
  const source = assets === undefined ? archive.source : { assets: await hashedMembers(assets, programDir) };
  return new Archive(source, tarHash(files));
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
  if (path !== undefined) {
    const root = resolve(programDir, path);
    if (!(await stat(root)).isDirectory())
      throw new Error(`an archive within an archive must be a folder or have members: ${path}`);
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

/** SHA-256 of the files as a tar archive (POSIX ustar) with mode 0600 and no times or owners. */
function tarHash(files: ReadonlyMap<string, Buffer | string>): string {
  const hash = createHash("sha256");
  for (const [name, text] of files) {
    const data = Buffer.from(text);
    hash.update(tarHeader(name, data.length));
    hash.update(data);
    hash.update(Buffer.alloc((512 - (data.length % 512)) % 512));
  }
  return hash.update(Buffer.alloc(1024)).digest("hex");
}

function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(512);
  const octal = (value: number, at: number, length: number): void => {
    header.write(value.toString(8).padStart(length - 1, "0"), at, "latin1");
  };
  const [prefix, rest] = splitName(name);
  header.write(rest, 0, "utf8");
  octal(0o600, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  header.write("0", 156);
  header.write("ustar", 257);
  header.write("00", 263);
  octal(0, 329, 8);
  octal(0, 337, 8);
  header.write(prefix, 345, "utf8");
  header.fill(" ", 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

/** The field for names has 100 bytes, the one for the folders before it 155. */
function splitName(name: string): readonly [string, string] {
  if (Buffer.byteLength(name) <= 100) return ["", name];
  const cut = name.slice(0, 156).lastIndexOf("/");
  return cut > 0 ? [name.slice(0, cut), name.slice(cut + 1)] : ["", name];
}
