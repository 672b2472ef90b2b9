/**
 * Which secrets manager a stack uses: the salt in Pulumi.<stack>.yaml, else the one in its state, else a new one, which is
 * written to the file as `pulumi stack init` does. Specified by pkg/cmd/pulumi/stack (secrets manager) and pkg/secrets.
 */
import type { Backend, StoredCheckpoint } from "./backend";
import { type Decrypter, readMap, saltOf } from "./deployment";
import { parseStackReference } from "./names";
import { SecretsManager } from "./secrets";
import type { StackConfigFile } from "./stackConfig";
import { rootStackType } from "./urn";
import type { PropertyMap } from "./values";

export interface StackSecrets {
  /** For the configuration, and for all that is written. */
  readonly config: SecretsManager;
  /** For the state as it is on disk. */
  readonly state: SecretsManager;
}

/**
 * For a new stack. A salt that another passphrase made (the home was deleted, or the file came with a clone) protects
 * nothing while the file has no secret: a new one takes its place.
 */
export async function newStackSecrets(file: StackConfigFile, passphrase: string): Promise<SecretsManager> {
  if (file.salt !== undefined) {
    if (file.hasSecrets()) return SecretsManager.open(passphrase, file.salt);
    const known = await SecretsManager.tryOpen(passphrase, file.salt);
    if (known !== undefined) return known;
  }
  const made = await SecretsManager.create(passphrase);
  file.salt = made.salt;
  await file.save();
  return made;
}

export async function openStackSecrets(
  file: StackConfigFile,
  stored: StoredCheckpoint,
  passphrase: string,
): Promise<StackSecrets> {
  const stateSalt = stored.deployment && saltOf(stored.deployment, "the state");
  if (stateSalt === undefined) {
    const config =
      file.salt === undefined
        ? await newStackSecrets(file, passphrase)
        : await SecretsManager.open(passphrase, file.salt);
    return { config, state: config };
  }
  const state = await SecretsManager.open(passphrase, stateSalt);
  if (file.salt === undefined || file.salt === stateSalt) return { config: state, state };
  const config = await SecretsManager.tryOpen(passphrase, file.salt);
  // Somebody else's salt, with which nothing is encrypted here.
  if (config === undefined && !file.hasSecrets()) return { config: state, state };
  return { config: config ?? (await SecretsManager.open(passphrase, file.salt)), state };
}

interface StackPlace {
  readonly backend: Backend;
  readonly project: string;
  readonly passphrase: string;
}

/**
 * Outputs of a stack of this backend, secrets decrypted.
 *
 * @throws UserError if another passphrase made the stack
 */
export function outputsOfStack(name: string, where: StackPlace): Promise<PropertyMap> {
  return readOutputs(name, where, (salt) => SecretsManager.open(where.passphrase, salt));
}

/**
 * Outputs of a stack of this backend, for a StackReference. Of a stack that another passphrase made, each secret output is a
 * secret empty object. Specified by pkg/backend/secrets.go (errorCatchingSecretsManager).
 *
 * @param onUnreadable told once if there is such an output
 */
export function referencedOutputs(
  name: string,
  where: StackPlace,
  onUnreadable: () => void,
): Promise<PropertyMap> {
  return readOutputs(name, where, async (salt) => {
    const opened = await SecretsManager.tryOpen(where.passphrase, salt);
    if (opened !== undefined) return opened;
    let told = false;
    return {
      decrypt: () => {
        if (!told) onUnreadable();
        told = true;
        return "{}";
      },
    };
  });
}

async function readOutputs(
  name: string,
  where: StackPlace,
  open: (salt: string) => Promise<Decrypter>,
): Promise<PropertyMap> {
  const { project, stack } = parseStackReference(name, where.project);
  const { deployment } = await where.backend.read(project, stack);
  const root = deployment?.resources?.find((resource) => resource.type === rootStackType && !resource.parent);
  if (deployment === undefined || root === undefined) return {};
  const salt = saltOf(deployment, `the state of ${name}`);
  return readMap(root.outputs, salt === undefined ? undefined : await open(salt));
}
