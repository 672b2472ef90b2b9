import { lookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { NodeSSH } from "node-ssh";
import { UserError } from "../../../host/userError";
import type { Progress } from "../../progress";
import { waiting } from "../../progress";
import { fingerprint } from "../../ssh/keys";
import type { Login } from "../../ssh/login";
import { greetedSocket, keyBytes } from "../../ssh/session";
import { askKnownHosts, checkFirstContact, type FirstContact, pinnedText } from "./firstContact";

/** A new cloud machine may need so long until its sshd runs; one that was there before has no excuse. */
export const newHostMs = 120_000;
export const knownHostMs = 20_000;

export interface LoggedIn {
  readonly session: NodeSSH;
  /** The key that the host showed, `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
}

export interface LoginOptions {
  /** The only host key that is accepted. Default: one that the user's known_hosts has; if it has none, whichever the host shows. */
  readonly pinned?: string;
  /** How long to wait for its sshd. */
  readonly patienceMs: number;
  readonly progress: Progress;
  /** Whose known_hosts counts. Default: the user's who runs this. */
  readonly userHome?: string;
}

async function checkName(name: string, { address }: Login): Promise<void> {
  try {
    await lookup(address);
  } catch (error) {
    throw new UserError(
      `machine "${name}": host: "${address}" is not known`,
      (error as Error).message,
      "give the name or address at which it answers SSH",
    );
  }
}

async function greeted(login: Login, patienceMs: number) {
  const end = Date.now() + patienceMs;
  for (;;) {
    const socket = await greetedSocket(login.address, login.port, Math.min(30_000, patienceMs));
    if (socket !== undefined || Date.now() > end) return socket;
    await delay(1000);
  }
}

/** Why an existing host cannot be logged in to. */
function loginError(
  name: string,
  login: Login,
  error: Error,
  pinned: string | undefined,
  shown: string,
): UserError {
  const at = `${login.user}@${login.address}, port ${login.port}`;
  if (pinned !== undefined && shown !== "" && !keyBytes(pinned).equals(keyBytes(shown))) {
    return new UserError(
      `machine "${name}": the SSH host key of ${login.address}, port ${login.port}, is not the pinned one`,
      `it shows ${fingerprint(shown)}, pinned is ${fingerprint(pinned)}: another machine answers there, or it was installed anew`,
      `if that is right, give its new key as hostKey, or forget the machine (vmcluster machine rm -f ${name}) and make it again`,
    );
  }
  if (/authentication methods failed/i.test(error.message)) {
    return new UserError(
      `machine "${name}": ${at}: the login is refused`,
      `sshUser "${login.user}" does not let identity "${login.identity}" in`,
      `put that key's .pub into the user's ~/.ssh/authorized_keys there, or give another sshUser or identity`,
    );
  }
  if (/no matching host key format/i.test(error.message)) {
    return new UserError(
      `machine "${name}": ${at}: its sshd has no ed25519 host key`,
      undefined,
      "make one there: ssh-keygen -A, and restart sshd",
    );
  }
  return new UserError(`machine "${name}": ${at}: no login`, error.message);
}

function refusal(
  name: string,
  login: Login,
  contact: FirstContact | undefined,
  shown: string,
): Error | undefined {
  try {
    if (contact !== undefined) checkFirstContact(name, login, contact, shown);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/**
 * Logs in to an existing host. The caller disposes of the session.
 *
 * @throws UserError that says what is wrong: the name, the port, the host's key, the user or the user's key
 */
export async function logIn(name: string, login: Login, options: LoginOptions): Promise<LoggedIn> {
  const { pinned, patienceMs, progress } = options;
  await checkName(name, login);
  const looking = greeted(login, patienceMs);
  const socket = await waiting(`looking for SSH at ${login.address}, port ${login.port}`, progress, looking);
  if (socket === undefined) {
    throw new UserError(
      `machine "${name}": host "${login.address}" does not answer SSH on port ${login.port}`,
      `nothing greeted there within ${patienceMs / 1000} s`,
      "check host and sshPort, that the machine and its sshd run, and the firewalls on the way",
    );
  }
  const contact = pinned === undefined ? await askKnownHosts(name, login, options.userHome) : undefined;
  const session = new NodeSSH();
  let shown = "";
  let refused: Error | undefined;
  try {
    await session.connect({
      sock: socket,
      username: login.user,
      privateKey: readFileSync(login.identity, "utf8"),
      hostVerifier: (key: Buffer) => {
        shown = `ssh-ed25519 ${key.toString("base64")}`;
        refused = refusal(name, login, contact, shown);
        return refused === undefined && (pinned === undefined || key.equals(keyBytes(pinned)));
      },
      readyTimeout: 60_000,
      keepaliveInterval: 15_000,
      keepaliveCountMax: 4,
      algorithms: { serverHostKey: ["ssh-ed25519"] },
    });
    if (contact !== undefined) progress(pinnedText(contact, shown));
    return { session, hostKey: shown };
  } catch (error) {
    session.dispose();
    socket.destroy();
    if (refused !== undefined) throw refused;
    throw loginError(name, login, error as Error, pinned, shown);
  }
}
