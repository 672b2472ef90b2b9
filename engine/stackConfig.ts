/**
 * Pulumi.<stack>.yaml: a stack's configuration and the salt of its secrets.
 * Specified by sdk/go/common/workspace/project.go (ProjectStack) and sdk/go/common/resource/config (Map, Value):
 * a value is text, `secure: <ciphertext>`, or an object or list in which such may be nested. Programs get text:
 * objects and lists as JSON. Edits keep the file's comments and order.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Document, isMap, isSeq, parseDocument } from "yaml";
import { UserError } from "../host/userError";
import { writeAtomically } from "./atomicFile";
import { checkName } from "./names";
import type { ConfigDeclaration, Project } from "./project";
import type { SecretsManager } from "./secrets";

/** Configuration as a program gets it. */
export interface ResolvedConfig {
  /** By full key, `namespace:name`; structured values are JSON. */
  readonly values: ReadonlyMap<string, string>;
  readonly secretKeys: ReadonlySet<string>;
}

export function stackConfigPath(project: Project, stack: string): string {
  checkName("stack", stack);
  return join(project.stackConfigDir, `Pulumi.${stack}.yaml`);
}

/** One stack's configuration file; missing is the same as empty. */
export class StackConfigFile {
  private constructor(
    private readonly path: string,
    private readonly project: Project,
    private readonly document: Document,
  ) {}

  static async load(project: Project, stack: string): Promise<StackConfigFile> {
    const path = stackConfigPath(project, stack);
    const text = existsSync(path) ? await readFile(path, "utf8") : "";
    const document = parseDocument(text);
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
    if (document.has("environment"))
      throw new UserError(`${path}: environment: (Pulumi ESC) is not supported by the embedded engine`);
    return new StackConfigFile(path, project, document.contents === null ? new Document({}) : document);
  }

  get salt(): string | undefined {
    const salt = this.document.get("encryptionsalt");
    return typeof salt === "string" && salt !== "" ? salt : undefined;
  }

  set salt(salt: string) {
    this.document.set("encryptionsalt", salt);
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

  /** @param inner path within the value; objects and lists on the way are made */
  setAt(
    key: string,
    inner: readonly (string | number)[],
    value: string | number | boolean | { secure: string },
  ): void {
    if (!isMap(this.document.get("config"))) this.document.set("config", this.document.createNode({}));
    const path: (string | number)[] = ["config", key];
    for (const part of inner) {
      const there = this.document.getIn(path);
      if (!isMap(there) && !isSeq(there))
        this.document.setIn(path, this.document.createNode(typeof part === "number" ? [] : {}));
      path.push(part);
    }
    this.document.setIn(path, value);
  }

  /** False if it was not set. */
  removeAt(key: string, inner: readonly (string | number)[]): boolean {
    const path = ["config", key, ...inner];
    const removed = this.document.hasIn(path) && this.document.deleteIn(path);
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
  resolve(secrets: SecretsManager | undefined, options: { readonly check: boolean }): ResolvedConfig {
    const values = new Map<string, string>();
    const secretKeys = new Set<string>();
    const open = (key: string, ciphertext: string): string => {
      if (secrets === undefined) throw new Error("no secrets manager to decrypt configuration with");
      try {
        return secrets.decrypt(ciphertext);
      } catch {
        throw new UserError(
          `${this.path}: ${key} cannot be decrypted`,
          "its ciphertext was not made with this stack's encryptionsalt and passphrase",
          `set it again: config set --secret ${key}`,
        );
      }
    };
    for (const [key, written] of this.entries()) {
      values.set(key, toText(decryptAll(written, (ciphertext) => open(key, ciphertext))));
      if (holdsSecure(written)) secretKeys.add(key);
    }
    for (const [key, declared] of this.project.config) {
      const given = values.get(key);
      if (given === undefined) {
        const preset = declared.value ?? declared.default;
        if (preset !== undefined && preset !== null) values.set(key, toText(preset));
        else if (
          options.check &&
          declared.default === undefined &&
          declared.value === undefined &&
          declared.type
        )
          throw new UserError(
            `Stack is missing configuration value ${JSON.stringify(shortKey(key, this.project))}`,
            declared.description ?? `${key} is declared in Pulumi.yaml without a default`,
            `set it: config set ${shortKey(key, this.project)} <value>`,
          );
        else continue;
      } else if (options.check) checkType(key, given, declared);
      if (declared.secret) secretKeys.add(key);
    }
    return { values, secretKeys };
  }

  async save(): Promise<void> {
    await writeAtomically(this.path, this.document.toString(), 0o644);
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

function holdsSecure(value: unknown): boolean {
  if (isSecure(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsSecure);
}

function decryptAll(value: unknown, open: (ciphertext: string) => string): unknown {
  if (isSecure(value)) return open(value.secure);
  if (Array.isArray(value)) return value.map((element) => decryptAll(element, open));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, decryptAll(inner, open)]));
  return value;
}

function toText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function checkType(key: string, text: string, declared: ConfigDeclaration): void {
  const wrong = (expected: string): UserError =>
    new UserError(
      `config ${key}: ${declared.secret ? "the value" : JSON.stringify(text)} is not ${expected}`,
      declared.description ?? "that is the type Pulumi.yaml declares",
    );
  switch (declared.type) {
    case "boolean":
      if (text !== "true" && text !== "false") throw wrong("true or false");
      break;
    case "integer":
      if (!/^[+-]?\d+$/.test(text)) throw wrong("an integer");
      break;
    case "number":
      if (text.trim() === "" || Number.isNaN(Number(text))) throw wrong("a number");
      break;
    case "array":
    case "object": {
      let parsed: unknown;
      try {
        parsed = JSON.parse(text);
      } catch {
        throw wrong(`JSON of an ${declared.type}`);
      }
      if (
        typeof parsed !== "object" ||
        parsed === null ||
        Array.isArray(parsed) !== (declared.type === "array")
      )
        throw wrong(`an ${declared.type}`);
      break;
    }
    default:
  }
}
