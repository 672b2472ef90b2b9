import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { RunError, run } from "../host/run";
import { UserError } from "../host/userError";

/**
 * Where to unpack packages: in `work` if apt and gpg can work under its name (there is no way to quote `"`, and they stumble over
 * others such as ":" and "\\"), else in a new folder of the system's, which has a plain one.
 */
export function treeFolder(work: string): string {
  const isPlain = /^[\w\-./ ,+=@~]+$/.test(work);
  return isPlain ? join(work, "packages") : mkdtempSync("/var/tmp/vmcluster-packages-");
}

/**
 * Downloads Debian packages with all they depend on and unpacks them into a new folder. Nothing of them runs, so this
 * needs neither root nor user namespaces; owners are not kept.
 *
 * @returns the packages as `name_version_architecture.deb`, in order
 * @throws UserError if the packages cannot be had
 */
export async function unpackPackages(
  suite: string,
  packages: readonly string[],
  folder: string,
): Promise<string[]> {
  const list = "package-list";
  const args = [
    // No package is configured in this variant, so "chrootless" runs nothing but apt and tar.
    ...["--mode=chrootless", "--variant=extract", "--format=directory"],
    `--include=${packages.join(",")}`,
    `--extract-hook=ls "$1/var/cache/apt/archives" >"$1/${list}"`,
    ...[suite, folder],
  ];
  try {
    await run("mmdebstrap", args, { timeoutMs: 15 * 60_000 });
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    throw new UserError(
      `Debian packages for the service images cannot be had (${suite}: ${packages.join(", ")})`,
      error.stderr.trim().split("\n").slice(-5).join("\n  "),
      "is the network there, and is debian-archive-keyring installed? Then run this again",
    );
  }
  const debs = readFileSync(join(folder, list), "utf8").split("\n");
  rmSync(join(folder, list));
  return debs
    .filter((name) => name.endsWith(".deb"))
    .map((name) => name.replace("%3a", ":"))
    .sort();
}
