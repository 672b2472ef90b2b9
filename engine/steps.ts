/**
 * Steps: the single operations that a resource goes through, and how each one is carried out against its provider and
 * recorded. Specified by pkg/resource/deploy/step.go and step_executor.go.
 */
import { randomBytes } from "node:crypto";
import { showResource } from "./deployment";
import type { EngineEvent, Made, ShownStates, StepInfo, StepOp } from "./events";
import type { Hooks } from "./hooks";
import { changedPaths } from "./inputDiff";
import type { Journal } from "./journal";
import { InitError, type Provider } from "./provider";
import type { ProviderRegistry } from "./providerRegistry";
import type { PendingOperation, ResourceState } from "./resourceState";
import { isDefaultProvider, isManaged, isProviderType, parseProviderReference, parseUrn } from "./urn";
import { mapToPlain, type PropertyMap, record, Secret, sameValue } from "./values";

export interface Step {
  /** `remove-pending-replace`: a resource that was deleted to be replaced, and is not wanted any more. */
  readonly op: Exclude<StepOp, "refresh"> | "remove-pending-replace";
  readonly old?: ResourceState;
  readonly new?: ResourceState;
  /** Changed property paths. */
  readonly diff?: readonly string[];
  readonly ignoreChanges?: readonly string[];
  /** create-replacement: the old resource is deleted at the end, not before. */
  readonly pendingDelete?: boolean;
  /** delete-replaced: it will be created again; the state keeps it until then. */
  readonly pendingReplacement?: boolean;
  /** Deleted by the steps of other resources; this step waits for that. */
  readonly after?: readonly ResourceState[];
  /** import: takes these inputs alone over, if some are named; whether they are right is said, not enforced. */
  readonly imported?: { readonly properties: readonly string[] };
  /** same: not looked at, as it is not a target. */
  readonly untargeted?: boolean;
}

/** A value that is not known yet is shown as the Pulumi CLI shows it. */
export const shown = { unknown: "output<string>" };

export interface StepContext {
  readonly hooks: Hooks;
  readonly preview: boolean;
  readonly registry: ProviderRegistry;
  readonly journal: Journal;
  readonly base: readonly ResourceState[];
  /** URNs that are deleted in this operation: resources that are `deletedWith` one of them need no delete. */
  readonly deletes: ReadonlySet<string>;
  readonly emit: (event: EngineEvent) => void;
  readonly learn: (values: PropertyMap) => void;
  /** Called for each step that people count. */
  readonly count: (op: StepOp) => void;
}

/** A replacement is counted once, as `replace`. */
const uncounted = new Set<Step["op"]>([
  "create-replacement",
  "delete-replaced",
  "discard-replaced",
  "read-replacement",
  "import-replacement",
]);

/** A read counts when what was read is another than before. */
function isCounted(step: Step): boolean {
  if (step.op !== "read") return !uncounted.has(step.op);
  return step.old !== undefined && step.new !== undefined && !sameValue(step.old.outputs, step.new.outputs);
}

/** Thrown after the failure was told to whoever watches. */
export class StepFailed extends Error {}

export function stepUrn(step: Step): string {
  const state = step.new ?? step.old;
  if (state === undefined) throw new Error(`step ${step.op} without a resource`);
  return state.urn;
}

export function stepInfo(step: Step): StepInfo {
  const urn = stepUrn(step);
  const state = (step.new ?? step.old) as ResourceState;
  const { type, name } = parseUrn(urn);
  return {
    op: step.op === "remove-pending-replace" ? "discard" : step.op,
    urn,
    type,
    name,
    parent: state.parent === "" ? undefined : state.parent,
    custom: state.custom,
    diff: step.diff ?? [],
    id: step.old?.id || undefined,
    provider: explicitProvider(state),
    protection: protection(step),
    oldInputs: step.old && mapToPlain(step.old.inputs, shown),
    oldOutputs: step.old && mapToPlain(step.old.outputs, shown),
    newInputs: step.new && step.op !== "delete" ? mapToPlain(step.new.inputs, shown) : undefined,
  };
}

function shownStates({ op, old, new: now }: Step): ShownStates {
  const { created = now?.created, modified = now?.modified } = old ?? {};
  return {
    old: old && showResource(old),
    new: now && op !== "delete" ? showResource({ ...now, created, modified }) : undefined,
  };
}

function explicitProvider({ provider }: ResourceState): string | undefined {
  return provider === "" || isDefaultProvider(parseProviderReference(provider).urn) ? undefined : provider;
}

