/** The local file of a backup: a tar archive of the data folder, compressed by gzip. */
import { createReadStream, type Stats, statSync } from "node:fs";
import { posix } from "node:path";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { UserError } from "../../../host/userError";

export interface ArchiveContent {
  readonly files: number;
  /** Unpacked. */
  readonly bytes: number;
}

function statOf(file: string): Stats {
  const at = statSync(file, { throwIfNoEntry: false });
  if (at === undefined) throw new UserError(`${file}: there is no such file`);
  if (!at.isFile()) throw new UserError(`${file} is not a file`, undefined, "give one that backup has made");
  return at;
}

/** A name in the archive must not lead out of the folder it is unpacked to. */
const leaves = (name: string): boolean =>
  name.startsWith("/") || posix.normalize(name).split("/").includes("..");

/** Set-user-ID and set-group-ID (inode(7)). */
const setId = 0o6000;

/**
 * What would give whoever can reach the folder more than its content: a device, or a program that runs as its owner or with capabilities.
 * Set-group-ID of a folder only says which group its files have.
 */
function privilege({ type, mode = 0, pax }: Header): string | undefined {
  if (type === "block-device" || type === "character-device") return "is a device";
  if (type === "file" && (mode & setId) !== 0) return "has set-user-ID or set-group-ID";
  if (pax && Object.keys(pax).some((key) => key.endsWith(".security.capability"))) return "has capabilities";
  return undefined;
}

/**
 * Reads all of it: a file that is cut off or damaged is found before anything is changed.
 *
 * @param privileged whether devices and programs with privileges of their own may be in it
 * @throws UserError if it is not such an archive
 */
export async function checkArchive(
  file: string,
  signal: AbortSignal,
  privileged = false,
): Promise<ArchiveContent> {
  statOf(file);
  let files = 0;
  let bytes = 0;
  let outside: string | undefined;
  let special: string | undefined;
  const reader = extract();
  reader.on("entry", (header, stream, next) => {
    const { name, type, linkname, size } = header;
    const more = privilege(header);
    if (more !== undefined) special ??= `${JSON.stringify(name)} in it ${more}`;
    const linked = type === "link" ? (linkname ?? "") : "";
    if (leaves(name) || leaves(linked)) outside ??= name;
    if (type !== "directory") files++;
    bytes += size ?? 0;
    // The whole archive's error is told below.
    stream.on("error", () => undefined);
    stream.on("end", next);
    stream.resume();
  });
  const refuse = (why: string): UserError =>
    new UserError(
      `${file} cannot be restored`,
      why,
      "it must be a whole tar archive compressed by gzip, as backup makes it",
    );
  try {
    await pipeline(createReadStream(file), createGunzip(), reader as unknown as Writable, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw refuse(error instanceof Error ? error.message : String(error));
  }
  if (outside !== undefined) throw refuse(`${JSON.stringify(outside)} in it leads out of the folder`);
  if (special !== undefined && !privileged) {
    throw new UserError(
      `${file} cannot be restored`,
      special,
      "if the file is from somebody whom you trust with the node: --allow-privileged",
    );
  }
  if (files === 0) throw refuse("there is no file in it");
  return { files, bytes };
}
