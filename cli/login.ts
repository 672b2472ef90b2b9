/** `login`, `logout`, `whoami`: which folder keeps the state where neither PULUMI_BACKEND_URL nor Pulumi.yaml names one. */
import { statSync } from "node:fs";
import { hostname } from "node:os";
import { pathToFileURL } from "node:url";
import { UserError } from "../host/userError";
import { userName } from "../host/userName";
import { backendInUse, folderOf, forgetBackend, rememberBackend } from "./backend";
import type { Flags } from "./flags";
import { projectDirIfAny } from "./project";

const print = (text: string): void => void process.stdout.write(text);

export interface LoginFlags extends Flags {
  readonly cloudUrl?: string;
  readonly local?: boolean;
  readonly all?: boolean;
}

/** As it was given: undefined where nothing was. */
function given({ cloudUrl, local }: LoginFlags, url: string | undefined): string | undefined {
  if (cloudUrl !== undefined && url !== undefined)
    throw new UserError("only one of --cloud-url or argument URL may be specified, not both");
  const address = cloudUrl ?? url;
  if (!local) return address || undefined;
  if (address) throw new UserError("a URL may not be specified when --local mode is enabled");
  return "file://~";
}

export async function login(flags: LoginFlags, argument?: string): Promise<number> {
  const url = given(flags, argument);
  if (url === undefined) {
    const { url: used } = backendInUse(flags, projectDirIfAny(flags));
    print(`Logged in to ${hostname()} as ${userName()} (${used})\n`);
    return 0;
  }
  const folder = folderOf("login", url, flags);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UserError(`cannot log in to ${url}`, `there is no folder ${folder}`, "make that folder first");
  // A relative one is from here, whatever folder a later command works in.
  rememberBackend(url === "file://~" ? url : pathToFileURL(folder).href);
  print(`Logged in to ${hostname()} as ${userName()} (${url})\n`);
  const { from } = backendInUse(flags, projectDirIfAny(flags));
  if (from !== "login") process.stderr.write(`note: ${from} names a backend too, and wins\n`);
  return 0;
}

export async function logout(flags: LoginFlags, argument?: string): Promise<number> {
  const url = given(flags, argument);
  if (flags.all) {
    if (url !== undefined) throw new UserError("--all and a URL cannot be used together");
    forgetBackend();
    print("Logged out of everything\n");
    return 0;
  }
  const used = backendInUse(flags, projectDirIfAny(flags));
  forgetBackend(url === undefined ? undefined : folderOf("logout", url, flags));
  print(`Logged out of ${url ?? used.url}\n`);
  return 0;
}

export interface WhoFlags extends Flags {
  readonly verbose?: boolean;
  readonly output?: "default" | "json";
}

export async function whoami(flags: WhoFlags): Promise<number> {
  const { url } = backendInUse(flags, projectDirIfAny(flags));
  const user = userName();
  if (flags.json || flags.output === "json") print(`${JSON.stringify({ user, url }, undefined, 2)}\n`);
  else if (flags.verbose)
    print(`User: ${user}\nOrganizations: \nBackend URL: ${url}\nToken type: personal\n`);
  else print(`${user}\n`);
  return 0;
}
