/**
 * Decides what happens to each resource: nothing, create, update, replace (either order), import, read. Specified by
 * pkg/resource/deploy/step_generator.go; names and order of the cases follow it. Decisions are made one at a time;
 * carrying them out is the executor's.
 */
import { randomBytes } from "node:crypto";
import { aliasUrns } from "./aliases";
import { needs } from "./dependencyGraph";
import type { Goal, ReadGoal } from "./goal";
import { type DiffResult, noDiff, type Provider, replaces } from "./provider";
import type { ProviderRegistry } from "./providerRegistry";
import { ResourceDiffer, withReplaceOnChanges } from "./resourceDiffer";
import { ResourceError } from "./resourceError";
import { newState, type ResourceState } from "./resourceState";
import { type Step, shownDiff } from "./steps";
import type { Selection, Targets } from "./targets";
import { isProviderType, makeUrn, rootStackType } from "./urn";
import type { PropertyMap } from "./values";

export interface GeneratorOptions {
  readonly stack: string;
  readonly project: string;
  readonly preview: boolean;
  /** Undefined: everything. */
  readonly targets: Selection | undefined;
  /** To be replaced, changed or not. */
  readonly replace: Targets | undefined;
  readonly registry: ProviderRegistry;
  readonly base: readonly ResourceState[];
  readonly report: (severity: "info" | "warning" | "error", urn: string, message: string) => void;
  /** Carries out a step while the decision waits for it (imports). */
  readonly runNow: (step: Step) => Promise<void>;
}

export class StepGenerator {
  private readonly olds = new Map<string, ResourceState>();
  /** Registered URNs. */
  private readonly seen = new Set<string>();
  /** URN of this run → the URN under which it was found. */
  private readonly found = new Map<string, string>();
  /** The reverse. */
  readonly claimed = new Map<string, string>();
  /** URNs with a step. */
  readonly operatedOn = new Set<string>();
  readonly replaced = new Set<string>();
  /** URNs that are deleted; a replacement takes its URN out again. */
  readonly deletes = new Set<string>();
  /** States deleted to let something they depend on be replaced. */
  private readonly deletedStates = new Set<ResourceState>();
  private readonly replaceKeys = new Map<string, readonly string[]>();
  private readonly skippedCreates = new Set<string>();
  readonly newProviders = new Map<string, ResourceState>();

  private readonly differ: ResourceDiffer;

  constructor(private readonly options: GeneratorOptions) {
    this.differ = new ResourceDiffer(options, this);
    for (const state of options.base)
      if (!state.delete && !this.olds.has(state.urn)) this.olds.set(state.urn, state);
  }

  urnOf(goal: { readonly type: string; readonly name: string; readonly parent: string }): string {
    return makeUrn(this.options.stack, this.options.project, goal.parent, goal.type, goal.name);
  }

  /** The state a resource had before this run, also under an alias. */
  oldOf(urn: string): ResourceState | undefined {
    return this.olds.get(this.found.get(urn) ?? urn);
  }

  /** It was there before, or the program named it. */
  knows(urn: string): boolean {
    return this.seen.has(urn) || this.options.base.some((state) => state.urn === urn);
  }

