/**
 * Pulumi.yaml: the project's name, its program and the configuration it declares.
 * Specified by sdk/go/common/workspace/project.go (fields, `main`, `config`) and paths.go (file names).
 */
import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { UserError } from "../host/userError";
import { isName, nameRule } from "./names";

const configType = z.strictObject({
  type: z.enum(["string", "boolean", "integer", "number", "array", "object"]).optional(),
  description: z.string().optional(),
  items: z.unknown().optional(),
  default: z.unknown().optional(),
  value: z.unknown().optional(),
  secret: z.boolean().optional(),
});

const projectFile = z.looseObject({
  name: z.string().refine(isName, nameRule),
  description: z.string().nullish(),
  runtime: z.union([
    z.string(),
    z.looseObject({ name: z.string(), options: z.record(z.string(), z.unknown()).nullish() }),
  ]),
  main: z.string().nullish(),
  stackConfigDir: z.string().nullish(),
  config: z.record(z.string(), z.unknown()).nullish(),
});

/** A key that the project declares, with its type and default. */
export type ConfigDeclaration = z.infer<typeof configType>;

export interface Project {
  readonly name: string;
  readonly description: string | undefined;
  /** Folder of Pulumi.yaml. */
  readonly root: string;
  /** Folder the program runs in. */
  readonly programDir: string;
  /** The program as the runner takes it: a file in `programDir`, or `.`. */
  readonly entryPoint: string;
  /** Folder of the Pulumi.<stack>.yaml files. */
  readonly stackConfigDir: string;
  /** Options of the runtime: `typescript`, `nodeargs`, `tsconfig`. */
  readonly runtimeOptions: Readonly<Record<string, unknown>>;
  /** Declared configuration, by full key (`project:name`). */
  readonly config: ReadonlyMap<string, ConfigDeclaration>;
}

/** Reads Pulumi.yaml (or .yml, .json) in `projectDir`. Throws {@link UserError} naming the field that is wrong. */
export async function loadProject(projectDir: string): Promise<Project> {
  const root = resolve(projectDir);
  const file = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"]
    .map((name) => join(root, name))
    .find((path) => existsSync(path));
  if (file === undefined)
    throw new UserError(
      `no Pulumi.yaml in ${root}`,
      "it names the project and its program",
      "run this in the project's folder, or give the folder with -C",
    );
  let document: unknown;
  try {
    document = parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new UserError(`${file} is not valid YAML`, error instanceof Error ? error.message : String(error));
  }
  const parsed = projectFile.safeParse(document);
  if (!parsed.success)
    throw new UserError(`${file} is not a valid project file`, z.prettifyError(parsed.error));
  const { name, runtime, main, stackConfigDir, config } = parsed.data;
  const runtimeName = typeof runtime === "string" ? runtime : runtime.name;
  if (runtimeName !== "nodejs")
    throw new UserError(
      `${file}: runtime ${JSON.stringify(runtimeName)} is not supported by the embedded engine`,
      "it runs Node.js programs only (runtime: nodejs)",
      "install the Pulumi CLI for programs in other languages",
    );
  return {
    name,
    description: parsed.data.description ?? undefined,
    root,
    ...entry(file, root, main ?? undefined),
    stackConfigDir: stackConfigDir ? resolve(root, stackConfigDir) : root,
    runtimeOptions: typeof runtime === "string" ? {} : (runtime.options ?? {}),
    config: declarations(file, name, config ?? {}),
  };
}

/** As Pulumi does: the program runs in its own folder, so that its relative paths are right. */
function entry(
  file: string,
  root: string,
  main: string | undefined,
): { programDir: string; entryPoint: string } {
  if (main === undefined || main === "") return { programDir: root, entryPoint: "." };
  const path = resolve(root, main);
  if (relative(root, path).startsWith(".."))
    throw new UserError(`${file}: main: ${main} is outside the project's folder`);
  if (!existsSync(path)) throw new UserError(`${file}: main: ${main} does not exist`);
  if (statSync(path).isDirectory()) return { programDir: path, entryPoint: "." };
  return { programDir: dirname(path), entryPoint: basename(path) };
}

function declarations(
  file: string,
  project: string,
  config: Readonly<Record<string, unknown>>,
): Map<string, ConfigDeclaration> {
  const result = new Map<string, ConfigDeclaration>();
  for (const [key, declared] of Object.entries(config)) {
    const full = key.includes(":") ? key : `${project}:${key}`;
    // A plain value declares a default, and for another package's namespace a fixed value.
    const isObject = typeof declared === "object" && declared !== null && !Array.isArray(declared);
    if (!isObject) {
      result.set(full, { value: declared });
      continue;
    }
    const parsed = configType.safeParse(declared);
    if (!parsed.success)
      throw new UserError(`${file}: config ${key} is not valid`, z.prettifyError(parsed.error));
    result.set(full, parsed.data);
  }
  return result;
}
