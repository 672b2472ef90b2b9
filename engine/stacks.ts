/**
 * What is done to stacks as a whole: list, make, choose, remove, export, import, outputs, locks and history. Specified by
 * the `pulumi stack` commands and pkg/backend/diy. The chosen stack is kept beside the state, by project folder.
 */
import { existsSync } from "node:fs";
import { readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { UserError } from "../host/userError";
import type { StackOptions } from "./api";
import { writeAtomically } from "./atomicFile";
import { Backend, type HistoryEntry } from "./backend";
import { parseDeployment, readSnapshot, saltOf, writeDeployment, writeNonFinite } from "./deployment";
import { acquireLock, clearLocks } from "./lock";
import { parseStackReference, type StackReference } from "./names";
import { engineVersion } from "./operation";
import { loadProject } from "./project";
import { renameUrns, urnInStack } from "./renameUrns";
import { SecretsManager } from "./secrets";
import { StackConfigFile, stackConfigPath } from "./stackConfig";
import { newStackSecrets, openStackSecrets, outputsOfStack } from "./stackSecrets";
import { isList, isMap, mapToPlain, mapValues, type PropertyMap, Secret, type Value } from "./values";

/** Where a project's stacks are. */
export interface ProjectOptions {
  /** Folder that holds Pulumi.yaml. */
  readonly projectDir: string;
  /** Root of the file backend; see host/home.ts. */
  readonly backendDir: string;
  /** File to read and write the configuration in, instead of Pulumi.<stack>.yaml. */
  readonly configFile?: string;
}

export interface StackSummary {
  readonly name: string;
  readonly current: boolean;
  readonly resourceCount: number;
  /** Undefined for a stack that was never updated. */
  readonly lastUpdate: Date | undefined;
}

/** What the project in this folder is called. */
export async function projectName({ projectDir }: Pick<ProjectOptions, "projectDir">): Promise<string> {
  return (await loadProject(projectDir)).name;
}

export async function listStacks(options: ProjectOptions): Promise<StackSummary[]> {
  const project = await loadProject(options.projectDir, options.configFile);
  const backend = new Backend(options.backendDir);
  const current = await currentStack(options);
  return Promise.all(
    (await backend.list(project.name)).map(async (name) => {
      const { deployment } = await backend.read(project.name, name);
      const time = (deployment?.manifest as { time?: unknown } | null | undefined)?.time;
      return {
        name,
        current: name === current,
        resourceCount: deployment?.resources?.length ?? 0,
        lastUpdate: typeof time === "string" ? new Date(time) : undefined,
      };
    }),
  );
}

/** The project and stack that a text refers to: `stack`, `organization/project/stack`. Throws UserError if it is no such reference. */
export async function referredStack(
  options: Pick<ProjectOptions, "projectDir"> & { readonly stack: string },
): Promise<StackReference> {
  return parseStackReference(options.stack, (await loadProject(options.projectDir)).name);
}

/** Stacks whose state file is gone, though the copy of the one before it has resources. */
export async function lostStacks(
  options: ProjectOptions,
): Promise<readonly { readonly stack: string; readonly backup: string }[]> {
  return new Backend(options.backendDir).lost((await loadProject(options.projectDir)).name);
}

/** Makes an empty stack and its salt. Throws UserError if there is one of that name. */
export async function initStack(options: StackOptions): Promise<void> {
  const project = await loadProject(options.projectDir, options.configFile);
  const backend = new Backend(options.backendDir);
  if (backend.exists(project.name, options.stack))
    throw new UserError(`stack ${JSON.stringify(options.stack)} already exists`);
  const file = await StackConfigFile.load(project, options.stack);
  await newStackSecrets(file, options.passphrase);
  await backend.write(project.name, options.stack, undefined);
}

/**
 * True if the stack has no resources and no interrupted run was creating one: a destroy has nothing to do.
 * Throws UserError if there is no such stack.
 */
export async function isEmpty(options: ProjectOptions & { readonly stack: string }): Promise<boolean> {
  const project = await loadProject(options.projectDir, options.configFile);
  const { deployment } = await new Backend(options.backendDir).read(project.name, options.stack);
  return (deployment?.resources?.length ?? 0) === 0 && (deployment?.pending_operations?.length ?? 0) === 0;
}

/** True if there is a stack of that name. */
export async function stackExists(options: ProjectOptions & { readonly stack: string }): Promise<boolean> {
  const project = await loadProject(options.projectDir, options.configFile);
  return new Backend(options.backendDir).exists(project.name, options.stack);
}

const selections = z.record(z.string(), z.string());

function selectionsPath(backendDir: string): string {
  return join(backendDir, "selected-stacks.json");
}

async function readSelections(backendDir: string): Promise<Record<string, string>> {
  const path = selectionsPath(backendDir);
  if (!existsSync(path)) return {};
  const parsed = selections.safeParse(JSON.parse(await readFile(path, "utf8")));
  if (!parsed.success)
    throw new UserError(`${path} is damaged`, undefined, "remove it, and choose the stack again");
  return parsed.data;
}

/** Makes it the stack that commands without a stack's name are about. Throws UserError if there is none of that name. */
export async function selectStack(options: ProjectOptions & { readonly stack: string }): Promise<void> {
  const project = await loadProject(options.projectDir, options.configFile);
  const backend = new Backend(options.backendDir);
  if (!backend.exists(project.name, options.stack)) await backend.read(project.name, options.stack);
  const chosen = await readSelections(options.backendDir);
  await writeAtomically(
    selectionsPath(options.backendDir),
    JSON.stringify({ ...chosen, [resolve(options.projectDir)]: options.stack }, undefined, 2),
  );
}

/** No stack is the chosen one any more. False if none was. */
export async function unselectStack(options: ProjectOptions): Promise<boolean> {
  const { [resolve(options.projectDir)]: stack, ...others } = await readSelections(options.backendDir);
  if (stack === undefined) return false;
  await writeAtomically(selectionsPath(options.backendDir), JSON.stringify(others, undefined, 2));
  return true;
}

/** Makes the backend's files those of the newest layout. Throws UserError where they are older: that only the Pulumi CLI does. */
export async function upgradeBackend(backendDir: string): Promise<void> {
  await new Backend(backendDir).ensure();
}

/** The chosen stack of this project folder, there or not; undefined if none was chosen. */
export async function chosenStack(options: ProjectOptions): Promise<string | undefined> {
  return (await readSelections(options.backendDir))[resolve(options.projectDir)];
}

/** As {@link chosenStack}, and undefined if it is gone. */
export async function currentStack(options: ProjectOptions): Promise<string | undefined> {
  const stack = await chosenStack(options);
  if (stack === undefined) return undefined;
  return (await stackExists({ ...options, stack })) ? stack : undefined;
}

/**
 * Removes a stack, its history and its configuration file. Throws UserError while it has resources.
 * @param force also with resources: they stay and nobody manages them
 */
export async function removeStack(
  options: ProjectOptions & {
    readonly stack: string;
    readonly force?: boolean;
    readonly preserveConfig?: boolean;
  },
): Promise<void> {
  // A file that was named for the operation is not the stack's own.
  const project = await loadProject(options.projectDir);
  const backend = new Backend(options.backendDir);
  const { deployment } = await backend.read(project.name, options.stack);
  const count = deployment?.resources?.length ?? 0;
  if (count > 0 && !options.force)
    throw new UserError(
      `'${options.stack}' still has resources; removal rejected`,
      `${count} resources are in its state`,
      "destroy them first, or force the removal",
    );
  const lock = await acquireLock(backend.lockDir(project.name, options.stack), () => undefined);
  try {
    await backend.remove(project.name, options.stack);
    if (!options.preserveConfig) await rm(stackConfigPath(project, options.stack), { force: true });
  } finally {
    await lock.release();
  }
}

/** Gives a stack another name: its state, history and configuration file. Throws UserError if there is one of that name. */
export async function renameStack(options: StackOptions & { readonly name: string }): Promise<void> {
  const project = await loadProject(options.projectDir, options.configFile);
  const backend = new Backend(options.backendDir);
  const { stack, name } = options;
  if (backend.exists(project.name, name))
    throw new UserError(`stack ${JSON.stringify(name)} already exists`, undefined, "choose another name");
  const chosen = (await currentStack(options)) === stack;
  const lock = await acquireLock(backend.lockDir(project.name, stack), () => undefined);
  try {
    const stored = await backend.read(project.name, stack);
    const file = await StackConfigFile.load(project, stack);
    const secrets = await openStackSecrets(file, stored, options.passphrase);
    const renamed =
      stored.deployment === undefined
        ? undefined
        : renameUrns(readSnapshot(stored.deployment, secrets.state), (urn) => urnInStack(urn, name));
    await backend.write(
      project.name,
      name,
      renamed && writeDeployment(renamed, { secrets: secrets.config, engineVersion }),
    );
    await backend.move(project.name, stack, name);
    const [from, to] = [stackConfigPath(project, stack), stackConfigPath(project, name)];
    if (existsSync(from)) await rename(from, to);
  } finally {
    await lock.release();
  }
  if (chosen) await selectStack({ ...options, stack: name });
}

export interface StackOverview {
  readonly lastUpdate: Date | undefined;
  /** Version of the engine that wrote the state. */
  readonly version: string | undefined;
  readonly resources: readonly {
    readonly urn: string;
    readonly type: string;
    readonly id: string;
    readonly parent: string | undefined;
    readonly protect: boolean;
  }[];
  /** What an operation that was killed was doing. */
  readonly pending: readonly { readonly type: string; readonly urn: string }[];
}

/** What there is in a stack, in the order of its state. */
export async function stackOverview(
  options: ProjectOptions & { readonly stack: string },
): Promise<StackOverview> {
  const project = await loadProject(options.projectDir, options.configFile);
  const { deployment } = await new Backend(options.backendDir).read(project.name, options.stack);
  const manifest = deployment?.manifest as { time?: unknown; version?: unknown } | null | undefined;
  return {
    lastUpdate: typeof manifest?.time === "string" ? new Date(manifest.time) : undefined,
    version: typeof manifest?.version === "string" ? manifest.version : undefined,
    resources: (deployment?.resources ?? []).map(({ urn, type, id, parent, protect }) => ({
      urn,
      protect: protect === true,
      type,
      id: id ?? "",
      parent: parent ?? undefined,
    })),
    pending: (deployment?.pending_operations ?? []).map(({ type, resource }) => ({
      type,
      urn: resource.urn,
    })),
  };
}

/** Outputs as plain JSON; secrets are `[secret]` unless `showSecrets`. */
export async function stackOutputs(
  options: StackOptions & { readonly showSecrets: boolean },
): Promise<Record<string, unknown>> {
  const project = await loadProject(options.projectDir, options.configFile);
  const backend = new Backend(options.backendDir);
  const outputs = await outputsOfStack(options.stack, {
    backend,
    project: project.name,
    passphrase: options.passphrase,
  });
  return mapToPlain(withoutNonFinite(outputs) as PropertyMap, options);
}

/** As JSON, infinite numbers and NaN have the form that they have in the state. */
function withoutNonFinite(value: Value): Value {
  if (typeof value === "number" && !Number.isFinite(value)) return writeNonFinite(value);
  if (value instanceof Secret) return new Secret(withoutNonFinite(value.element));
  if (isList(value)) return value.map(withoutNonFinite);
  return isMap(value) ? mapValues(value, withoutNonFinite) : value;
}

/** As `pulumi stack export`: `{version, features?, deployment}`. Secrets stay encrypted unless `showSecrets`. */
export async function exportStack(options: StackOptions & { readonly showSecrets: boolean }): Promise<{
  readonly version: number;
  readonly features?: readonly string[];
  readonly deployment: unknown;
}> {
  const project = await loadProject(options.projectDir, options.configFile);
  const stored = await new Backend(options.backendDir).read(project.name, options.stack);
  const features = stored.features.length > 0 ? { features: stored.features } : {};
  if (!options.showSecrets || stored.deployment === undefined)
    return { version: stored.version, ...features, deployment: stored.raw ?? {} };
  const salt = saltOf(stored.deployment, "the state");
  if (salt === undefined) return { version: stored.version, ...features, deployment: stored.raw };
  const secrets = await SecretsManager.open(options.passphrase, salt);
  const snapshot = readSnapshot(stored.deployment, secrets);
  const written = writeDeployment(snapshot, { secrets, showSecrets: true, engineVersion });
  return { version: written.version, ...features, deployment: written.deployment };
}

const exported = z.looseObject({
  version: z.number(),
  features: z.array(z.string()).nullish(),
  deployment: z.unknown(),
});

/** Replaces a stack's state by one that was exported. Throws UserError if it is another stack's, unless `force`. */
export async function importStack(
  options: StackOptions & { readonly state: unknown; readonly force?: boolean },
): Promise<void> {
  const parsed = exported.safeParse(options.state);
  if (!parsed.success) throw new UserError("this is not an exported stack", z.prettifyError(parsed.error));
  const { version, deployment: json } = parsed.data;
  const deployment = parseDeployment(json ?? {}, version, parsed.data.features ?? [], "the exported stack");
  const project = await loadProject(options.projectDir, options.configFile);
  const prefix = `urn:pulumi:${options.stack}::${project.name}::`;
  const foreign = (deployment.resources ?? []).find((resource) => !resource.urn.startsWith(prefix));
  if (foreign !== undefined && !options.force)
    throw new UserError(
      `resource '${foreign.urn}' is not of this stack`,
      `its name does not begin with ${prefix}`,
      "import it into the stack it came from, or force the import",
    );
  const backend = new Backend(options.backendDir);
  const stored = await backend.read(project.name, options.stack);
  const file = await StackConfigFile.load(project, options.stack);
  const secrets = await openStackSecrets(file, stored, options.passphrase);
  const salt = saltOf(deployment, "the exported stack");
  const reader = salt === undefined ? undefined : await SecretsManager.open(options.passphrase, salt);
  const snapshot = readSnapshot(deployment, reader);
  const lock = await acquireLock(backend.lockDir(project.name, options.stack), () => undefined);
  try {
    await backend.write(
      project.name,
      options.stack,
      writeDeployment(snapshot, { secrets: secrets.config, engineVersion }),
    );
  } finally {
    await lock.release();
  }
}

/** Removes the locks of a stack, whoever holds them; returns who did. */
export async function cancel(options: ProjectOptions & { readonly stack: string }): Promise<string[]> {
  const project = await loadProject(options.projectDir, options.configFile);
  return clearLocks(new Backend(options.backendDir).lockDir(project.name, options.stack));
}

/** Updates of a stack, the newest first. */
export async function stackHistory(
  options: ProjectOptions & { readonly stack: string },
): Promise<HistoryEntry[]> {
  const project = await loadProject(options.projectDir, options.configFile);
  return new Backend(options.backendDir).history(project.name, options.stack);
}

/** What depends on what, and what is whose child, in the language of Graphviz; arrows lead from what comes first. */
export async function stackGraph(options: ProjectOptions & { readonly stack: string }): Promise<string> {
  const project = await loadProject(options.projectDir, options.configFile);
  const { deployment } = await new Backend(options.backendDir).read(project.name, options.stack);
  const resources = (deployment?.resources ?? []).filter((resource) => !resource.delete);
  const numbers = new Map(resources.map(({ urn }, index) => [urn, `Resource${index}`] as const));
  const lines = resources.map(({ urn }) => `    ${numbers.get(urn)} [label=${JSON.stringify(urn)}];`);
  const arrow = (from: string | undefined, to: string, color: string): void => {
    const start = from === undefined ? undefined : numbers.get(from);
    if (start !== undefined) lines.push(`    ${start} -> ${numbers.get(to)} [color = "${color}"];`);
  };
  for (const { urn, parent, dependencies } of resources) {
    for (const dependency of new Set(dependencies ?? [])) arrow(dependency, urn, "#246C60");
    arrow(parent ?? undefined, urn, "#AA6639");
  }
  return `strict digraph {\n${lines.join("\n")}\n}\n`;
}
