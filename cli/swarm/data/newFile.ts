/** A local file that is there when it is whole, and not before. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { UserError } from "../../../host/userError";

const exists = (file: string): UserError =>
  new UserError(`${file} exists already`, undefined, "give another --output, or --force to replace it");

/** @throws UserError unless a file of this size can be made there */
export function refuseUnwritable(file: string, force: boolean, size: number): void {
  const folder = dirname(file);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UserError(`${file}: there is no folder ${folder}`);
  const at = statSync(file, { throwIfNoEntry: false });
  if (at !== undefined && !at.isFile()) throw new UserError(`${file} is not a file`);
  if (at !== undefined && !force) throw exists(file);
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < size) {
    throw new UserError(
      `${folder} has too little room`,
      `${bavail * bsize} bytes are free, the data has ${size} before it is compressed`,
      "give another --output",
    );
  }
}

/** Lets `write` fill a file that nobody else can read (mode 0600), then gives it its name; nothing is left if it fails. */
export async function newFile(
  file: string,
  force: boolean,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}.part`);
  rmSync(temporary, { force: true });
  const fd = openSync(temporary, "wx", 0o600);
  try {
    await write(temporary);
    fsyncSync(fd);
    if (force) renameSync(temporary, file);
    else {
      // Unlike a rename it does not replace what has come meanwhile.
      linkSync(temporary, file);
      rmSync(temporary);
    }
  } catch (error) {
    rmSync(temporary, { force: true });
    if (!force && (error as NodeJS.ErrnoException).code === "EEXIST" && existsSync(file)) throw exists(file);
    throw error;
  } finally {
    closeSync(fd);
  }
}
