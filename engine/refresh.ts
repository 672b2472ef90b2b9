/**
 * Refresh: the state becomes what the providers read; what is gone is dropped, and nothing depends on it any more.
 * Specified by RefreshStep in pkg/resource/deploy/step.go and rebuildBaseState in deployment_executor.go. The program is not
 * run.
 */
import { showResource } from "./deployment";
import type { EngineEvent, StepInfo } from "./events";
import type { Executor } from "./executor";
import { changedPaths } from "./inputDiff";
import type { Journal } from "./journal";
import { InitError, type Provider, type ReadResult } from "./provider";
import type { ProviderRegistry } from "./providerRegistry";
import type { ResourceState } from "./resourceState";
import { shown, stepInfo } from "./steps";
import type { Selection } from "./targets";
import { isDefaultProvider, isManaged } from "./urn";
import { mapToPlain, sameValue } from "./values";

export interface RefreshOptions {
  readonly registry: ProviderRegistry;
  readonly journal: Journal;
  readonly base: readonly ResourceState[];
  readonly preview: boolean;
  readonly targets: Selection | undefined;
  /** Followed by an update: its steps are told as refreshes, whatever they find. */
  readonly before: boolean;
  readonly emit: (event: EngineEvent) => void;
}

export async function refreshAll(executor: Executor, options: RefreshOptions): Promise<void> {
  const { base, targets, journal } = options;
  if (!executor.refuseUnknown(targets)) return;
  const wanted = targets?.refreshable(base);
  const states = wanted === undefined ? base : base.filter((state) => wanted.has(state.urn));
  const gone = new Set<ResourceState>();
  await Promise.all(
    states.map((state) =>
      executor.inSlot(async () => {
        if (await refreshOne(executor, state, options)) gone.add(state);
      }),
    ),
  );
  for (const state of base) state.propertyDependencies = withoutEmpty(state.propertyDependencies);
  journal.touchLater();
  if (gone.size === 0) return;
  forgetGone(base.filter((state) => !gone.has(state)));
  await journal.touch();
}

/** Takes what is not there any more out of the dependencies of the others. */
function forgetGone(states: readonly ResourceState[]): void {
  const there = new Set<string>();
  const parents = new Map<string, string>();
  for (const state of states) {
    const known = (urns: readonly string[]): string[] => urns.filter((urn) => there.has(urn));
    state.dependencies = known(state.dependencies);
    state.propertyDependencies = withoutEmpty(
      Object.fromEntries(
        Object.entries(state.propertyDependencies).map(([key, urns]) => [key, known(urns)] as const),
      ),
    );
    if (state.deletedWith !== "" && !there.has(state.deletedWith)) state.deletedWith = "";
    if (state.replaceWith.some((urn) => !there.has(urn))) state.replaceWith = [];
    // Children of what is gone are its parent's.
    if (state.parent !== "" && !there.has(state.parent)) state.parent = parents.get(state.parent) ?? "";
    there.add(state.urn);
    parents.set(state.urn, state.parent);
  }
}

const withoutEmpty = (lists: ResourceState["propertyDependencies"]): ResourceState["propertyDependencies"] =>
  Object.fromEntries(Object.entries(lists).filter(([, urns]) => urns.length > 0));

/** Whether it is gone. */
async function refreshOne(
  executor: Executor,
  state: ResourceState,
  options: RefreshOptions,
): Promise<boolean> {
  const { registry, journal, base, preview, before, emit } = options;
  if (state.delete || state.pendingReplacement || state.viewOf !== "") return false;
  if (isDefaultProvider(state.urn)) return false;
  const started = Date.now();
  const info = { ...stepInfo({ op: "same", old: state, new: state }), op: "refresh" as const };
  const was = { ...state };
  const states = (now: ResourceState | undefined) => () => ({
    old: showResource(was),
    new: now && showResource(now),
  });
  const done = (op: "delete" | "update" | "same", more: Partial<StepInfo>): void => {
    if (!before) executor.count(op);
    const step = { ...info, op: before ? ("refresh" as const) : op, ...more };
    const made = step.newInputs && { id: state.id, outputs: step.newInputs };
    emit({
      kind: "resource-done",
      preview,
      step,
      elapsedMs: Date.now() - started,
      made,
      states: states(op === "delete" ? undefined : state),
    });
  };
  emit({ kind: "resource-pre", preview, step: info, states: states(state) });
  if (!isManaged(state)) {
    // There is nothing to read; they are unchanged.
    const outputs = mapToPlain(state.outputs, shown);
    done("same", { oldInputs: outputs, newInputs: outputs });
    return false;
  }
  try {
    const provider = await registry.ensure(state.provider, base);
    const read = await readState(provider, state, emit);
    if (read.id === "") {
      await journal.end(undefined, { remove: state });
      done("delete", { newInputs: undefined });
      return true;
    }
    const inputs = read.inputs ?? state.inputs;
    const changed = !sameValue(state.outputs, read.outputs) || !sameValue(state.inputs, inputs);
    const diff = changed ? changedPaths(state.outputs, read.outputs) : [];
    const matters = state.external ? changed : await differs(provider, state, { ...read, inputs });
    const values = {
      oldInputs: mapToPlain(state.outputs, shown),
      newInputs: mapToPlain(read.outputs, shown),
    };
    if (changed || state.initErrors.length > 0) {
      state.id = read.id;
      state.inputs = inputs;
      state.outputs = read.outputs;
      state.initErrors = read.initErrors;
      state.modified = new Date().toISOString();
      await journal.touch();
    }
    done(matters ? "update" : "same", { diff, ...values });
  } catch (error) {
    executor.failed = true;
    emit({
      kind: "resource-failed",
      step: info,
      elapsedMs: Date.now() - started,
      message: error instanceof Error ? error.message : String(error),
    });
  }
  return false;
}

type Read = ReadResult & { readonly initErrors: readonly string[] };

/** One that is there but not well is told, and kept as that. */
async function readState(
  provider: Provider,
  state: ResourceState,
  emit: RefreshOptions["emit"],
): Promise<Read> {
  try {
    const read = await provider.read({
      urn: state.urn,
      id: state.id,
      inputs: state.inputs,
      outputs: state.outputs,
      timeout: state.customTimeouts.read ?? 0,
    });
    return { ...read, initErrors: [] };
  } catch (error) {
    if (!(error instanceof InitError)) throw error;
    emit({
      kind: "diagnostic",
      severity: "warning",
      urn: state.urn,
      message: `Refreshed resource is in an unhealthy state:\n* ${error.reasons.join("\n* ")}`,
    });
    return { id: error.id, inputs: error.inputs, outputs: error.outputs, initErrors: error.reasons };
  }
}

/** Would an update put it back as it was in the state? */
async function differs(provider: Provider, state: ResourceState, read: ReadResult): Promise<boolean> {
  const inputs = read.inputs ?? state.inputs;
  const diff = await provider.diff({
    urn: state.urn,
    id: read.id,
    oldInputs: inputs,
    oldOutputs: read.outputs,
    newInputs: state.inputs,
    ignoreChanges: state.ignoreChanges,
  });
  return diff.changes === "unknown" ? !sameValue(inputs, state.inputs) : diff.changes === "some";
}
