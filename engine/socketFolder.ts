/** The folder of one command's sockets: of the user alone, with a name that nobody can take before. */
import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { UserError } from "../host/userError";

/** A socket's path has at most 107 bytes, on macOS 103; the folder's and the socket's own names take up to 34. */
const longestBase = 103 - 34;

/** Where such folders may be, the best first. */
function bases(): string[] {
  const runtime = process.env.XDG_RUNTIME_DIR ?? "";
  return [...(isAbsolute(runtime) && isOwn(runtime) ? [runtime] : []), tmpdir(), "/tmp"].filter(
    (path) => Buffer.byteLength(path) <= longestBase,
  );
}

function isOwn(folder: string): boolean {
  const stat = statSync(folder, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0;
}

export class SocketFolder {
  readonly path: string;
  private readonly onExit = (): void => rmSync(this.path, { recursive: true, force: true });

  constructor() {
    this.path = newFolder();
    process.on("exit", this.onExit);
  }

  remove(): void {
    process.removeListener("exit", this.onExit);
    this.onExit();
  }
}

function newFolder(): string {
  const problems: string[] = [];
  for (const base of bases())
    try {
      const path = mkdtempSync(join(base, "vmcluster-"));
      // Whatever the umask is.
      chmodSync(path, 0o700);
      return path;
    } catch (error) {
      problems.push((error as Error).message);
    }
  throw new UserError(
    "no folder can be made for the engine's sockets",
    problems.join("\n  "),
    "set TMPDIR to a folder that can be written and has a short path",
  );
}
