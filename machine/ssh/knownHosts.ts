/** What the user's own OpenSSH knows of a host. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { RunError, run } from "../../host/run";

/** Of sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT": what one line says of a host. */
export interface KnownKey {
  /** `ssh-ed25519 AAAA…` */
  readonly key: string;
  readonly revoked: boolean;
  /** Where it says so: `FILE:LINE`. */
  readonly at: string;
}

/** Those that OpenSSH reads unless it is told otherwise. */
const usualFiles = (userHome: string): string[] => [
  ...[join(userHome, ".ssh", "known_hosts"), join(userHome, ".ssh", "known_hosts2")],
  ...["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"],
];

/** `# Host NAME found: line N`, then the line itself. Keys of authorities are no host's own. */
function read(file: string, printed: string): KnownKey[] {
  const keys: KnownKey[] = [];
  let number = "";
  for (const line of printed.split("\n")) {
    number = /^# Host .* found: line (\d+)/.exec(line)?.[1] ?? number;
    const [, marker, kind, bytes] =
      /^(?:@(\S+) )?\S+ ((?:ssh|ecdsa|sk)-\S+) ([A-Za-z0-9+/=]+)/.exec(line) ?? [];
    if (kind === undefined || marker === "cert-authority") continue;
    keys.push({ key: `${kind} ${bytes}`, revoked: marker === "revoked", at: `${file}:${number}` });
  }
  return keys;
}

/** The keys that the user's known_hosts files have of a host. ssh-keygen reads them: names may be hashed or patterns. */
export async function knownKeys(
  address: string,
  port: number,
  userHome: string = homedir(),
): Promise<KnownKey[]> {
  const name = port === 22 ? address : `[${address}]:${port}`;
  const found: KnownKey[] = [];
  for (const file of usualFiles(userHome).filter((path) => existsSync(path))) {
    try {
      const { stdout } = await run("ssh-keygen", ["-F", name, "-f", file], { timeoutMs: 10_000 });
      found.push(...read(file, stdout));
    } catch (error) {
      // It exits with 1 where the file does not have the name.
      if (!(error instanceof RunError) || error.code !== 1) throw error;
    }
  }
  return found;
}
