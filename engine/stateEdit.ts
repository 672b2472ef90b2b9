/**
 * Changes to the state alone, for when it says something else than is true. Specified by pkg/resource/edit/operations.go and
 * pkg/cmd/pulumi/state: nothing that others depend on is taken out, and nothing protected unless forced.
 */
import { UserError } from "../host/userError";
import type { StackOptions } from "./api";
import { Backend } from "./backend";
import { needs } from "./dependencyGraph";
import { emptySnapshot, readSnapshot, type Snapshot, writeDeployment } from "./deployment";
import { acquireLock } from "./lock";
import { engineVersion } from "./operation";
import { loadProject } from "./project";
import type { ResourceState } from "./resourceState";
import { StackConfigFile } from "./stackConfig";
import { openStackSecrets } from "./stackSecrets";

/** @param change gives the new state; what it throws leaves the old one */
async function edit(options: StackOptions, change: (snapshot: Snapshot) => Snapshot): Promise<void> {
  const project = await loadProject(options.projectDir);
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

/** Takes a resource out of the state; the thing itself stays. Throws UserError if others need it, or if it is protected and `force` is not set. */
export function forgetResource(
  options: StackOptions & { readonly urn: string; readonly force?: boolean },
): Promise<void> {
  return edit(options, (snapshot) => {
    const state = resourceOf(snapshot, options.urn);
    const dependents = snapshot.resources.filter((other) => other !== state && needs(other).has(state.urn));
    if (dependents.length > 0) {
      throw new UserError(
        `'${state.urn}' can't be safely deleted: other resources need it`,
        dependents.map((other) => other.urn).join("\n  "),
        "delete those first",
      );
    }
    if (state.protect && !options.force) {
      throw new UserError(
        `'${state.urn}' is protected`,
        undefined,
        "unprotect it first (state unprotect), or force it",
      );
    }
    return { ...snapshot, resources: snapshot.resources.filter((other) => other !== state) };
  });
}

/** Takes the protection from one resource, or from all without `urn`. */
export function unprotectResources(options: StackOptions & { readonly urn?: string }): Promise<void> {
  return edit(options, (snapshot) => {
    const states = options.urn === undefined ? snapshot.resources : [resourceOf(snapshot, options.urn)];
    for (const state of states) state.protect = false;
    return snapshot;
  });
}
