/**
 * Pulumi.yaml: the project's name, its program and the configuration it declares.
 * Specified by sdk/go/common/workspace/project.go (fields, `main`, `config`) and paths.go (file names).
 */
import { existsSync, statSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import { z } from "zod";
import { UserError } from "../host/userError";
import { type ConfigDeclaration, declarations } from "./configDeclarations";
import { parseConfigYaml } from "./configValue";
import { nodeOptions, readProjectFile, refuseUnsupported } from "./projectFile";

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
  /** End of their names, as that of Pulumi.yaml itself. */
  readonly stackConfigExtension: string;
  /** Holds the configuration instead of Pulumi.<stack>.yaml. */
  readonly configFile: string | undefined;
  readonly runtimeOptions: z.infer<typeof nodeOptions>;
  /** Each operation reads what there really is before, unless it is told otherwise. */
  readonly alwaysRefresh: boolean;
  /** Range of versions of Pulumi that the project wants. */
  readonly requiredVersion: string | undefined;
  /** Declared configuration, by full key (`project:name`). */
  readonly config: ReadonlyMap<string, ConfigDeclaration>;
}

/**
 * Reads Pulumi.yaml (or .yml, .json) in `projectDir`. Throws {@link UserError} naming the field that is wrong.
 * @param configFile to be read instead of Pulumi.<stack>.yaml
 */
export async function loadProject(projectDir: string, configFile?: string): Promise<Project> {
  const root = resolve(projectDir);
  const { file, text, content } = readProjectFile(root);
  const { name, runtime, main, stackConfigDir, config } = content;
  const runtimeName = typeof runtime === "string" ? runtime : runtime.name;
  if (runtimeName !== "nodejs")
    throw new UserError(
      `${file}: runtime ${JSON.stringify(runtimeName)} is not supported by the embedded engine`,
      "it runs Node.js programs only (runtime: nodejs)",
      "install the Pulumi CLI for programs in other languages",
    );
  refuseUnsupported(file, content);
  const options = nodeOptions.safeParse(typeof runtime === "string" ? {} : (runtime.options ?? {}));
  if (!options.success)
    throw new UserError(`${file}: runtime.options are not valid`, z.prettifyError(options.error));
  const configDir = stackConfigDir || (typeof config === "string" ? config : "");
  return {
    name,
    description: content.description ?? undefined,
    root,
    ...entry(file, root, main ?? undefined),
    stackConfigDir: configDir ? resolve(root, configDir) : root,
    stackConfigExtension: extname(file),
    configFile: configFile === undefined ? undefined : resolve(configFile),
    runtimeOptions: options.data,
    alwaysRefresh: content.options?.refresh === "always",
    requiredVersion: content.requiredPulumiVersion || undefined,
    config: declarations(file, name, config && typeof config !== "string" ? exactConfig(text) : {}),
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
  if (!existsSync(path)) throw new UserError(`${file}: main: ${main} does not exist`);
  if (statSync(path).isDirectory()) return { programDir: path, entryPoint: "." };
  return { programDir: dirname(path), entryPoint: basename(path) };
}