function protection({ old, new: now }: Step): StepInfo["protection"] {
  if (now && !now.protect && old?.protect) return "lifted";
  return now?.protect || old?.protect ? "kept" : undefined;
}

/** Default providers come and go by themselves: nobody is told of them. */
function isShown(step: Step): boolean {
  return step.op !== "remove-pending-replace" && !isDefaultProvider(stepUrn(step));
}

/** Carries out one step. Rejects with {@link StepFailed} if it failed; the failure has been told then. */
export async function runStep(step: Step, context: StepContext): Promise<void> {
  const shown = isShown(step);
  const info = stepInfo(step);
  const started = Date.now();
  if (shown)
    context.emit({
      kind: "resource-pre",
      preview: context.preview,
      step: info,
      states: () => shownStates(step),
    });
  try {
    await apply(step, context);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (shown)
      context.emit({ kind: "resource-failed", step: info, elapsedMs: Date.now() - started, message });
    else context.emit({ kind: "diagnostic", severity: "error", urn: info.urn, message });
    throw new StepFailed(message);
  }
  if (!shown) return;
  if (isCounted(step)) context.count(info.op);
  context.emit({
    kind: "resource-done",
    preview: context.preview,
    // The inputs of what is taken over are known only now.
    step: step.op.startsWith("import") ? stepInfo(step) : info,
    elapsedMs: Date.now() - started,
    made: madeBy(step),
  });
}

function madeBy({ op, new: now }: Step): Made | undefined {
  if (now === undefined || op === "delete" || op === "delete-replaced") return undefined;
  return { id: now.id, outputs: mapToPlain(now.outputs, shown) };
}

async function apply(step: Step, context: StepContext): Promise<void> {
  switch (step.op) {
    case "same":
      return applySame(step, context);
    case "create":
    case "create-replacement":
      return applyCreate(step, context);
    case "update":
      return applyUpdate(step, context);
    case "delete":
    case "delete-replaced":
      return applyDelete(step, context);
    case "read":
    case "read-replacement":
      return applyRead(step, context);
    case "import":
    case "import-replacement":
      return applyImport(step, context);
    case "remove-pending-replace":
    case "discard":
    case "discard-replaced":
      if (step.old) await context.journal.end(undefined, { remove: step.old });
      return;
    case "replace":
      return;
  }
}

async function providerOf(state: ResourceState, context: StepContext): Promise<Provider> {
  if (isProviderType(state.type)) return context.registry;
  if (state.provider === "") throw new Error(`${state.urn} has no provider`);
  return context.registry.ensure(state.provider, context.base);
}

async function applySame(step: Step, context: StepContext): Promise<void> {
  const { old, new: now } = both(step);
  now.id = old.id;
  now.outputs = old.outputs;
  now.created = old.created;
  now.modified = old.modified;
  if (isProviderType(now.type) && !step.untargeted) await context.registry.same(now, old.inputs);
  guardSecrets(now, context);
  if (step.untargeted) context.journal.untargeted();
  await context.journal.same(old, now, differs(old, now));
}

/** Is there anything to write about a resource that its provider finds unchanged? */
function differs(old: ResourceState, now: ResourceState): boolean {
  // Times and places in the source change without a meaning.
  const compare = (state: ResourceState): string =>
    JSON.stringify([
      state.urn,
      state.type,
      state.custom,
      state.parent,
      state.protect,
      state.external,
      [...state.dependencies].sort(),
      state.provider,
      Object.entries(state.propertyDependencies)
        .map(([key, urns]) => [key, [...urns].sort()])
        .sort(),
      state.additionalSecretOutputs,
      state.customTimeouts,
      state.importId,
      state.retainOnDelete,
      state.deletedWith,
      state.replaceWith,
    ]);
  return (
    compare(old) !== compare(now) ||
    !sameValue(old.inputs, now.inputs) ||
    !sameValue(old.outputs, now.outputs)
  );
}

