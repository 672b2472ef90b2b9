/**
 * Whether and how a resource differs from what it was, and what that means for others. Specified by diff,
 * applyReplaceOnChanges and calculateDependentReplacements in pkg/resource/deploy/step_generator.go.
 */
import { dependingOn } from "./dependencyGraph";
import type { Goal } from "./goal";
import { changedKeys } from "./inputDiff";
import { covers, parsePath, resetToOld } from "./propertyPath";
import { type DiffResult, noDiff, type Provider, replaces } from "./provider";
import type { ProviderRegistry } from "./providerRegistry";
import { ResourceError } from "./resourceError";
import type { ResourceState } from "./resourceState";
import { isProviderType, parseProviderReference } from "./urn";
import { hasUnknowns, type PropertyMap, sameValue, Unknown, unwrapSecrets } from "./values";

export interface DifferOptions {
  readonly preview: boolean;
  readonly registry: ProviderRegistry;
  readonly base: readonly ResourceState[];
  readonly report: (severity: "info" | "warning" | "error", urn: string, message: string) => void;
}

/** What was decided in this run so far. */
export interface Facts {
  /** URN under which a resource was found → its URN in this run. */
  readonly claimed: ReadonlyMap<string, string>;
  /** URNs with a step. */
  readonly operatedOn: ReadonlySet<string>;
  readonly replaced: ReadonlySet<string>;
  /** Provider resources of this run, by URN. */
  readonly newProviders: ReadonlyMap<string, ResourceState>;
}

export class ResourceDiffer {
  constructor(
    private readonly options: DifferOptions,
    private readonly facts: Facts,
  ) {}

  ignoreChanges(urn: string, paths: readonly string[], old: PropertyMap, now: PropertyMap): PropertyMap {
    let result = now;
    const invalid: string[] = [];
    for (const path of paths) {
      const { inputs, complete } = resetToOld(parsePath(path), old, result);
      result = inputs;
      if (!complete) invalid.push(path);
    }
    if (invalid.length > 0)
      this.options.report(
        "info",
        urn,
        `cannot ignore changes in added or removed elements of the path: "${invalid.join(", ")}"`,
      );
    return result;
  }

  async diff(
    goal: Goal,
    now: ResourceState,
    old: ResourceState,
    provider: Provider | undefined,
  ): Promise<DiffResult> {
    const blame = (key: string): DiffResult => ({ ...noDiff, changes: "some", replaceKeys: [key] });
    if (this.isTriggered(old, now)) return blame("replacementTrigger");
    if (now.replaceWith.some((urn) => this.facts.replaced.has(urn))) return blame("replaceWith");
    if (now.deletedWith !== "" && this.facts.replaced.has(now.deletedWith)) return blame("deletedWith");
    if (await this.providerChanged(old, now)) return blame("provider");
    if (provider === undefined)
      return sameValue(old.inputs, now.inputs) ? noDiff : { ...noDiff, changes: "some" };
    return this.askDiff(provider, old, now.urn, now.inputs, goal.ignoreChanges);
  }

  /** No trigger before, or none now, replaces nothing. */
  private isTriggered(old: ResourceState, now: ResourceState): boolean {
    const [before, after] = [unwrapSecrets(old.replacementTrigger), unwrapSecrets(now.replacementTrigger)];
    if (hasUnknowns(after)) {
      if (this.options.preview) return true;
      throw new ResourceError(now.urn, `replacement trigger contains unknowns for ${now.urn}`);
    }
    return before !== null && after !== null && !sameValue(before, after);
  }

  private async askDiff(
    provider: Provider,
    old: ResourceState,
    urn: string,
    newInputs: PropertyMap,
    ignoreChanges: readonly string[],
  ): Promise<DiffResult> {
    const diff = await provider.diff({
      urn,
      id: old.id,
      oldInputs: old.inputs,
      oldOutputs: old.outputs,
      newInputs,
      ignoreChanges,
    });
    if (diff.changes !== "unknown") return diff;
    const keys = changedKeys(old.inputs, this.ignoreChanges(urn, ignoreChanges, old.inputs, newInputs));
    return keys.length === 0 ? { ...diff, changes: "none" } : { ...diff, changes: "some", changedKeys: keys };
  }

