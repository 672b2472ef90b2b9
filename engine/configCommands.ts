/** Reading and changing a stack's configuration: what `pulumi config` does, with the same files. */
import { UserError } from "../host/userError";
import type { StackOptions } from "./api";
import { Backend } from "./backend";
import { loadProject, type Project } from "./project";
import type { SecretsManager } from "./secrets";
import { StackConfigFile, shortKey } from "./stackConfig";
import { openStackSecrets } from "./stackSecrets";

export interface ConfigEntry {
  /** As people write it: the project's own keys without their namespace, others as `namespace:name`. */
  readonly key: string;
  /** `[secret]` for secrets that are not to be shown. */
  readonly value: string;
  readonly secret: boolean;
}

interface Opened {
  readonly project: Project;
  readonly file: StackConfigFile;
  readonly secrets: SecretsManager | undefined;
}

async function open(options: StackOptions, needSecrets: boolean): Promise<Opened> {
  const project = await loadProject(options.projectDir);
  const stored = await new Backend(options.backendDir).read(project.name, options.stack);
  const file = await StackConfigFile.load(project, options.stack);
  const secrets =
    needSecrets || file.hasSecrets()
      ? (await openStackSecrets(file, stored, options.passphrase)).config
      : undefined;
  return { project, file, secrets };
}

/** All values, sorted by key, with the project's defaults. Secrets are `[secret]` unless `showSecrets`. */
export async function listConfig(
  options: StackOptions & { readonly showSecrets: boolean },
): Promise<ConfigEntry[]> {
  const { project, file, secrets } = await open(options, false);
  const { values, secretKeys } = file.resolve(secrets, { check: false });
  return [...values]
    .map(([key, value]) => {
      const secret = secretKeys.has(key);
      return {
        key: shortKey(key, project),
        value: secret && !options.showSecrets ? "[secret]" : value,
        secret,
      };
    })
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** One value, decrypted. Throws UserError if it is not set. */
export async function getConfig(options: StackOptions & { readonly key: string }): Promise<ConfigEntry> {
  const { project, file, secrets } = await open(options, false);
  const full = file.key(options.key);
  const { values, secretKeys } = file.resolve(secrets, { check: false });
  const value = values.get(full);
  const key = shortKey(full, project);
  if (value === undefined)
    throw new UserError(`configuration key '${key}' not found for stack '${options.stack}'`);
  return { key, value, secret: secretKeys.has(full) };
}

/** Sets a value. A secret is encrypted in the file. */
export async function setConfig(
  options: StackOptions & { readonly key: string; readonly value: string; readonly secret: boolean },
): Promise<void> {
  const { file, secrets } = await open(options, options.secret);
  if (!options.secret) file.set(options.key, options.value);
  else if (secrets) file.set(options.key, { secure: secrets.encrypt(options.value) });
  await file.save();
}

/** Removes a value. Throws UserError if it is not set. */
export async function removeConfig(options: StackOptions & { readonly key: string }): Promise<void> {
  const { project, file } = await open(options, false);
  if (!file.remove(options.key))
    throw new UserError(
      `configuration key '${shortKey(file.key(options.key), project)}' not found for stack '${options.stack}'`,
    );
  await file.save();
}

/** A key in the form that {@link listConfig} has: `namespace:config:name`, the old form, is `namespace:name`. */
export function fullKey(key: string): string {
  return key.replace(/^([^:]+):config:/, "$1:");
}
