/**
 * The content of Pulumi.yaml, held against Pulumi's own schema (sdk/go/common/workspace/project.json): each key there is
 * taken, or refused by name.
 */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { UserError } from "../host/userError";
import { isName, nameRule } from "./names";

const text = z.string().nullish();

const pluginOptions = z.strictObject({ name: z.string(), path: z.string(), version: z.string().optional() });

const packageSpec = z.union([
  z.string(),
  z.strictObject({
    source: z.string(),
    version: z.string().optional(),
    parameters: z.array(z.string()).optional(),
    pluginDownloadURL: z.string().optional(),
    checksums: z.record(z.string(), z.string()).optional(),
  }),
]);

export const nodeOptions = z.looseObject({
  typescript: z.boolean().optional(),
  nodeargs: z.string().optional(),
  tsconfig: z.string().optional(),
  packagemanager: z.enum(["auto", "npm", "yarn", "pnpm", "bun"]).optional(),
});

/** Each key of Pulumi's schema (project.json). Others are anybody's own, as there. */
const projectFile = z.looseObject({
  name: z.string().refine(isName, nameRule),
  description: text,
  author: text,
  website: text,
  license: text,
  runtime: z.union([
    z.string(),
    z.strictObject({ name: z.string(), options: z.record(z.string(), z.unknown()).nullish() }),
  ]),
  main: text,
  /** As text: the old name of `stackConfigDir`. */
  config: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
  stackConfigDir: text,
  backend: z.strictObject({ url: z.string().optional() }).nullish(),
  options: z.strictObject({ refresh: z.literal("always").optional() }).nullish(),
  /** What `pulumi new` reads. */
  template: z.looseObject({}).nullish(),
  packages: z.record(z.string(), packageSpec).nullish(),
  plugins: z
    .strictObject({
      providers: z.array(pluginOptions).nullish(),
      analyzers: z.array(pluginOptions).nullish(),
      languages: z.array(pluginOptions).nullish(),
    })
    .nullish(),
  requiredPulumiVersion: text,
});

export type ProjectFile = z.infer<typeof projectFile>;

/** Throws {@link UserError} naming the field that is wrong. */
export function readProjectFile(projectDir: string): {
  readonly file: string;
  readonly text: string;
  readonly content: ProjectFile;
} {
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
    text = readFileSync(file, "utf8");
    document = parse(text);
  } catch (error) {
    throw new UserError(`${file} is not valid YAML`, error instanceof Error ? error.message : String(error));
  }
  const parsed = projectFile.safeParse(document);
  if (!parsed.success)
    throw new UserError(`${file} is not a valid project file`, z.prettifyError(parsed.error));
  return { file, text, content: parsed.data };
}

/** `backend.url` of Pulumi.yaml, and the file it is in. */
export function projectBackend(
  projectDir: string,
): { readonly file: string; readonly url: string } | undefined {
  const { file, content } = readProjectFile(projectDir);
  return content.backend?.url ? { file, url: content.backend.url } : undefined;
}

/** What the Pulumi CLI would do something about, and this engine would not. */
export function refuseUnsupported(file: string, { packages, plugins }: ProjectFile): void {
  const unsupported = (key: string, why: string): UserError =>
    new UserError(
      `${file}: ${key} is not supported by the embedded engine`,
      why,
      "use the Pulumi CLI for this project (--engine pulumi)",
    );
  for (const [name, spec] of Object.entries(packages ?? {})) {
    const {
      source,
      parameters = [],
      pluginDownloadURL,
    } = typeof spec === "string" ? { source: spec } : { parameters: [], ...spec };
    // A published plugin is found by its name, as any other.
    if (parameters.length > 0 || pluginDownloadURL || !/^[a-z0-9-]+(@v?[\w.+-]+)?$/i.test(source))
      throw unsupported(
        `packages.${name}`,
        "it takes packages that are published plugins, without parameters",
      );
  }
  for (const [kind, list] of Object.entries(plugins ?? {}))
    if (list && list.length > 0)
      throw unsupported(
        `plugins.${kind}`,
        "set PATH or PULUMI_DEBUG_PROVIDERS to use a provider of your own",
      );
}