  /** Steps for one registration, to be carried out in order; the last one with `new` is the resource's own. */
  async generate(goal: Goal): Promise<Step[]> {
    const urn = this.claim(goal);
    const old = this.findOld(urn, goal);
    if (goal.imported && old) {
      if ((old.importId || old.id) === goal.importId) return [];
      throw new ResourceError(urn, `resource '${urn}' is in the state already, with the ID '${old.id}'`);
    }
    const alias = this.found.get(urn);
    const now = newState({
      type: goal.type,
      urn,
      custom: goal.custom,
      inputs: goal.inputs,
      parent: goal.parent,
      protect: goal.protect ?? false,
      dependencies: goal.dependencies,
      provider: goal.provider,
      propertyDependencies: goal.propertyDependencies,
      additionalSecretOutputs: goal.additionalSecretOutputs,
      aliases: alias === undefined ? [] : [alias],
      customTimeouts: goal.customTimeouts,
      importId: goal.importId,
      retainOnDelete: goal.retainOnDelete ?? false,
      deletedWith: goal.deletedWith,
      replaceWith: goal.replaceWith,
      replacementTrigger: goal.replacementTrigger,
      created: old?.created,
      modified: old?.modified,
      sourcePosition: goal.sourcePosition,
      stackTrace: goal.stackTrace,
      ignoreChanges: goal.ignoreChanges,
      hideDiff: goal.hideDiff,
      replaceOnChanges: goal.replaceOnChanges,
      resourceHooks: goal.resourceHooks,
      refreshBeforeUpdate: old?.refreshBeforeUpdate ?? false,
    });
    if (isProviderType(goal.type)) this.newProviders.set(urn, now);
    this.operatedOn.add(urn);
    const provider = this.providerOf(goal.custom, goal.provider, goal.type);

    const oldImportId = old ? old.importId || old.id : "";
    if (
      goal.custom &&
      goal.importId !== "" &&
      (old === undefined || old.external || oldImportId !== goal.importId)
    )
      return this.generateImport(goal, now, old, provider);
    return this.generateOrdinary(goal, now, old, provider, false);
  }

  private claim(goal: Goal | ReadGoal): string {
    const urn = this.urnOf(goal);
    if (this.seen.has(urn))
      throw new ResourceError(urn, `Duplicate resource URN '${urn}'; try giving it a unique name`);
    this.seen.add(urn);
    return urn;
  }

  private findOld(urn: string, goal: Goal): ResourceState | undefined {
    const owner = this.claimed.get(urn);
    if (owner !== undefined)
      throw new ResourceError(
        urn,
        `Duplicate resource URN '${urn}' conflicting with alias on resource with URN '${owner}'`,
      );
    const own = this.olds.get(urn);
    if (own) return own;
    for (const alias of aliasUrns(goal, goal.aliases, this.found, this.options)) {
      const old = this.olds.get(alias);
      if (old === undefined || alias === urn) continue;
      const other = this.claimed.get(alias) ?? (this.seen.has(alias) ? alias : undefined);
      if (other !== undefined)
        throw new ResourceError(
          urn,
          `Duplicate resource alias '${alias}' applied to resource with URN '${urn}' conflicting with resource with URN '${other}'`,
        );
      this.claimed.set(alias, urn);
      this.found.set(urn, alias);
      return old;
    }
    return undefined;
  }

  private providerOf(custom: boolean, reference: string, type: string): Provider | undefined {
    if (!custom) return undefined;
    if (isProviderType(type)) return this.options.registry;
    const provider = this.options.registry.get(reference);
    if (provider === undefined) throw new Error(`unknown provider ${reference}`);
    return provider;
  }

  private isTarget(now: ResourceState): boolean {
    const { targets } = this.options;
    if (targets === undefined || isProviderType(now.type) || now.type === rootStackType) return true;
    return targets.includes(now);
  }

  private isToReplace(urn: string, old: ResourceState | undefined): boolean {
    return old?.taint === true || this.options.replace?.has(urn) === true;
  }

  private async generateImport(
    goal: Goal,
    now: ResourceState,
    old: ResourceState | undefined,
    provider: Provider | undefined,
  ): Promise<Step[]> {
    const imported: ResourceState = { ...now };
    // What was there under this name is deleted at the end, as if it had been replaced.
    const replacing = old !== undefined && !this.deletes.has(old.urn);
    if (replacing) this.replaced.add(now.urn);
    await this.options.runNow({
      op: replacing ? "import-replacement" : "import",
      new: imported,
      ...(old ? { old } : {}),
      ...(goal.imported ? { imported: goal.imported } : {}),
    });
    if (goal.imported) return [];
    if (replacing) await this.options.runNow({ op: "replace", old, new: imported });
    const wanted: ResourceState = { ...now, importId: "" };
    const steps = await this.generateOrdinary(goal, wanted, imported, provider, true);
    return steps.some((step) => step.op !== "same") ? steps : [];
  }

