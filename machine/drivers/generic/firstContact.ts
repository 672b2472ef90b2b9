/** Which host key is taken for the right one when an existing host is reached for the first time. */
import { UserError } from "../../../host/userError";
import { fingerprint } from "../../ssh/keys";
import { type KnownKey, knownKeys } from "../../ssh/knownHosts";
import type { Login } from "../../ssh/login";

const kindOf = (key: string): string => key.split(" ")[0] ?? "";

/** What may be accepted. */
export interface FirstContact {
  /** Keys of which it must show one. Empty: whichever it shows. */
  readonly accepted: readonly string[];
  /** Keys that must not be accepted. */
  readonly revoked: readonly string[];
  /** Where the accepted ones are from. */
  readonly at: string;
}

/**
 * @param known what the user's known_hosts has of the host
 * @throws UserError if it knows only keys that cannot be compared
 */
function firstContact(
  name: string,
  { address, port, user }: Login,
  known: readonly KnownKey[],
): FirstContact {
  const revoked = known.filter((one) => one.revoked).map(({ key }) => key);
  const good = known.filter((one) => !one.revoked);
  const comparable = good.filter(({ key }) => kindOf(key) === "ssh-ed25519");
  if (good.length > 0 && comparable.length === 0) {
    const kinds = [...new Set(good.map(({ key }) => kindOf(key)))].join(", ");
    throw new UserError(
      `machine "${name}": the SSH host key of ${address}, port ${port}, cannot be compared with the known one`,
      `${good[0]?.at} has its ${kinds} key, not the ssh-ed25519 key that is pinned here`,
      `log in once by hand and compare (ssh -o HostKeyAlgorithms=ssh-ed25519 -p ${port} ${user}@${address}), or give its ssh-ed25519 key as hostKey`,
    );
  }
  return { accepted: comparable.map(({ key }) => key), revoked, at: comparable[0]?.at ?? "" };
}

export const askKnownHosts = async (name: string, login: Login, userHome?: string): Promise<FirstContact> =>
  firstContact(name, login, await knownKeys(login.address, login.port, userHome));

/** @throws UserError if the host shows another key than it may */
export function checkFirstContact(name: string, login: Login, contact: FirstContact, shown: string): void {
  const { address, port } = login;
  const of = `the SSH host key of ${address}, port ${port},`;
  if (contact.revoked.includes(shown)) {
    throw new UserError(
      `machine "${name}": ${of} is revoked`,
      `it shows ${fingerprint(shown)}, which known_hosts marks @revoked`,
    );
  }
  if (contact.accepted.length > 0 && !contact.accepted.includes(shown)) {
    throw new UserError(
      `machine "${name}": ${of} is not the known one`,
      `it shows ${fingerprint(shown)}; ${contact.at} has ${contact.accepted.map(fingerprint).join(", ")}: another machine answers there, or it was installed anew`,
      "if that is right, give its new key as hostKey, or take the old line out of known_hosts (ssh-keygen -R)",
    );
  }
}

/** What people are told when a key is pinned. */
export const pinnedText = (contact: FirstContact, shown: string): string =>
  contact.accepted.includes(shown)
    ? `its SSH host key is ${fingerprint(shown)}, as ${contact.at} says`
    : `its SSH host key is ${fingerprint(shown)}: not known here before, pinned from now on; compare it there with ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`;
