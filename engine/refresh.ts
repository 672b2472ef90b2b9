/**
 * Refresh: the state becomes what the providers read; what is gone is dropped. Specified by RefreshStep in
 * pkg/resource/deploy/step.go. The program is not run.
 */
import type { EngineEvent } from "./events";
import type { Executor } from "./executor";
import { changedPaths } from "./inputDiff";
import type { Journal } from "./journal";
import type { ProviderRegistry } from "./providerRegistry";
import type { ResourceState } from "./resourceState";
import { stepInfo } from "./steps";
import type { Targets } from "./targets";
import { isDefaultProvider, isProviderType } from "./urn";
import { sameValue } from "./values";

export interface RefreshOptions {
  readonly registry: ProviderRegistry;
  readonly journal: Journal;
  readonly base: readonly ResourceState[];
  readonly preview: boolean;
  readonly targets: Targets | undefined;
  readonly emit: (event: EngineEvent) => void;
}

export async function refreshAll(executor: Executor, options: RefreshOptions): Promise<void> {
  const { base, targets } = options;
  if (!executor.refuseUnknown(targets)) return;
  const wanted = targets?.dependents ? targets.withDependents(base) : targets;
  const states = wanted === undefined ? base : base.filter((state) => wanted.has(state.urn));
  await Promise.all(states.map((state) => executor.inSlot(() => refreshOne(executor, state, options))));
}

async function refreshOne(executor: Executor, state: ResourceState, options: RefreshOptions): Promise<void> {
  const { registry, journal, base, preview, emit } = options;
  if (state.delete || state.pendingReplacement || state.viewOf !== "") return;
  if (!state.custom || isProviderType(state.type)) {
    // There is nothing to read; they are unchanged.
    if (!isDefaultProvider(state.urn)) executor.count("same");
    return;
  }
  const started = Date.now();
  const info = { ...stepInfo({ op: "same", old: state, new: state }), op: "refresh" as const };
  emit({ kind: "resource-pre", preview, step: info });
  try {
    const provider = await registry.ensure(state.provider, base);
    const read = await provider.read({
      urn: state.urn,
      id: state.id,
      inputs: state.inputs,
      outputs: state.outputs,
      timeout: state.customTimeouts.read ?? 0,
    });
    if (read.id === "") {
      executor.count("delete");
      await journal.end(undefined, { remove: state });
      emit({
        kind: "resource-done",
        preview,
        step: { ...info, op: "delete", newInputs: undefined },
        elapsedMs: Date.now() - started,
      });
      return;
    }
    const inputs = read.inputs ?? state.inputs;
    const changed = !sameValue(state.outputs, read.outputs) || !sameValue(state.inputs, inputs);
    const diff = changed ? changedPaths(state.outputs, read.outputs) : [];
    if (changed) {
      state.id = read.id;
      state.inputs = inputs;
      state.outputs = read.outputs;
      state.initErrors = [];
      state.modified = new Date().toISOString();
      await journal.touch();
    }
    executor.count(changed ? "update" : "same");
    emit({
      kind: "resource-done",
      preview,
      step: { ...info, op: changed ? "update" : "same", diff },
      elapsedMs: Date.now() - started,
    });
  } catch (error) {
    executor.failed = true;
    emit({
      kind: "resource-failed",
      step: info,
      elapsedMs: Date.now() - started,
      message: error instanceof Error ? error.message : String(error),
    });
  }
}
