/** What the host refuses a file for, in words that a user can act on. */
import { UserError } from "./userError";

const notYours = "your user may not: does it belong to another one, as after a run with sudo?";

const meanings: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file, or a folder on that path is missing",
  EISDIR: "that is a folder, not a file",
  ENOTDIR: "a part of that path is a file, not a folder",
  ENOSPC: "the disk is full: free some space, then try again",
  EDQUOT: "your share of the disk is used up: free some space, then try again",
  ELOOP: "links on that path lead in a circle",
  ENAMETOOLONG: "that path is too long",
  EROFS: "that file system is read-only",
  EACCES: notYours,
  EPERM: notYours,
  EEXIST: "something of that name is in the way",
  EBUSY: "something else uses it: a mount, or a running program",
  ETXTBSY: "it is a program that runs",
  EFBIG: "that file would be larger than the file system or your limits allow",
  EMFILE: "too many files are open: raise the limit (ulimit -n)",
  ENFILE: "too many files are open on this host",
  EIO: "the disk could not be read or written",
  ENXIO: "nobody reads from that pipe, or the device is gone",
  ENODEV: "the device is gone",
};

/** The host's own reason, and what it means; undefined if it is of another kind, as a program that is missing. */
export function fileRefusal(
  error: unknown,
): { readonly reason: string; readonly meaning: string } | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = "", syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined || syscall.startsWith("spawn")) return undefined;
  const meaning = meanings[code];
  return meaning === undefined ? undefined : { reason: error.message, meaning };
}

/** The refusal of a file that the user named as a {@link UserError}; any other error as it is. */
export function refusedFile(error: unknown, what: string): unknown {
  const refusal = fileRefusal(error);
  // The system's own words end in the name of a temporary file.
  return refusal ? new UserError(what, refusal.reason.replace(/, \w+( '.*)?$/, ""), refusal.meaning) : error;
}

/** Does something with a file that the user named. @param what as "cannot write x" */
export function onUserFile<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw refusedFile(error, what);
  }
}
