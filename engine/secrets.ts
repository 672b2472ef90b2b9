/**
 * The passphrase secrets provider. Specified by pkg/secrets/passphrase/manager.go and
 * sdk/go/common/resource/config/crypt.go: the key is PBKDF2-HMAC-SHA256 (1,000,000 rounds) of the passphrase,
 * a ciphertext is `v1:<nonce>:<AES-256-GCM ciphertext and tag>` in base64, and the salt kept beside the state,
 * `v1:<salt>:<ciphertext of "pulumi">`, tells whether a passphrase is right.
 */
import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { UserError } from "../host/userError";

const rounds = 1_000_000;
const keyBytes = 32;
const tagBytes = 16;
const check = "pulumi";
const derive = promisify(pbkdf2);

/** Keys of this process: deriving one takes most of a second, and a command often needs it twice. */
const keys = new Map<string, Promise<Buffer>>();

function keyFor(passphrase: string, salt: Buffer): Promise<Buffer> {
  const name = `${salt.toString("base64")}:${passphrase}`;
  const known = keys.get(name);
  if (known) return known;
  const key = derive(passphrase, salt, rounds, keyBytes, "sha256");
  keys.set(name, key);
  return key;
}

/** Encrypts and decrypts the secrets of one stack. */
export class SecretsManager {
  private constructor(
    /** What is kept as `encryptionsalt` in Pulumi.<stack>.yaml and as `salt` in the state. */
    readonly salt: string,
    private readonly key: Buffer,
  ) {}

  /** A new salt for this passphrase. */
  static async create(passphrase: string): Promise<SecretsManager> {
    const salt = randomBytes(8);
    const key = await keyFor(passphrase, salt);
    return new SecretsManager(`v1:${salt.toString("base64")}:${encrypt(key, check)}`, key);
  }

  /** Throws {@link UserError} if the passphrase is not the one the salt was made with. */
  static async open(passphrase: string, salt: string): Promise<SecretsManager> {
    const opened = await SecretsManager.tryOpen(passphrase, salt);
    if (opened !== undefined) return opened;
    throw new UserError(
      "incorrect passphrase",
      "the secrets of this stack were encrypted with another one",
      "set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to the passphrase the stack was made with (vmcluster makes one in each VMCLUSTER_HOME: its file `passphrase`)",
    );
  }

  /** Undefined if the passphrase is not the one the salt was made with. */
  static async tryOpen(passphrase: string, salt: string): Promise<SecretsManager | undefined> {
    const [version, encoded, ...rest] = salt.split(":");
    if (version !== "v1" || encoded === undefined || rest.length !== 3)
      throw new UserError("encryptionsalt is not one this engine can read", 'it must begin with "v1:"');
    const key = await keyFor(passphrase, Buffer.from(encoded, "base64"));
    let opened: string | undefined;
    try {
      opened = decrypt(key, rest.join(":"));
    } catch {
      opened = undefined;
    }
    if (opened !== check) return undefined;
    return new SecretsManager(salt, key);
  }

  encrypt(plaintext: string): string {
    return encrypt(this.key, plaintext);
  }

  /** Throws on a ciphertext of another stack or one that was altered. */
  decrypt(ciphertext: string): string {
    return decrypt(this.key, ciphertext);
  }
}

function encrypt(key: Buffer, plaintext: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
}

function decrypt(key: Buffer, ciphertext: string): string {
  const [version, nonce, sealed, ...more] = ciphertext.split(":");
  if (version !== "v1" || nonce === undefined || sealed === undefined || more.length > 0)
    throw new Error("not a ciphertext of the passphrase provider");
  const bytes = Buffer.from(sealed, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"), {
    authTagLength: tagBytes,
  });
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]).toString("utf8");
}
