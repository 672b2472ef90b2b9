/** Reading and changing a stack's configuration: what `pulumi config` does, with the same files. */
import { UserError } from "../host/userError";
import type { StackOptions } from "./api";
import { Backend } from "./backend";
import { goJson, parseGoJson } from "./configValue";
import { loadProject, type Project } from "./project";
import { type PropertyPath, parsePath } from "./propertyPath";
import type { SecretsManager } from "./secrets";
import { StackConfigFile, shortKey, valueAt } from "./stackConfig";
import { openStackSecrets } from "./stackSecrets";

export interface ConfigEntry {
  /** As people write it: the project's own keys without their namespace, others as `namespace:name`. */
  readonly key: string;
  /** `namespace:name`. */
  readonly fullKey: string;
  /** `[secret]` for secrets that are not to be shown. */
  readonly value: string;
  readonly secret: boolean;
}

interface Opened {
  readonly project: Project;
  readonly file: StackConfigFile;
  readonly secrets: SecretsManager | undefined;
}

/** @param needed `to read`: if the file has secrets */
async function open(options: StackOptions, needed: "no" | "to read" | "to write"): Promise<Opened> {
  const project = await loadProject(options.projectDir, options.configFile);
  const stored = await new Backend(options.backendDir).read(project.name, options.stack);
  const file = await StackConfigFile.load(project, options.stack);
  const secrets =
    needed === "to write" || (needed === "to read" && file.hasSecrets())
      ? (await openStackSecrets(file, stored, options.passphrase)).config
      : undefined;
  return { project, file, secrets };
}

const hidden = "[secret]";

/** All values, sorted by key, with the project's defaults. Secrets are `[secret]`, also within objects, unless `showSecrets`. */
export async function listConfig(
  options: StackOptions & { readonly showSecrets: boolean },
): Promise<ConfigEntry[]> {
  const { project, file, secrets } = await open(options, options.showSecrets ? "to read" : "no");
  // What is not shown is not decrypted: no passphrase is needed.
  const { values, secretKeys, secretTexts } = file.resolve(
    options.showSecrets ? secrets : { decrypt: () => hidden },
    { check: false },
  );
  // A secret that is declared as such and not encrypted.
  const plainSecrets = [...secretTexts].filter((text) => text !== hidden);
  return [...values]
    .map(([key, value]) => {
      const secret = secretKeys.has(key);
      return {
        key: shortKey(key, project),
        fullKey: key,
        value:
          secret && !options.showSecrets && plainSecrets.some((text) => value.includes(text))
            ? hidden
            : value,
        secret,
      };
    })
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

interface Keyed extends StackOptions {
  readonly key: string;
  /** The key is a path into an object or a list: `server.ports[0]`. */
  readonly path?: boolean;
}

/** Full key, and the path within its value. */
function locate({ key, path }: Keyed, file: StackConfigFile): { full: string; inner: PropertyPath } {
  if (!path) return { full: file.key(key), inner: [] };
  const colon = /^[^.[\]"]*:/.exec(key)?.[0] ?? "";
  const [first, ...inner] = parsed(key, key.slice(colon.length));
  if (typeof first !== "string" || first === "")
    throw new UserError(`config path ${JSON.stringify(key)} must begin with a name`);
  return { full: file.key(colon + first), inner };
}

function parsed(key: string, text: string): PropertyPath {
  try {
    if (!text.includes(".[")) return parsePath(text);
  } catch {
    // Told below.
  }
  throw new UserError(
    `config path ${JSON.stringify(key)} is not valid`,
    'a path has names, numbers of list items and quoted names: server.ports[0]["a name"]',
  );
}

function notFound(options: Keyed): UserError {
  return new UserError(`configuration key '${options.key}' not found for stack '${options.stack}'`);
}

/** One value, decrypted. Throws UserError if it is not set. */
export async function getConfig(options: Keyed): Promise<ConfigEntry> {
  const { project, file, secrets } = await open(options, "to read");
  const { full, inner } = locate(options, file);
  const { values, secretKeys, structured } = file.resolve(secrets, { check: false });
  const value = values.get(full);
  const key = shortKey(full, project);
  if (value === undefined) throw notFound({ ...options, key });
  const secret = secretKeys.has(full);
  if (inner.length === 0) return { key, fullKey: full, value, secret };
  const found = valueAt(structured.get(full), inner);
  if (found === undefined) throw notFound(options);
  return {
    key: options.key,
    fullKey: full,
    value: typeof found === "string" ? found : goJson(found),
    secret,
  };
}

function objectOf(text: string): object | undefined {
  try {
    const value = parseGoJson(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** As it is written at a path: whole numbers of 64 bits and booleans are kept as such. */
function coerced(text: string): string | bigint | boolean {
  if (text === "true" || text === "false") return text === "true";
  if (!/^[-+]?\d+$/.test(text) || /^0./.test(text)) return text;
  const number = BigInt(text.replace("+", ""));
  return number >= -(2n ** 63n) && number < 2n ** 64n ? number : text;
}

const types = {
  string: /^/,
  int: /^-?\d+$/,
  bool: /^(true|false)$/,
  float: /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/,
};
export type ConfigType = keyof typeof types;

/**
 * Sets a value. A secret is encrypted in the file. At a path, numbers and booleans are kept as such, unless `type` says what it
 * is. `structured`: an object or list, given as JSON, is written as that. Throws UserError if the value is not of the type.
 */
export async function setConfig(
  options: Keyed & {
    readonly value: string;
    readonly secret: boolean;
    readonly type?: ConfigType;
    readonly structured?: boolean;
  },
): Promise<void> {
  const { type } = options;
  if (type !== undefined && !types[type].test(options.value))
    throw new UserError(`the value of ${options.key} is not of type ${type}`);
  const { file, secrets } = await open(options, options.secret ? "to write" : "no");
  const { full, inner } = locate(options, file);
  const object = options.structured && !options.secret ? objectOf(options.value) : undefined;
  if (object !== undefined) file.setAt(full, inner, object);
  else if (options.secret) {
    if (secrets) {
      file.salt = secrets.salt;
      file.setAt(full, inner, { secure: secrets.encrypt(options.value) });
    }
  } else if (inner.length === 0 || type === "string") file.setAt(full, inner, options.value);
  else file.setAt(full, inner, type === "float" ? Number(options.value) : coerced(options.value));
  await file.save();
}

/** Removes a value, and tells whether it was set. */
export async function removeConfig(options: Keyed): Promise<boolean> {
  const { file } = await open(options, "no");
  const { full, inner } = locate(options, file);
  const removed = file.removeAt(full, inner);
  if (removed) await file.save();
  return removed;
}

/** A key in the form that {@link listConfig} has: `namespace:config:name`, the old form, is `namespace:name`. */
export function fullKey(key: string): string {
  return key.replace(/^([^:]+):config:/, "$1:");
}
