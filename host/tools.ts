import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { UserError } from "./userError";

/** Programs this project starts on the host and the Debian and Ubuntu packages that hold them. */
const packages = {
  "qemu-system-x86_64": "qemu-system-x86",
  "qemu-img": "qemu-utils",
  mmdebstrap: "mmdebstrap",
  mke2fs: "e2fsprogs",
  xorriso: "xorriso",
  fakeroot: "fakeroot",
  newuidmap: "uidmap",
  tar: "tar",
  xz: "xz-utils",
  ssh: "openssh-client",
  "ssh-keygen": "openssh-client",
  flock: "util-linux",
  buildah: "buildah",
} as const;

export type Tool = keyof typeof packages;

/** Debian and Ubuntu package that holds a program. */
export const packageOf = (tool: Tool): string => packages[tool];

/**
 * Full path of a program on PATH or in the folders of system programs (a user's PATH often lacks sbin); undefined if absent.
 *
 * @param besides a folder that is not looked in
 */
export function findProgram(name: string, besides?: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  return folders
    .filter((folder) => folder !== "" && folder !== besides)
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * Makes sure that programs are installed.
 *
 * @param what what they are for, in the error
 * @throws UserError naming the missing programs and the packages to install
 */
export function requireTools(what: string, tools: readonly Tool[]): void {
  const missing = tools.filter((tool) => findProgram(tool) === undefined);
  if (missing.length === 0) return;
  const needed = [...new Set(missing.map((tool) => packages[tool]))].join(" ");
  throw new UserError(
    `${what} needs ${missing.join(", ")}`,
    "not installed (not found on PATH)",
    `install: apt-get install ${needed}`,
  );
}
