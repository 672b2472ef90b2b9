/**
 * Pulumi.<stack>.yaml: a stack's configuration and the salt of its secrets.
 * Specified by sdk/go/common/workspace/project.go (ProjectStack) and sdk/go/common/resource/config (Map, Value):
 * a value is text, `secure: <ciphertext>`, or an object or list in which such may be nested. Programs get text:
 * objects and lists as JSON. Edits keep the file's comments and order.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Document, isMap } from "yaml";
import { refusedFile } from "../host/fileRefusal";
import { UserError } from "../host/userError";
import { writeAtomically } from "./atomicFile";
import { type ConfigDeclaration, fits, nameOf } from "./configDeclarations";
import { type ConfigLeaf, removeAt, setAt } from "./configEdit";
import { editedText, jsonText } from "./configText";
import { configText, goJson, parseConfigYaml } from "./configValue";
import { checkName } from "./names";
import type { Project } from "./project";
import { type PropertyPath, parsePath } from "./propertyPath";
import type { SecretsManager } from "./secrets";

/** Configuration as a program gets it. */
export interface ResolvedConfig {
  /** By full key, `namespace:name`; structured values are JSON. */
  readonly values: ReadonlyMap<string, string>;
  readonly secretKeys: ReadonlySet<string>;
  /** The same before they became text: objects and lists are those. */
  readonly structured: ReadonlyMap<string, unknown>;
  /** For the history: text, objects and lists, secrets encrypted as in the file. */
  readonly recorded: ReadonlyMap<string, unknown>;
  /** Every text that is never to be shown: whole values, and secrets within objects and lists. */
  readonly secretTexts: ReadonlySet<string>;
}

export function stackConfigPath(project: Project, stack: string): string {
  checkName("stack", stack);
  if (project.configFile !== undefined) return project.configFile;
  const [own, usual] = [project.stackConfigExtension, ".yaml"].map((extension) =>
    join(project.stackConfigDir, `Pulumi.${stack}${extension}`),
  ) as [string, string];
  return !existsSync(own) && existsSync(usual) ? usual : own;
}

/** One stack's configuration file; missing is the same as empty. */
export class StackConfigFile {
  private constructor(
    private readonly path: string,
    private readonly project: Project,
    private readonly document: Document,
    private readonly original: string,
  ) {}

  /** What {@link save} writes anew. */
  private readonly touched = new Set<string>();

  static async load(project: Project, stack: string): Promise<StackConfigFile> {
    const path = stackConfigPath(project, stack);
    const text = await readText(path);
    const document = parseConfigYaml(text);
    if (document.errors.length > 0)
      throw new UserError(`${path} is not valid YAML`, document.errors[0]?.message);
    if (document.contents !== null && !isMap(document.contents))
      throw new UserError(`${path} must hold a mapping with config: and encryptionsalt:`);
    const provider = document.get("secretsprovider");
    if (
      typeof provider === "string" &&
      provider !== "" &&
      provider !== "passphrase" &&
      provider !== "default"
    )
      throw new UserError(
        `${path}: secretsprovider ${JSON.stringify(provider)} is not supported by the embedded engine`,
        "it supports passphrase only",
        "use the Pulumi CLI for this stack",
      );
    if (document.has("encryptedkey"))
      throw new UserError(
        `${path}: encryptedkey is not supported by the embedded engine`,
        "it belongs to a secrets provider of a cloud; the embedded engine supports passphrase only",
        "use the Pulumi CLI for this stack",
      );
    if (document.has("environment"))
      throw new UserError(`${path}: environment: (Pulumi ESC) is not supported by the embedded engine`);
    const empty = document.contents === null;
    return new StackConfigFile(path, project, empty ? new Document({}) : document, text);
  }

  get salt(): string | undefined {
    const salt = this.document.get("encryptionsalt");
    return typeof salt === "string" && salt !== "" ? salt : undefined;
  }

  set salt(salt: string) {
    if (this.salt === salt) return;
    this.document.set("encryptionsalt", this.document.createNode(salt));
    this.touched.add("encryptionsalt");
  }

