/**
 * Changes to the state alone, for when it says something else than is true. Specified by pkg/resource/edit/operations.go and
 * pkg/cmd/pulumi/state: nothing that others depend on is taken out, and nothing protected unless forced.
 */
import { UserError } from "../host/userError";
import type { StackOptions } from "./api";
import { Backend } from "./backend";
import { inOrder, needs } from "./dependencyGraph";
import { emptySnapshot, readSnapshot, type Snapshot, writeDeployment } from "./deployment";
import { acquireLock } from "./lock";
import { engineVersion } from "./operation";
import { loadProject } from "./project";
import { renameUrns } from "./renameUrns";
import type { ResourceState } from "./resourceState";
import { StackConfigFile } from "./stackConfig";
import { openStackSecrets } from "./stackSecrets";
import { makeUrn, parseUrn } from "./urn";

/** @param change gives the new state; what it throws leaves the old one */
async function edit(options: StackOptions, change: (snapshot: Snapshot) => Snapshot): Promise<void> {
  const project = await loadProject(options.projectDir, options.configFile);
  const backend = new Backend(options.backendDir);
  const lock = await acquireLock(backend.lockDir(project.name, options.stack), () => undefined);
  try {
    const stored = await backend.read(project.name, options.stack);
    const file = await StackConfigFile.load(project, options.stack);
    const secrets = await openStackSecrets(file, stored, options.passphrase);
    const before = stored.deployment ? readSnapshot(stored.deployment, secrets.state) : emptySnapshot;
    const after = writeDeployment(change(before), { secrets: secrets.config, engineVersion });
    await backend.write(project.name, options.stack, after);
  } finally {
    await lock.release();
  }
}

function resourceOf(snapshot: Snapshot, urn: string): ResourceState {
  const found = snapshot.resources.find((state) => state.urn === urn);
  if (found !== undefined) return found;
  const name = urn.split("::").at(-1) ?? urn;
  const similar = snapshot.resources.filter((state) => state.urn.endsWith(`::${name}`));
  throw new UserError(
    `no resource '${urn}' in the state`,
    similar.length > 0
      ? `is it one of these?\n    ${similar.map((state) => state.urn).join("\n    ")}`
      : undefined,
    "vmcluster stack export shows the URNs of all",
  );
}

/** Named by their URNs; without `urns` all are meant. */
interface Chosen extends StackOptions {
  readonly urns?: readonly string[];
}

const chosen = (snapshot: Snapshot, { urns }: Chosen): readonly ResourceState[] =>
  urns === undefined ? snapshot.resources : urns.map((urn) => resourceOf(snapshot, urn));

/**
 * Takes resources out of the state; the things themselves stay. Throws UserError if others need them, unless those are to go with
 * them (`targetDependents`), or if one is protected and `force` is not set.
 */
export function forgetResources(
  options: Chosen & { readonly force?: boolean; readonly targetDependents?: boolean },
): Promise<void> {
  return edit(options, (snapshot) => {
    const gone = new Set(chosen(snapshot, options));
    const names = new Set([...gone].map(({ urn }) => urn));
    // What needs something comes after it.
    const dependents = snapshot.resources.filter((state) => {
      const found = !gone.has(state) && [...needs(state)].some((urn) => names.has(urn));
      if (found) names.add(state.urn);
      return found;
    });
    if (dependents.length > 0 && !options.targetDependents) {
      throw new UserError(
        `${options.urns?.map((urn) => `'${urn}'`).join(", ")} can't be safely deleted: other resources need it`,
        dependents.map((other) => other.urn).join("\n  "),
        "delete those first, or with it: --target-dependents",
      );
    }
    for (const state of dependents) gone.add(state);
    for (const state of gone) {
      if (!state.protect || options.force) continue;
      throw new UserError(
        `'${state.urn}' is protected`,
        undefined,
        "unprotect it first (state unprotect), or force it",
      );
    }
    return { ...snapshot, resources: snapshot.resources.filter((state) => !gone.has(state)) };
  });
}

/** Protects resources from deletion, or takes the protection from them. */
export async function protectResources(options: Chosen & { readonly protect: boolean }): Promise<void> {
  await edit(options, (snapshot) => {
    for (const state of chosen(snapshot, options)) state.protect = options.protect;
    return snapshot;
  });
}

/**
 * Makes what was replaced, and waits to be deleted, the resource again, in the place of what came instead, which is forgotten. Of
 * several such of one URN the `id` tells which.
 */
export async function takeBackReplaced(
  options: StackOptions & { readonly replaced: readonly { readonly urn: string; readonly id: string }[] },
): Promise<void> {
  await edit(options, (snapshot) => {
    const back = snapshot.resources.filter(
      (state) => state.delete && options.replaced.some(({ urn, id }) => state.urn === urn && state.id === id),
    );
    const urns = new Set(back.map(({ urn }) => urn));
    const rest = snapshot.resources.filter((state) => state.delete || !urns.has(state.urn));
    for (const state of back) state.delete = false;
    return { ...snapshot, resources: inOrder(rest) };
  });
}

/** Gives a resource another name, for a program that names it so. Throws UserError if there is one of that name. */
export async function renameResource(
  options: StackOptions & { readonly urn: string; readonly name: string },
): Promise<void> {
  if (options.name === "") throw new UserError("a resource's name can't be empty");
  await edit(options, (snapshot) => {
    const { urn } = resourceOf(snapshot, options.urn);
    const { stack, project, qualifiedType } = parseUrn(urn);
    const renamed = makeUrn(stack, project, undefined, qualifiedType, options.name);
    if (snapshot.resources.some((state) => state.urn === renamed))
      throw new UserError(`there is a resource '${renamed}' already`);
    return renameUrns(snapshot, (other) => (other === urn ? renamed : other));
  });
}
