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
import { type ConfigDeclaration, declarations } from "./configDeclarations";
import { parseConfigYaml } from "./configValue";
import { isName, nameRule } from "./names";

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
  let text: string;
  let document: unknown;
  try {
    text = await readFile(file, "utf8");
    document = parse(text);
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
    config: declarations(file, name, config ? exactConfig(text) : {}),
  };
}

/** Its whole numbers have all their digits. */
function exactConfig(text: string): Record<string, unknown> {
  return (parseConfigYaml(text).toJS() as { config: Record<string, unknown> }).config;
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
