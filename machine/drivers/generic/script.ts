import type { NodeSSH } from "node-ssh";
import { quoted } from "../../../host/shellWord";
import { inGuest } from "../../guest";

/** Shell variables that a script is given. */
export type Values = Readonly<Record<string, string>>;

/**
 * POSIX sh text for `sh -s`: it comes on standard input, as values do, so nothing of it is in a process list. Read as a whole
 * before it begins, and what it runs does not read the rest of it.
 */
export function scriptText(script: string, values: Values = {}): string {
  const assignments = Object.entries(values).map(([name, value]) => `${name}=${quoted(value)}\n`);
  return `set -eu
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
${assignments.join("")}main() {
${script}
}
main </dev/null
`;
}

/** Runs a script as the user who logs in; rejects with GuestError unless it exits with 0. */
export const asUser = (session: NodeSSH, script: string, values?: Values): Promise<string> =>
  inGuest(session, "sh -s", scriptText(script, values));

/** The same as root: another user has sudo without a password, which was checked. */
export const asRoot = (session: NodeSSH, sshUser: string, script: string, values?: Values): Promise<string> =>
  inGuest(session, sshUser === "root" ? "sh -s" : "sudo -n sh -s", scriptText(script, values));

/** Lines `key<tab>value` that a script says; the last one of a key holds. */
export const answers = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split("\n").flatMap((line): [string, string][] => {
      const at = line.indexOf("\t");
      return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1).trim()]];
    }),
  );

/** The function that says them. */
export const say = `say() { printf '%s\\t%s\\n' "$1" "$2"; }`;