  /** Everything but the import itself. */
  private async generateOrdinary(
    goal: Goal,
    now: ResourceState,
    old: ResourceState | undefined,
    provider: Provider | undefined,
    imported: boolean,
  ): Promise<Step[]> {
    const { urn } = now;
    // It was deleted under the name it had.
    const oldUrn = old?.urn ?? urn;
    const recreating = this.deletes.has(oldUrn) && !imported;
    const wasExternal = old?.external === true && !imported;
    const target = this.isTarget(now);
    const randomSeed = randomBytes(32);
    let inputs = old
      ? this.differ.ignoreChanges(urn, goal.ignoreChanges, old.inputs, now.inputs)
      : now.inputs;
    if (provider && target) {
      const fresh = recreating || wasExternal || old === undefined || this.isToReplace(urn, old);
      inputs = await this.check(provider, now, {
        urn,
        olds: fresh ? {} : old.inputs,
        news: fresh ? goal.inputs : inputs,
        randomSeed,
      });
    } else if (!target && old) inputs = old.inputs;
    now.inputs = inputs;

    if (recreating && old) {
      this.deletes.delete(oldUrn);
      this.replaced.add(urn);
      const diff = this.replaceKeys.get(oldUrn) ?? [];
      return [
        { op: "replace", old, new: now, diff },
        { op: "create-replacement", old, new: now, diff },
      ];
    }
    if (wasExternal && old)
      return [
        { op: "create-replacement", old, new: now, pendingDelete: true },
        { op: "replace", old, new: now },
      ];
    if (old) {
      if (!target) return this.untargeted(old, now);
      const diff = this.isToReplace(urn, old)
        ? { ...noDiff, changes: "some" as const, replaceKeys: ["id"] }
        : await this.differ.diff(goal, now, old, provider);
      return this.stepsFor(goal, now, old, provider, diff, randomSeed);
    }
    if (!target) {
      this.skippedCreates.add(urn);
      return [];
    }
    this.refuseSkippedDependencies(now);
    return [{ op: "create", new: now }];
  }

  private async check(
    provider: Provider,
    now: ResourceState,
    request: Parameters<Provider["check"]>[0],
  ): Promise<PropertyMap> {
    const { inputs, failures } = await provider.check(request);
    if (failures.length === 0) return inputs;
    const [name] = now.urn.split("::").slice(-1);
    for (const { property, reason } of failures)
      this.options.report(
        "error",
        now.urn,
        property === ""
          ? `${now.type} resource '${name}' has a problem: ${reason}`
          : `${now.type} resource '${name}' has a problem: ${reason}. Examine values at '${name}.${property}'.`,
      );
    throw new ResourceError(now.urn, `resource ${now.urn} is invalid`, true);
  }

  /**
   * Everything but its place in the tree stays as it was. What it needs comes before it in the state, also if the
   * program does not name that any more.
   */
  private untargeted(old: ResourceState, now: ResourceState): Step[] {
    const steps: Step[] = [];
    const keep = (state: ResourceState): void => {
      if (state.delete || this.operatedOn.has(state.urn) || this.claimed.has(state.urn)) return;
      this.operatedOn.add(state.urn);
      for (const urn of needs(state)) {
        const needed = this.olds.get(urn);
        if (needed) keep(needed);
      }
      const kept = { ...state };
      // The program may come to it still.
      this.olds.set(state.urn, kept);
      steps.push({ op: "same", old: state, new: kept, untargeted: true });
    };
    for (const urn of needs(old)) {
      const needed = this.olds.get(urn);
      if (needed) keep(needed);
    }
    const same = { ...old, urn: now.urn, parent: now.parent, aliases: now.aliases };
    return [...steps, { op: "same", old, new: same, untargeted: true }];
  }

