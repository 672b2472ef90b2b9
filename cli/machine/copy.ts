import { spawn } from "node:child_process";
import { lstatSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { shellWord } from "../../host/shellWord";
import { UserError } from "../../host/userError";
import { writeSshClient } from "../../machine/ssh/client";
import { linksToFolders, remoteLinksToFolders } from "./folderLinks";
import { runningMachine } from "./running";

export interface CopyOptions {
  readonly recursive?: boolean;
  readonly quiet?: boolean;
}

export type Place = { readonly machine: string; readonly path: string } | { readonly path: string };

/** `NAME:path` is on a machine; a local path with a colon in it is given with a folder (`./a:b`), as with scp. */
export function placeOf(text: string): Place {
  const at = text.indexOf(":");
  const before = text.slice(0, at);
  if (at < 1 || before.includes("/")) return { path: text };
  return { machine: before, path: text.slice(at + 1) };
}

function checkLocalSource(path: string, recursive: boolean): void {
  const at = statSync(path, { throwIfNoEntry: false });
  if (at === undefined) {
    const dangling = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
    throw new UserError(`${path}: ${dangling ? "it is a link to nowhere" : "there is no such file"}`);
  }
  if (at.isDirectory() && !recursive) {
    throw new UserError(`${path} is a folder`, undefined, "copy it with what is in it: -r");
  }
}

function checkLocalTarget(path: string): void {
  if (statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory()) return;
  throw new UserError(`${path}: there is no folder ${dirname(path)} to copy into`);
}

/** How scp is told of a place; a local path can never be read as an option or as a host. */
export function scpWord(place: Place): string {
  if ("machine" in place) return `${place.machine}:${place.path}`;
  return place.path.startsWith("/") ? place.path : `./${place.path}`;
}

/**
 * scp copies what a link leads to, but of a folder that only if it is given itself: of a link to a folder within a folder it says "not a
 * regular file", after all else is copied.
 */
async function checkLinks(from: Place, to: Place): Promise<void> {
  const links =
    "machine" in from ? await remoteLinksToFolders(from.machine, from.path) : await linksToFolders(from.path);
  const [first] = links;
  if (first === undefined) return;
  const more = links.length === 1 ? "" : ` (and ${links.length - 1} more)`;
  const on = (place: Place, command: string): string =>
    "machine" in place ? `vmcluster machine ssh ${place.machine} ${shellWord(command)}` : command;
  // A path that is left out is the folder of the login.
  const folder = (place: Place): string => shellWord(place.path.replace(/^~(\/+|$)/, "") || ".");
  const read = on(from, `tar -C ${folder(from)} -ch .`);
  const write = on(to, `tar -C ${folder(to)} -x`);
  throw new UserError(
    `${first} is a link to a folder${more}, which scp does not copy within a folder`,
    "nothing was copied",
    `copy what it leads to by itself; or, into a folder that is there: ${read} | ${write} (without the h, links stay links)`,
  );
}

/** @throws UserError about the first thing that stands in the way, before anything is copied */
async function check(from: Place, to: Place, recursive: boolean): Promise<void> {
  for (const place of [from, to]) {
    if ("machine" in place) await runningMachine(place.machine);
    else if (place.path === "") throw new UserError("a path to copy is empty");
  }
  if (!("machine" in from) && !("machine" in to)) {
    throw new UserError(
      `neither ${from.path} nor ${to.path} is on a machine`,
      "machine scp copies from or to machines, which are written NAME:path",
    );
  }
  if (!("machine" in from)) checkLocalSource(from.path, recursive);
  if (!("machine" in to)) checkLocalTarget(to.path);
  if (recursive) await checkLinks(from, to);
}

/** `machine scp`: the system's scp, which shows its progress on a terminal. Returns its exit code. */
export async function copy(source: string, target: string, options: CopyOptions): Promise<number> {
  const [from, to] = [placeOf(source), placeOf(target)];
  await check(from, to, options.recursive === true);
  const { machines } = writeSshClient();
  // SFTP (-s) gives paths to no shell. Between two machines the data goes through this host (-3), which alone has both keys.
  const flags = [
    "-s",
    "-3",
    "-F",
    machines,
    ...(options.recursive ? ["-r"] : []),
    ...(options.quiet ? ["-q"] : []),
  ];
  const child = spawn("scp", [...flags, "--", scpWord(from), scpWord(to)], { stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}
