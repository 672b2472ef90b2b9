import { spawn } from "node:child_process";
import { lstatSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "../../host/userError";
import { writeSshClient } from "../../machine/ssh/client";
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
