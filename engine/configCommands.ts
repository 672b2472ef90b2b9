/** Reading and changing a stack's configuration: what `pulumi config` does, with the same files. */
import { UserError } from "../host/userError";
import type { StackOptions } from "./api";
import { Backend } from "./backend";
import { loadProject, type Project } from "./project";
import type { SecretsManager } from "./secrets";
import { StackConfigFile, shortKey } from "./stackConfig";
import { openStackSecrets } from "./stackSecrets";

export interface ConfigEntry {
  /** Full key, `namespace:name`. */
  readonly key: string;
  /** As people write it: without the project's own namespace. */
  readonly shortKey: string;
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

/** All values, sorted by key, with the project's defaults. */
export async function configList(
  options: StackOptions,
  { showSecrets }: { readonly showSecrets: boolean },
): Promise<ConfigEntry[]> {
  const { project, file, secrets } = await open(options, false);
  const { values, secretKeys } = file.resolve(secrets, { check: false });
  return [...values]
    .map(([key, value]) => {
      const secret = secretKeys.has(key);
      return {
        key,
        shortKey: shortKey(key, project),
        value: secret && !showSecrets ? "[secret]" : value,
        secret,
      };
    })
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** One value, decrypted. Throws UserError if it is not set. */
export async function configGet(options: StackOptions, name: string): Promise<ConfigEntry> {
  const { project, file, secrets } = await open(options, false);
  const key = file.key(name);
  const { values, secretKeys } = file.resolve(secrets, { check: false });
  const value = values.get(key);
  if (value === undefined)
    throw new UserError(
      `configuration key '${shortKey(key, project)}' not found for stack '${options.stack}'`,
    );
  return { key, shortKey: shortKey(key, project), value, secret: secretKeys.has(key) };
}

/** Sets a value. A secret is encrypted in the file. */
export async function configSet(
  options: StackOptions,
  name: string,
  value: string,
  { secret }: { readonly secret: boolean },
): Promise<void> {
  const { file, secrets } = await open(options, secret);
  if (!secret) file.set(name, value);
  else if (secrets) file.set(name, { secure: secrets.encrypt(value) });
  await file.save();
}

/** Removes a value. Throws UserError if it is not set. */
export async function configRemove(options: StackOptions, name: string): Promise<void> {
  const { project, file } = await open(options, false);
  if (!file.remove(name))
    throw new UserError(
      `configuration key '${shortKey(file.key(name), project)}' not found for stack '${options.stack}'`,
    );
  await file.save();
}
