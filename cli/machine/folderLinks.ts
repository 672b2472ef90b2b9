/** Links to folders within a folder that is to be copied. */
import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { RunError, run } from "../../host/run";
import { shellWord } from "../../host/shellWord";
import { machineFiles } from "../../machine/paths";

const leadsToFolder = async (path: string): Promise<boolean> =>
  stat(path).then(
    (at) => at.isDirectory(),
    () => false,
  );

/** Not below such links; what cannot be read is left to scp to tell. */
export async function linksToFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []);
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await linksToFolders(path)));
    else if (entry.isSymbolicLink() && (await leadsToFolder(path))) found.push(path);
  }
  return found;
}

/** A machine that hangs is told of by scp itself. */
const askMs = 20_000;

/** The same on a machine, over the kept connection. A pattern in the path finds nothing: then scp tells. */
export async function remoteLinksToFolders(machine: string, given: string): Promise<string[]> {
  const path = given.replace(/^~(\/+|$)/, "");
  // With the slash what the path leads to is looked into, if it is a link itself; and `-x` is no option.
  const start = path === "" ? "./" : path.startsWith("/") ? `${path}/` : `./${path}/`;
  const question = `find ${shellWord(start)} -type l -xtype d -print0`;
  const args = ["-F", machineFiles(machine).sshConfig, "--", machine, question];
  try {
    const { stdout } = await run("ssh", args, { timeoutMs: askMs });
    return namesOf(machine, stdout);
  } catch (error) {
    // Also with a find that cannot do this, or that may not look into a folder.
    if (error instanceof RunError) return namesOf(machine, error.stdout);
    throw error;
  }
}

const namesOf = (machine: string, answer: string): string[] =>
  answer
    .split("\0")
    .slice(0, -1)
    .sort()
    .map((path) => `${machine}:${path.replace(/^\.\//, "").replace(/\/{2,}/g, "/")}`);
