import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { utils } from "ssh2";
import { UserError } from "../../../host/userError";
import type { MachineSpec } from "../../spec";

/** Where OpenSSH looks too, in its order of today. */
const usual = ["id_ed25519", "id_ecdsa", "id_rsa"];

/**
 * The private key file that logs in to an existing host.
 *
 * @throws UserError unless it is one that can be used without asking anybody
 */
export function identityOf(
  { name, identity }: Pick<MachineSpec, "name" | "identity">,
  userHome: string = homedir(),
): string {
  const chosen = identity?.replace(/^~(?=\/)/, userHome);
  const file = chosen ?? usual.map((one) => join(userHome, ".ssh", one)).find((path) => existsSync(path));
  if (file === undefined) {
    throw new UserError(
      `machine "${name}": identity: missing`,
      `there is no ${usual.join(", ")} in ~/.ssh either`,
      "give the private key file that logs in to the host",
    );
  }
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(
      `machine "${name}": identity: "${file}" cannot be read`,
      (error as Error).message,
      "it must be a private key file",
    );
  }
  const key = utils.parseKey(text);
  if (!(key instanceof Error) && key.isPrivateKey()) return file;
  const why = key instanceof Error ? key.message : "it is the public half of one";
  const locked = /encrypted/i.test(why);
  throw new UserError(
    `machine "${name}": identity: "${file}" ${locked ? "has a passphrase" : "is no private key"}`,
    locked ? "nobody is there to type it when machines are made and repaired" : why,
    locked
      ? "make a key for this without one (ssh-keygen -t ed25519 -N '' -f FILE) and put its .pub on the host (ssh-copy-id)"
      : "it must be the private key file, not the .pub",
  );
}
