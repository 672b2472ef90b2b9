/**
 * What to import: from the command line, or from a file in the form that `pulumi import --file` reads (importFile in
 * pkg/cmd/pulumi/operations/import.go), where parents and providers are named by `nameTable` or are resources of the file.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { ImportRequest } from "../engine/index";
import { makeUrn, parseProviderReference, parseUrn } from "../engine/urn";
import { onUserFile } from "../host/fileRefusal";
import { UserError } from "../host/userError";
import type { Flags } from "./flags";

export interface ImportList {
  readonly requests: readonly ImportRequest[];
  /** Names of the program's variables, by URN. */
  readonly variables: ReadonlyMap<string, string>;
}

const resourceSpec = z.object({
  type: z.string().min(1),
  name: z.string().optional(),
  logicalName: z.string().optional(),
  id: z.string().optional(),
  parent: z.string().optional(),
  provider: z.string().optional(),
  version: z.string().optional(),
  pluginDownloadUrl: z.string().optional(),
  properties: z.array(z.string()).optional(),
  component: z.boolean().optional(),
  remote: z.boolean().optional(),
});
type ResourceSpec = z.infer<typeof resourceSpec>;

const importFile = z.object({
  nameTable: z.record(z.string(), z.string()).default({}),
  resources: z.array(resourceSpec).default([]),
  providerInputs: z.record(z.string(), z.unknown()).optional(),
});

/** `--parent` and `--provider` are `<variable>=<urn>` or a URN alone. */
export function listFromArguments(
  request: ImportRequest,
  flags: Pick<Flags, "parent" | "provider" | "properties">,
): ImportList {
  const parent = flags.parent === undefined ? undefined : named(flags.parent, "parent");
  const provider = flags.provider === undefined ? undefined : named(flags.provider, "provider");
  if (parent && provider && parent.name === provider.name)
    throw new UserError(`provider and parent must have distinct names, both were '${parent.name}'`);
  return {
    requests: [
      {
        ...request,
        ...(parent ? { parent: parent.urn } : {}),
        ...(provider ? { provider: provider.urn } : {}),
        properties: (flags.properties ?? []).flatMap((list) => list.split(",")).filter((name) => name !== ""),
      },
    ],
    variables: new Map(
      [parent, provider].flatMap((entry) => (entry ? [[entry.urn, entry.name] as const] : [])),
    ),
  };
}

function named(text: string, otherwise: string): { readonly name: string; readonly urn: string } {
  const split = text.startsWith("urn:") ? 0 : text.indexOf("=");
  const name = split > 0 ? text.slice(0, split) : otherwise;
  const urn = split > 0 ? text.slice(split + 1) : text;
  try {
    parseUrn(urn);
  } catch {
    throw new UserError(`expected a URN but got '${urn}'`, undefined, `give it as ${otherwise}=<urn>`);
  }
  if (otherwise === "provider" && parseUrn(urn).name.includes("::"))
    throw new UserError(
      `expected a URN but got a Provider Reference, use '${parseProviderReference(urn).urn}' instead`,
    );
  return { name, urn };
}

export function readImportFile(
  file: string,
  protect: boolean,
  where: { readonly stack: string; readonly project: string },
): ImportList {
  const text = onUserFile(`could not read import file ${file}`, () => readFileSync(file, "utf8"));
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UserError(`could not read import file: ${(error as Error).message}`);
  }
  const parsed = importFile.safeParse(json);
  if (!parsed.success) throw new UserError(`could not read import file: ${z.prettifyError(parsed.error)}`);
  const { nameTable, resources, providerInputs } = parsed.data;
  if (providerInputs !== undefined)
    throw new UserError(
      `${file}: providerInputs is not supported by the embedded engine`,
      undefined,
      "make the provider with `up` first",
    );
  if (resources.length === 0) throw new UserError(`${file} names no resources to import`);
  return new Resolver(resources, nameTable, protect, where).list();
}

/** Names of an import file and the URNs that they stand for. */
class Resolver {
  private readonly byName: ReadonlyMap<string, readonly ResourceSpec[]>;
  private readonly problems: string[] = [];

  constructor(
    private readonly specs: readonly ResourceSpec[],
    private readonly nameTable: Readonly<Record<string, string>>,
    private readonly protect: boolean,
    private readonly where: { readonly stack: string; readonly project: string },
  ) {
    this.byName = new Map(
      specs.map((spec) => [nameOf(spec), specs.filter((other) => nameOf(other) === nameOf(spec))]),
    );
  }

  list(): ImportList {
    const requests = this.specs.map((spec) => this.request(spec));
    if (this.problems.length > 0) throw new UserError(this.problems.join("\n"));
    const variables = new Map(Object.entries(this.nameTable).map(([name, urn]) => [urn, name]));
    for (const spec of this.specs) variables.set(this.urnOf(spec), nameOf(spec));
    return { requests, variables };
  }

  private request(spec: ResourceSpec): ImportRequest {
    const { type, id, properties, version, component = false, remote = false } = spec;
    const what = `resource '${nameOf(spec)}' of type '${type}'`;
    if (nameOf(spec) === "") this.problems.push(`${what} has no name`);
    if (!component && !id) this.problems.push(`${what} has no ID`);
    if (component && id) this.problems.push(`${what} has an ID, but is marked as a component`);
    if (remote)
      this.problems.push(`${what} is a remote component, which the embedded engine does not import`);
    if (spec.pluginDownloadUrl)
      this.problems.push(`${what}: pluginDownloadUrl is not supported by the embedded engine`);
    const parent =
      spec.parent === undefined || spec.parent === "" ? undefined : this.named(spec.parent, "parent", what);
    const provider =
      spec.provider === undefined || spec.provider === ""
        ? undefined
        : this.named(spec.provider, "provider", what);
    return {
      type,
      name: spec.logicalName ?? nameOf(spec),
      id: component ? undefined : id,
      protect: this.protect,
      ...(parent === undefined ? {} : { parent }),
      ...(provider === undefined ? {} : { provider }),
      ...(properties ? { properties } : {}),
      ...(version ? { version: version.replace(/^v/, "") } : {}),
    };
  }

  private named(name: string, role: string, what: string): string | undefined {
    const told = this.nameTable[name];
    if (told !== undefined) return told;
    const [spec, ...others] = this.byName.get(name) ?? [];
    if (others.length > 0) this.problems.push(`${what} has an ambiguous ${role}`);
    else if (spec === undefined)
      this.problems.push(`the ${role} '${name}' for ${what} has no entry in 'nameTable'`);
    else return this.urnOf(spec);
    return undefined;
  }

  private urnOf(spec: ResourceSpec, below: readonly ResourceSpec[] = []): string {
    if (below.includes(spec)) throw new UserError(`resource '${nameOf(spec)}' is its own parent`);
    const { stack, project } = this.where;
    const above = spec.parent ? this.byName.get(spec.parent)?.[0] : undefined;
    const parent = spec.parent
      ? (this.nameTable[spec.parent] ?? (above && this.urnOf(above, [...below, spec])))
      : undefined;
    return makeUrn(stack, project, parent, spec.type, spec.logicalName ?? nameOf(spec));
  }
}

function nameOf({ name, logicalName }: ResourceSpec): string {
  return name || logicalName || "";
}