  private refuseSkippedDependencies(now: ResourceState): void {
    if (this.skippedCreates.size === 0) return;
    const skipped = [...needs(now)].find((urn) => this.skippedCreates.has(urn));
    if (skipped !== undefined)
      throw new ResourceError(
        now.urn,
        `Resource '${now.urn}' depends on '${skipped}' which was not specified in --target list`,
      );
  }

  private async stepsFor(
    goal: Goal,
    now: ResourceState,
    old: ResourceState,
    provider: Provider | undefined,
    given: DiffResult,
    randomSeed: Buffer,
  ): Promise<Step[]> {
    const failedBefore = old.initErrors.length > 0;
    const diff = withReplaceOnChanges(given, goal.replaceOnChanges, failedBefore);
    const shown = shownDiff(
      diff.detailed,
      [...new Set([...diff.changedKeys, ...diff.replaceKeys])],
      old.inputs,
      now.inputs,
    );
    if (diff.changes === "some" || old.pendingReplacement) {
      if (replaces(diff) || old.pendingReplacement)
        return this.replacement(goal, now, old, provider, diff, shown, randomSeed);
      this.refuseSkippedDependencies(now);
      return [{ op: "update", old, new: now, diff: shown, ignoreChanges: goal.ignoreChanges }];
    }
    if (failedBefore)
      return [{ op: "update", old, new: now, diff: shown, ignoreChanges: goal.ignoreChanges }];
    this.refuseSkippedDependencies(now);
    return [{ op: "same", old, new: now }];
  }

  private async replacement(
    goal: Goal,
    now: ResourceState,
    old: ResourceState,
    provider: Provider | undefined,
    diff: DiffResult,
    shown: readonly string[],
    randomSeed: Buffer,
  ): Promise<Step[]> {
    const { urn } = now;
    if (now.protect && old.protect)
      throw new ResourceError(
        urn,
        `unable to replace resource "${urn}"\nas it is currently marked for protection. To unprotect the resource, ` +
          "remove the `protect` flag from the resource in your program and run `up`",
      );
    if (goal.importId !== "")
      throw new ResourceError(
        urn,
        "previously-imported resources that still specify an ID may not be replaced; " +
          "please remove the `import` declaration from your program",
      );
    this.replaced.add(urn);
    // Defaults carried over from the old resource are not the new one's.
    if (provider && !this.isToReplace(urn, old))
      now.inputs = await this.check(provider, now, { urn, olds: {}, news: goal.inputs, randomSeed });

    if (!(goal.deleteBeforeReplace ?? diff.deleteBeforeReplace)) {
      this.refuseSkippedDependencies(now);
      return [
        { op: "create-replacement", old, new: now, diff: shown, pendingDelete: true },
        { op: "replace", old, new: now, diff: shown },
      ];
    }
    const steps: Step[] = [];
    const after: ResourceState[] = [];
    const along = (await this.replacedAlong(old)).reverse();
    const kept = along.find(({ state }) => !this.deletedStates.has(state) && !state.delete && state.protect);
    // Before anything is noted as deleted: then nothing is.
    if (kept !== undefined)
      throw new ResourceError(
        urn,
        `unable to replace resource "${kept.state.urn}" as part of replacing "${urn}" as it is currently marked for ` +
          "protection. To unprotect the resource, remove the `protect` flag from the resource in your program and run `up`",
      );
    for (const { state, keys } of along) {
      if (this.deletedStates.has(state)) {
        after.push(state);
        continue;
      }
      if (!state.delete) this.replaceKeys.set(state.urn, keys);
      steps.push(
        state.delete
          ? { op: "delete", old: state }
          : { op: "delete-replaced", old: state, pendingReplacement: true },
      );
      // An old self that waits for its delete says nothing about the resource of that name.
      if (!state.delete) this.deletes.add(state.urn);
      this.deletedStates.add(state);
    }
    if (!old.pendingReplacement) {
      // What is `deletedWith` this one goes with it.
      this.deletes.add(old.urn);
      steps.push({ op: "delete-replaced", old, pendingReplacement: true, after });
    }
    return [
      ...steps,
      { op: "replace", old, new: now, diff: shown },
      { op: "create-replacement", old, new: now, diff: shown },
    ];
  }