  /** Full key of a name: `replicas` is the project's own. */
  key(name: string): string {
    const parts = name.split(":");
    if (parts.length === 1) return `${this.project.name}:${name}`;
    // The old form `namespace:config:name` is still understood.
    if (parts.length === 3 && parts[1] === "config") return `${parts[0]}:${parts[2]}`;
    if (parts.length !== 2 || parts.some((part) => part === ""))
      throw new UserError(`config key ${JSON.stringify(name)} is not of the form [namespace:]name`);
    return name;
  }

  /** Throws UserError if the value does not fit there. @param inner path within the value; objects and lists on the way are made */
  setAt(key: string, inner: PropertyPath, value: ConfigLeaf | object): void {
    if (!isMap(this.document.get("config"))) this.document.set("config", this.document.createNode({}));
    setAt(this.document, key, inner, value as ConfigLeaf);
    this.touched.add(key);
  }

  /** False if it was not set. */
  removeAt(key: string, inner: PropertyPath): boolean {
    const removed = removeAt(this.document, key, inner);
    this.touched.add(key);
    const config = this.document.get("config");
    if (isMap(config) && config.items.length === 0) this.document.delete("config");
    return removed;
  }

  /** Values as written in the file, by full key. */
  private entries(): Map<string, unknown> {
    const config: unknown = (this.document.toJS() as Record<string, unknown> | null)?.config ?? {};
    if (typeof config !== "object" || config === null || Array.isArray(config))
      throw new UserError(`${this.path}: config: must be a mapping`);
    return new Map(Object.entries(config).map(([name, value]) => [this.key(name), value]));
  }

  hasSecrets(): boolean {
    return [...this.entries().values()].some(holdsSecure);
  }

  /**
   * The values with the project's defaults added, decrypted, and checked against the declared types.
   * @param secrets only needed if {@link hasSecrets}
   */
  resolve(
    secrets: Pick<SecretsManager, "decrypt"> | undefined,
    options: { readonly check: boolean },
  ): ResolvedConfig {
    const structured = new Map<string, unknown>();
    const secretKeys = new Set<string>();
    const secretTexts = new Set<string>();
    const open = (key: string, ciphertext: string): string => {
      if (secrets === undefined) throw new Error("no secrets manager to decrypt configuration with");
      try {
        const text = secrets.decrypt(ciphertext);
        secretTexts.add(text);
        return text;
      } catch {
        throw new UserError(
          `${this.path}: ${key} cannot be decrypted`,
          "its ciphertext was not made with this stack's encryptionsalt and passphrase",
          `set it again: config set --secret ${key}`,
        );
      }
    };
    const written = this.entries();
    for (const [key, value] of written) {
      structured.set(
        key,
        decryptAll(value, (ciphertext) => open(key, ciphertext)),
      );
      if (holdsSecure(value)) secretKeys.add(key);
    }
    this.addDefaults(structured, options.check);
    for (const [name, declared] of this.project.config) {
      const { key, inner } = located(name);
      const value = valueAt(structured.get(key), inner);
      if (options.check) this.checkValue(key, inner, value, declared, secretKeys.has(key));
      if (declared.secret && value !== undefined) {
        secretKeys.add(key);
        secretTexts.add(configText(value));
      }
    }
    const values = new Map([...structured].map(([key, value]) => [key, configText(value)] as const));
    const recorded = new Map(
      [...structured.keys()]
        .filter((key) => written.has(key) || !secretKeys.has(key))
        .map((key) => [key, recordedValue(written.get(key) ?? structured.get(key))] as const),
    );
    return { values, structured, secretKeys, recorded, secretTexts };
  }

