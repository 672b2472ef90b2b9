/**
 * Which secrets manager a stack uses: the salt in Pulumi.<stack>.yaml, else the one in its state, else a new one, which is
 * written to the file as `pulumi stack init` does. Specified by pkg/cmd/pulumi/stack (secrets manager) and pkg/secrets.
 */
import { UserError } from "../host/userError";
import type { Backend, StoredCheckpoint } from "./backend";
import { readMap, saltOf } from "./deployment";
import { SecretsManager } from "./secrets";
import type { StackConfigFile } from "./stackConfig";
import { rootStackType } from "./urn";
import type { PropertyMap } from "./values";

export interface StackSecrets {
  /** For the configuration, and for all that is written. */
  readonly config: SecretsManager;
  /** For the state as it is on disk. */
  readonly state: SecretsManager | undefined;
}

export async function openStackSecrets(
  file: StackConfigFile,
  stored: StoredCheckpoint,
  passphrase: string,
): Promise<StackSecrets> {
  const stateSalt = stored.deployment && saltOf(stored.deployment, "the state");
  const salt = file.salt ?? stateSalt;
  if (salt === undefined) {
    const config = await SecretsManager.create(passphrase);
    file.salt = config.salt;
    await file.save();
    return { config, state: undefined };
  }
  const config = await SecretsManager.open(passphrase, salt);
  const state =
    stateSalt === undefined || stateSalt === salt ? config : await SecretsManager.open(passphrase, stateSalt);
  return { config, state };
}

/** Outputs of a stack of this backend, secrets decrypted. The same passphrase must open it. */
export async function outputsOfStack(
  name: string,
  where: { readonly backend: Backend; readonly project: string; readonly passphrase: string },
): Promise<PropertyMap> {
  const parts = name.split("/");
  if (parts.length > 3 || (parts.length > 1 && parts[0] !== "organization"))
    throw new UserError(
      `stack reference ${JSON.stringify(name)} is not valid`,
      "the file backend has stacks named <stack> and organization/<project>/<stack>",
    );
  const stack = parts.at(-1) ?? "";
  const project = parts.length === 3 ? (parts[1] ?? "") : where.project;
  const { deployment } = await where.backend.read(project, stack);
  const root = deployment?.resources?.find((resource) => resource.type === rootStackType && !resource.parent);
  if (deployment === undefined || root === undefined) return {};
  const salt = saltOf(deployment, `the state of ${name}`);
  const secrets = salt === undefined ? undefined : await SecretsManager.open(where.passphrase, salt);
  return readMap(root.outputs, secrets);
}