async function applyCreate(step: Step, context: StepContext): Promise<void> {
  const now = required(step.new);
  await context.hooks.before("BeforeCreate", { state: now, newInputs: now.inputs });
  const operation = await begin(context, now, "creating");
  let failure: InitError | undefined;
  try {
    if (now.custom) {
      const provider = await providerOf(now, context);
      try {
        const made = await context.hooks.retrying("create", { state: now, newInputs: now.inputs }, () =>
          provider.create({
            urn: now.urn,
            inputs: now.inputs,
            timeout: now.customTimeouts.create ?? 0,
            preview: context.preview,
          }),
        );
        now.id = made.id;
        now.outputs = made.outputs;
        now.refreshBeforeUpdate = made.refreshBeforeUpdate;
      } catch (error) {
        if (!(error instanceof InitError)) throw error;
        failure = error;
        now.id = error.id;
        now.outputs = error.outputs;
        now.initErrors = error.reasons;
        now.refreshBeforeUpdate = error.refreshBeforeUpdate;
      }
    }
  } catch (error) {
    await context.journal.end(operation, {});
    throw error;
  }
  now.created = now.modified = new Date().toISOString();
  if (step.old && step.pendingDelete) step.old.delete = true;
  guardSecrets(now, context);
  await context.journal.end(operation, {
    add: now,
    // Deleted before: only the mark that it has to be created again was left of it.
    ...(step.old?.pendingReplacement ? { remove: step.old } : {}),
  });
  if (failure) throw failure;
  if (now.custom)
    await context.hooks.after("AfterCreate", {
      state: now,
      newInputs: now.inputs,
      newOutputs: now.outputs,
    });
}

async function applyUpdate(step: Step, context: StepContext): Promise<void> {
  const { old, new: now } = both(step);
  now.id = old.id;
  now.created = old.created;
  now.modified = old.modified;
  const told = { state: now, newInputs: now.inputs, oldInputs: old.inputs, oldOutputs: old.outputs };
  await context.hooks.before("BeforeUpdate", told);
  const operation = await begin(context, now, "updating");
  let failure: InitError | undefined;
  try {
    if (now.custom) {
      const provider = await providerOf(now, context);
      try {
        const made = await context.hooks.retrying("update", told, () =>
          provider.update({
            urn: now.urn,
            id: old.id,
            oldInputs: old.inputs,
            oldOutputs: old.outputs,
            newInputs: now.inputs,
            ignoreChanges: step.ignoreChanges ?? [],
            timeout: now.customTimeouts.update ?? 0,
            preview: context.preview,
          }),
        );
        now.outputs = made.outputs;
        now.refreshBeforeUpdate = made.refreshBeforeUpdate;
      } catch (error) {
        if (!(error instanceof InitError)) throw error;
        failure = error;
        now.outputs = error.outputs;
        now.initErrors = error.reasons;
      }
      now.modified = new Date().toISOString();
    } else now.outputs = old.outputs;
  } catch (error) {
    await context.journal.end(operation, {});
    throw error;
  }
  guardSecrets(now, context);
  await context.journal.end(operation, { add: now, remove: old });
  if (failure) throw failure;
  if (now.custom) await context.hooks.after("AfterUpdate", { ...told, newOutputs: now.outputs });
}

async function applyDelete(step: Step, context: StepContext): Promise<void> {
  const old = required(step.old);
  const told = { state: old, oldInputs: old.inputs, oldOutputs: old.outputs };
  await context.hooks.before("BeforeDelete", told);
  if (step.op === "delete" && old.protect)
    throw new Error(
      `resource "${old.urn}" cannot be deleted because it is protected. To unprotect it, remove the \`protect\` flag ` +
        `from the resource in your program and run \`up\`, or: state unprotect '${old.urn}'`,
    );
  const skipped =
    context.preview ||
    old.external ||
    old.retainOnDelete ||
    !old.custom ||
    old.pendingReplacement ||
    (old.delete && context.journal.isInUseAgain(old)) ||
    (old.deletedWith !== "" && context.deletes.has(old.deletedWith));
  const operation = skipped ? undefined : await begin(context, old, "deleting");
  try {
    if (!skipped) {
      const provider = await providerOf(old, context);
      await context.hooks.retrying("delete", told, () =>
        provider.delete({
          urn: old.urn,
          id: old.id,
          inputs: old.inputs,
          outputs: old.outputs,
          timeout: old.customTimeouts.delete ?? 0,
        }),
      );
    }
  } catch (error) {
    await context.journal.end(operation, {});
    throw error;
  }
  if (step.pendingReplacement && !context.preview) {
    old.pendingReplacement = true;
    await context.journal.end(operation, {});
  } else await context.journal.end(operation, { remove: old });
  await context.hooks.after("AfterDelete", told);
}

