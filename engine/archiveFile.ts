/**
 * Files that are archives themselves (tar, compressed tar, zip): known by how their name ends, and unpacked where they are a
 * member of another archive. Specified by sdk/go/common/resource/archive (detectArchiveFormat, readArchive).
 */
import { posix } from "node:path";
import { gunzipSync, inflateRawSync } from "node:zlib";
import { extract } from "tar-stream";

type Format = "tar" | "tgz" | "zip";

const endings: readonly (readonly [ending: string, format: Format])[] = [
  [".tar", "tar"],
  [".tgz", "tgz"],
  [".tar.gz", "tgz"],
  [".zip", "zip"],
  [".jar", "zip"],
];

/** Undefined: by its name it is no archive. */
export function archiveFormat(path: string): Format | undefined {
  return endings.find(([ending]) => path.endsWith(ending))?.[1];
}

/** Its files in order, without folders. Rejects if it is damaged. */
export async function filesOfArchive(
  data: Buffer,
  format: Format,
): Promise<[name: string, content: Buffer][]> {
  if (format === "zip") return filesOfZip(data);
  return filesOfTar(format === "tgz" ? gunzipSync(data) : data);
}

async function filesOfTar(data: Buffer): Promise<[string, Buffer][]> {
  const files: [string, Buffer][] = [];
  const reader = extract();
  reader.end(data);
  for await (const entry of reader) {
    const { name, type } = entry.header;
    if (type !== "file" && type !== "directory")
      throw new Error(`${name} is a ${type}: an archive within an archive may only hold files and folders`);
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    if (type === "file") files.push([posix.normalize(name), Buffer.concat(chunks)]);
  }
  return files;
}

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;

/** APPNOTE.TXT of PKWARE: the central directory at the end names the files. */
function filesOfZip(data: Buffer): [string, Buffer][] {
  let end = data.length - 22;
  while (end >= 0 && data.readUInt32LE(end) !== endOfDirectory) end--;
  if (end < 0) throw new Error("not a valid zip file");
  const files: [string, Buffer][] = [];
  let at = data.readUInt32LE(end + 16);
  for (let count = data.readUInt16LE(end + 10); count > 0; count--) {
    if (data.readUInt32LE(at) !== directoryEntry) throw new Error("not a valid zip file");
    const method = data.readUInt16LE(at + 10);
    const packed = data.readUInt32LE(at + 20);
    const nameLength = data.readUInt16LE(at + 28);
    const name = data.toString("utf8", at + 46, at + 46 + nameLength);
    const local = data.readUInt32LE(at + 42);
    at += 46 + nameLength + data.readUInt16LE(at + 30) + data.readUInt16LE(at + 32);
    if (name.endsWith("/")) continue;
    const start = local + 30 + data.readUInt16LE(local + 26) + data.readUInt16LE(local + 28);
    const content = data.subarray(start, start + packed);
    if (method !== 0 && method !== 8)
      throw new Error(`${name} in a zip file is compressed by the method ${method}, which is not supported`);
    files.push([posix.normalize(name), method === 0 ? content : inflateRawSync(content)]);
  }
  return files;
}
