/** Where the machines' network cards listen: one socket each, all in one folder, and what belongs to the switch that connects those of a cluster. */
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { machinesDir } from "../../../../host/home";
import { socketsDir } from "../../../paths";

/** Names of clusters and machines are too long for a socket's path in many a home. */
const short = (name: string): string => createHash("sha256").update(name).digest("hex").slice(0, 8);

/** What a cluster is called in these names. */
export const keyOf = short;

const ending = ".link";

const isLinkOf = (key: string, file: string): boolean => file.startsWith(`.${key}.`) && file.endsWith(ending);

const fileOf = (cluster: string, name: string): string => `.${keyOf(cluster)}.${short(name)}${ending}`;

/** The folder with the machines, or a short one if that is too long for a socket's path. */
export const linksFolder = (): string => socketsDir(machinesDir(), fileOf("", ""));

export const linkOf = (cluster: string, name: string): string => join(linksFolder(), fileOf(cluster, name));

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** The sockets of a cluster's running machines. */
export const linksIn = (folder: string, key: string): string[] =>
  filesIn(folder).filter((file) => isLinkOf(key, file));

/** The socket of a machine of whatever cluster; none if it does not run. */
export function linksOfMachine(name: string): string[] {
  const folder = linksFolder();
  const its = filesIn(folder).filter(
    (file) => file.startsWith(".") && file.endsWith(`.${short(name)}${ending}`),
  );
  return its.map((file) => join(folder, file));
}

/** The cluster of a running machine, as the command line of its QEMU says; undefined if it has no such socket. */
export function keyIn(args: readonly string[]): string | undefined {
  const netdev = args.find((arg) => arg.startsWith("stream,id=private,"));
  return /\/\.([0-9a-f]{8})\.[0-9a-f]{8}\.link$/.exec(netdev ?? "")?.[1];
}

/** Held by the switch as long as it runs, and what it says when it fails. */
export const switchLock = (key: string): string => join(machinesDir(), `.${key}.switch.lock`);
export const switchLog = (key: string): string => join(machinesDir(), `.${key}.switch.log`);

/** Those whose switch runs, or did. */
export const keysWithSwitch = (): string[] =>
  filesIn(machinesDir()).flatMap((file) => /^\.([0-9a-f]{8})\.switch\.lock$/.exec(file)?.[1] ?? []);