async function applyRead(step: Step, context: StepContext): Promise<void> {
  const now = required(step.new);
  const provider = await providerOf(now, context);
  const read = await provider.read({
    urn: now.urn,
    id: now.id,
    inputs: now.inputs,
    // Providers have always been sent the inputs as the state here.
    outputs: now.inputs,
    timeout: now.customTimeouts.read ?? 0,
  });
  if (read.id === "") throw new Error(`resource '${now.id}' does not exist`);
  now.id = read.id;
  now.outputs = read.outputs;
  now.created = step.old?.created;
  now.modified =
    step.old && sameValue(step.old.outputs, now.outputs) ? step.old.modified : new Date().toISOString();
  guardSecrets(now, context);
  if (step.op === "read-replacement" && step.old) {
    step.old.delete = true;
    await context.journal.end(undefined, { add: now });
  } else await context.journal.end(undefined, { add: now, ...(step.old ? { remove: step.old } : {}) });
}

/** Takes over a resource that exists: its state becomes what the provider reads. */
async function applyImport(step: Step, context: StepContext): Promise<void> {
  const now = required(step.new);
  const provider = await providerOf(now, context);
  const read = await provider.read({
    urn: now.urn,
    id: now.importId,
    inputs: {},
    outputs: {},
    timeout: now.customTimeouts.read ?? 0,
  });
  if (read.id === "") throw new Error(`resource '${now.importId}' does not exist`);
  if (read.inputs === undefined)
    throw new Error("provider does not support importing resources; please try updating the provider plugin");
  now.id = read.id;
  now.inputs = read.inputs;
  now.outputs = read.outputs;
  now.created = now.modified = new Date().toISOString();
  if (step.imported) {
    await takeInputs(now, provider, step.imported.properties, context);
    // The program does not name it: the ID is in the state only where a program imports.
    now.importId = "";
  }
  guardSecrets(now, context);
  if (step.op === "import-replacement" && step.old) {
    step.old.delete = true;
    await context.journal.end(undefined, { add: now });
  } else await context.journal.end(undefined, { add: now, ...(step.old ? { remove: step.old } : {}) });
}

/** Of what was read, the inputs that are asked for; what the provider has against them is for whoever writes the program. */
async function takeInputs(
  now: ResourceState,
  provider: Provider,
  properties: readonly string[],
  context: StepContext,
): Promise<void> {
  const olds = now.inputs;
  if (properties.length > 0)
    now.inputs = record(Object.entries(olds).filter(([key]) => properties.includes(key)));
  const { failures } = await provider.check({
    urn: now.urn,
    olds,
    news: now.inputs,
    randomSeed: randomBytes(32),
  });
  for (const { property, reason } of failures)
    context.emit({
      kind: "diagnostic",
      severity: "warning",
      urn: now.urn,
      message: `imported, but its inputs are not valid${property === "" ? "" : ` (${property})`}: ${reason}`,
    });
}

/** Outputs that were asked to be secret, and those that echo a secret input. */
function guardSecrets(state: ResourceState, context: StepContext): void {
  const secret = new Set(state.additionalSecretOutputs.filter((key) => key !== "id"));
  for (const [key, value] of Object.entries(state.inputs)) if (value instanceof Secret) secret.add(key);
  if (secret.size > 0)
    state.outputs = record(
      Object.entries(state.outputs).map(
        ([key, value]) =>
          [key, secret.has(key) && !(value instanceof Secret) ? new Secret(value) : value] as const,
      ),
    );
  context.learn(state.outputs);
}

async function begin(
  context: StepContext,
  state: ResourceState,
  type: PendingOperation["type"],
): Promise<PendingOperation | undefined> {
  // Components and providers exist in the state alone.
  return context.preview || !isManaged(state) ? undefined : context.journal.begin(state, type);
}

/** What to show as changed: the provider's own paths where it gave some. */
export function shownDiff(
  detailed: ReadonlyMap<string, string> | undefined,
  changedKeys: readonly string[],
  oldInputs: PropertyMap,
  newInputs: PropertyMap,
): string[] {
  if (detailed && detailed.size > 0) return [...detailed.keys()];
  if (changedKeys.length > 0) return [...changedKeys];
  return changedPaths(oldInputs, newInputs);
}

function required(state: ResourceState | undefined): ResourceState {
  if (state === undefined) throw new Error("step without its resource");
  return state;
}

function both(step: Step): { old: ResourceState; new: ResourceState } {
  return { old: required(step.old), new: required(step.new) };
}