  /** What is deleted before `root` is, in the order of the state: what its inputs, or their options, tie to it. */
  private async replacedAlong(
    root: ResourceState,
  ): Promise<{ readonly state: ResourceState; readonly keys: readonly string[] }[]> {
    const { base } = this.options;
    if (!base.includes(root)) return [];
    const along = new Map<ResourceState, readonly string[]>();
    for (const { state, keys } of await this.differ.dependentReplacements(root)) along.set(state, keys);
    for (const state of base) {
      // Those that name it directly; what names them is replaced with them when its turn comes.
      const tied = state.replaceWith.includes(root.urn) || state.deletedWith === root.urn;
      if (tied && !state.delete && !along.has(state) && !this.operatedOn.has(state.urn)) along.set(state, []);
    }
    return base.flatMap((state) => {
      const keys = along.get(state);
      return keys === undefined ? [] : [{ state, keys }];
    });
  }

  /** Steps of a resource that is only read. */
  generateRead(goal: ReadGoal): Step[] {
    const urn = this.claim(goal);
    const old = this.olds.get(urn);
    this.operatedOn.add(urn);
    const now = newState({
      type: goal.type,
      urn,
      custom: true,
      external: true,
      id: goal.id,
      inputs: goal.inputs,
      parent: goal.parent,
      dependencies: goal.dependencies,
      provider: goal.provider,
      additionalSecretOutputs: goal.additionalSecretOutputs,
      sourcePosition: goal.sourcePosition,
      stackTrace: goal.stackTrace,
    });
    // Something that was managed under this name is deleted at the end, as if it had been replaced.
    if (old && !old.external) {
      this.replaced.add(urn);
      return [
        { op: "read-replacement", old, new: now },
        { op: "replace", old, new: now },
      ];
    }
    return [{ op: "read", new: now, ...(old ? { old } : {}) }];
  }

  /** A delete that was decided did not happen: the resource is still there. */
  notDeleted(state: ResourceState): void {
    this.deletes.delete(state.urn);
  }

  /** What is left to delete once the program has ended: what it no longer names, and what was replaced. */
  remaining(): Step[] {
    const { targets, base } = this.options;
    const wanted = targets?.deletable(base);
    const steps: Step[] = [];
    for (const state of base) {
      if (state.viewOf !== "" || (wanted !== undefined && !wanted.has(state.urn))) continue;
      if (state.delete) {
        if (this.deletedStates.has(state)) continue;
        this.deletes.add(state.urn);
        steps.push({ op: replacedOp(state), old: state });
      } else if (
        !this.operatedOn.has(state.urn) &&
        !this.claimed.has(state.urn) &&
        !this.deletedStates.has(state)
      ) {
        this.deletes.add(state.urn);
        steps.push({ op: state.pendingReplacement ? "remove-pending-replace" : deleteOp(state), old: state });
      } else if (
        this.deletedStates.has(state) &&
        state.pendingReplacement &&
        !this.operatedOn.has(state.urn)
      ) {
        // Deleted for a replacement, and then the program did not ask for it again.
        steps.push({ op: "remove-pending-replace", old: state });
      }
    }
    return steps;
  }
}

/** What was only read is forgotten. */
export function replacedOp(state: ResourceState): "delete-replaced" | "discard-replaced" {
  return state.external ? "discard-replaced" : "delete-replaced";
}

export function deleteOp(state: ResourceState): "delete" | "discard" {
  return state.external ? "discard" : "delete";
}