  /** Another provider means a replacement, unless its configuration is as good as the one before. */
  private async providerChanged(old: ResourceState, now: ResourceState): Promise<boolean> {
    if (old.provider === now.provider) return false;
    if (old.provider === "" || now.provider === "") return true;
    const before = parseProviderReference(old.provider);
    const after = parseProviderReference(now.provider);
    if (this.facts.claimed.get(before.urn) === after.urn) return false;
    const oldProvider = this.options.base.find((state) => state.urn === before.urn && state.id === before.id);
    const newProvider = this.facts.newProviders.get(after.urn);
    if (oldProvider === undefined || newProvider === undefined) return false;
    const diff = await this.options.registry.diff({
      urn: after.urn,
      id: after.id,
      oldInputs: oldProvider.inputs,
      oldOutputs: oldProvider.outputs,
      newInputs: newProvider.inputs,
      ignoreChanges: [],
    });
    return replaces(diff);
  }

  /**
   * What has to be deleted, and created again, around a resource that is deleted before it is replaced: resources
   * whose inputs come from it in a way that would replace them. Told by asking their providers with those unknown.
   */
  async dependentReplacements(
    root: ResourceState,
  ): Promise<{ readonly state: ResourceState; readonly keys: readonly string[] }[]> {
    const result: { state: ResourceState; keys: readonly string[] }[] = [];
    const replaceSet = new Set([root.urn]);
    for (const state of dependingOn(this.options.base, root, without(this.facts.operatedOn, root.urn))) {
      const keys = await this.mustReplace(state, replaceSet);
      if (keys === undefined) continue;
      result.push({ state, keys });
      replaceSet.add(state.urn);
    }
    return result;
  }

  private async mustReplace(
    state: ResourceState,
    replaceSet: ReadonlySet<string>,
  ): Promise<readonly string[] | undefined> {
    if (!state.custom || state.external) return undefined;
    const { registry, base } = this.options;
    if (state.provider !== "" && replaceSet.has(parseProviderReference(state.provider).urn)) return [];
    if (state.deletedWith !== "" && replaceSet.has(state.deletedWith)) return [];
    const inputs: Record<string, PropertyMap[string]> = { ...state.inputs };
    let touched = false;
    for (const key of Object.keys(inputs))
      if (state.propertyDependencies[key]?.some((urn) => replaceSet.has(urn))) {
        inputs[key] = Unknown.value;
        touched = true;
      }
    if (!touched) return undefined;
    let provider: Provider;
    if (isProviderType(state.type)) {
      await registry.same(state, state.inputs);
      provider = registry;
    } else provider = await registry.ensure(state.provider, base);
    const diff = withReplaceOnChanges(
      await this.askDiff(provider, state, state.urn, inputs, state.ignoreChanges),
      state.replaceOnChanges,
      false,
    );
    return replaces(diff) ? diff.replaceKeys : undefined;
  }
}

function without(urns: ReadonlySet<string>, urn: string): Set<string> {
  const result = new Set(urns);
  result.delete(urn);
  return result;
}

/** Adds the replacements that the user asked for to those of the provider. */
export function withReplaceOnChanges(
  diff: DiffResult,
  replaceOnChanges: readonly string[],
  failedBefore: boolean,
): DiffResult {
  if (replaceOnChanges.length === 0 || (diff.changes !== "some" && !failedBefore)) return diff;
  const paths = replaceOnChanges.map(parsePath);
  const isCovered = (text: string): boolean => paths.some((path) => covers(path, parsePath(text)));
  const replaceKeys = new Set(diff.replaceKeys);
  for (const key of diff.changedKeys) if (isCovered(key)) replaceKeys.add(key);
  const detailed = new Map(diff.detailed);
  for (const [path, kind] of detailed)
    if (isCovered(path) && !kind.endsWith("-replace")) detailed.set(path, `${kind}-replace` as typeof kind);
  let changes = diff.changes;
  if (failedBefore && paths.some((path) => covers(path, ["#initerror"]))) {
    replaceKeys.add("#initerror");
    changes = "some";
  }
  return {
    ...diff,
    changes,
    replaceKeys: [...replaceKeys],
    ...(diff.detailed ? { detailed } : {}),
  };
}
