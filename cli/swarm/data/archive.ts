/** The local file of a backup: a tar archive of the data folder, compressed by gzip. */
import { createReadStream, type Stats, statSync } from "node:fs";
import { posix } from "node:path";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
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

/**
 * Reads all of it: a file that is cut off or damaged is found before anything is changed.
 *
 * @throws UserError if it is not such an archive
 */
export async function checkArchive(file: string, signal: AbortSignal): Promise<ArchiveContent> {
  statOf(file);
  let files = 0;
  let bytes = 0;
  let outside: string | undefined;
  const reader = extract();
  reader.on("entry", ({ name, type, linkname, size }, stream, next) => {
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
  if (files === 0) throw refuse("there is no file in it");
  return { files, bytes };
}