  private addDefaults(structured: Map<string, unknown>, check: boolean): void {
    const missing: string[] = [];
    for (const [name, declared] of this.project.config) {
      const { key, inner } = located(name);
      if (valueAt(structured.get(key), inner) !== undefined) continue;
      const preset = declared.default ?? declared.value;
      if (preset !== undefined && preset !== null)
        structured.set(key, withValueAt(structured.get(key), inner, preset));
      else if (key.startsWith(`${this.project.name}:`)) missing.push(name);
    }
    const [first] = missing;
    if (!check || first === undefined) return;
    const short = missing.map((name) => shortKey(name, this.project));
    throw new UserError(
      `Stack is missing configuration ${short.length === 1 ? "value" : "values"} ${short.map((name) => JSON.stringify(name)).join(", ")}`,
      this.project.config.get(first)?.description ?? `${first} is declared in Pulumi.yaml without a default`,
      `set it: config set ${short[0]} <value>`,
    );
  }

  private checkValue(
    key: string,
    inner: PropertyPath,
    value: unknown,
    declared: ConfigDeclaration,
    secure: boolean,
  ): void {
    if (declared.type === undefined || value === undefined) return;
    const why = declared.description ?? "that is what Pulumi.yaml declares";
    const path = shortKey(key, this.project) + inner.map((part) => `.${part}`).join("");
    if (declared.secret && !secure)
      throw new UserError(`config ${key} must be a secret`, why, `set it again: config set --secret ${path}`);
    const container = typeof value === "object" && value !== null;
    if (fits(container ? value : configText(value), declared)) return;
    throw new UserError(
      `config ${key}: ${secure ? "the value" : JSON.stringify(configText(value))} is not of the type ${nameOf(declared)}`,
      why,
      ...(declared.type === "array" || declared.type === "object"
        ? [`set its parts: config set --path '${path}${declared.type === "array" ? "[0]" : ".name"}' <value>`]
        : []),
    );
  }

  async save(): Promise<void> {
    const text = this.path.endsWith(".json")
      ? jsonText(this.document.toJS())
      : editedText(this.original, this.document, this.touched);
    await writeAtomically(this.path, text, 0o644).catch((error: unknown) => {
      throw refusedFile(error, `cannot write ${this.path}`);
    });
  }
}

/** Nothing where there is no such file. */
async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw refusedFile(error, `cannot read ${path}`);
  }
}

export function shortKey(key: string, project: Project): string {
  return key.startsWith(`${project.name}:`) ? key.slice(project.name.length + 1) : key;
}

function isSecure(value: unknown): value is { secure: string } {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.keys(value).length === 1 &&
    typeof (value as { secure?: unknown }).secure === "string"
  );
}

export function holdsSecure(value: unknown): boolean {
  if (isSecure(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsSecure);
}

/** As the history has it: what is no object or list is text. */
function recordedValue(value: unknown): unknown {
  return typeof value === "object" && value !== null ? JSON.parse(goJson(value)) : configText(value);
}

function decryptAll(value: unknown, open: (ciphertext: string) => string): unknown {
  if (isSecure(value)) return open(value.secure);
  if (Array.isArray(value)) return value.map((element) => decryptAll(element, open));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, decryptAll(inner, open)]));
  return value;
}

/** A declared name may be a path into an object: `server.port`. */
function located(name: string): { readonly key: string; readonly inner: PropertyPath } {
  const colon = name.indexOf(":") + 1;
  const [first, ...inner] = parsePath(name.slice(colon));
  return { key: name.slice(0, colon) + String(first), inner };
}

/** Undefined if there is nothing. */
export function valueAt(value: unknown, path: PropertyPath): unknown {
  let found = value;
  for (const part of path) {
    if (typeof found !== "object" || found === null || Array.isArray(found) !== (typeof part === "number"))
      return undefined;
    found = Object.hasOwn(found, part) ? (found as Record<string | number, unknown>)[part] : undefined;
  }
  return found;
}

function withValueAt(value: unknown, path: PropertyPath, preset: unknown): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return preset;
  const holder = typeof value === "object" && value !== null ? value : {};
  const inner = (holder as Record<string | number, unknown>)[part];
  return { ...holder, [part]: withValueAt(inner, rest, preset) };
}
