/**
 * Carries out what the step generator decides: each resource's steps in order, different resources at the same time.
 * Specified by pkg/resource/deploy/deployment_executor.go, with one difference, documented in docs/engine.md: a failing
 * resource stops what depends on it and nothing else (Pulumi's --continue-on-error).
 */
import type { Callbacks } from "./callbacks";
import { Mutex, Semaphore } from "./concurrency";
import { deleteOrder, needs } from "./dependencyGraph";
import type { EngineEvent, StepOp } from "./events";
import type { Goal, ReadGoal, RegisterResult } from "./goal";
import { Hooks } from "./hooks";
import type { Journal } from "./journal";
import { ProviderClient } from "./providerClient";
import type { ProviderRegistry } from "./providerRegistry";
import { ResourceError } from "./resourceError";
import type { ResourceState } from "./resourceState";
import { deleteOp, replacedOp, StepGenerator } from "./stepGenerator";
import { runStep, type Step, type StepContext, StepFailed, shown, stepUrn } from "./steps";
import type { Selection, Targets } from "./targets";
import { isDefaultProvider, parseProviderReference, rootStackType } from "./urn";
import { hasUnknowns, mapToPlain, type PropertyMap, record, sameValue } from "./values";

export interface ExecutorOptions {
  readonly stack: string;
  readonly project: string;
  readonly preview: boolean;
  readonly parallel: number;
  readonly targets: Selection | undefined;
  /** To be replaced, changed or not. */
  readonly replace: Targets | undefined;
  readonly registry: ProviderRegistry;
  readonly journal: Journal;
  readonly base: readonly ResourceState[];
  readonly emit: (event: EngineEvent) => void;
  /** Called with all inputs and outputs before anything is said about them: their secrets are never shown. */
  readonly learn: (values: PropertyMap) => void;
  readonly callbacks: Callbacks;
  readonly signal: AbortSignal | undefined;
  /** After a failure leftovers stay, for the next `up` to delete. */
  readonly keepLeftovers?: boolean;
}

export class Executor {
  private readonly generator: StepGenerator;
  private readonly context: StepContext;
  readonly hooks: Hooks;
  /** What was done with components: their hooks run when their outputs are known. */
  private readonly componentSteps = new Map<string, Step>();
  private readonly deciding = new Mutex();
  private readonly slots: Semaphore;
  /** Resources of this run by URN. */
  readonly current = new Map<string, ResourceState>();
  /** URNs whose step failed, or that were skipped because of one. */
  private readonly broken = new Set<string>();
  readonly changes: Partial<Record<StepOp, number>> = {};
  /** Set by every failure, also of the program. */
  failed = false;

  constructor(private readonly options: ExecutorOptions) {
    this.slots = new Semaphore(options.parallel);
    this.generator = new StepGenerator({
      ...options,
      report: (severity, urn, message) => {
        if (severity === "error") this.failed = true;
        options.emit({ kind: "diagnostic", severity, urn, message });
      },
      runNow: async (step) => {
        await runStep(step, this.context);
        if (step.new) this.current.set(step.new.urn, step.new);
      },
    });
    this.hooks = new Hooks(options.callbacks, {
      preview: options.preview,
      report: (severity, urn, message) => options.emit({ kind: "diagnostic", severity, urn, message }),
      fail: () => {
        this.failed = true;
      },
    });
    this.context = {
      hooks: this.hooks,
      preview: options.preview,
      registry: options.registry,
      journal: options.journal,
      base: options.base,
      deletes: this.generator.deletes,
      emit: options.emit,
      learn: options.learn,
      count: (op) => this.count(op),
    };
  }

  /** For the summary. */
  count(op: StepOp): void {
    this.changes[op] = (this.changes[op] ?? 0) + 1;
  }

  get canceled(): boolean {
    return this.options.signal?.aborted === true;
  }

  /** Registrations that have not ended. */
  private readonly running = new Set<Promise<unknown>>();

  private track<T>(work: Promise<T>): Promise<T> {
    const tracked: Promise<unknown> = work.finally(() => this.running.delete(tracked));
    this.running.add(tracked);
    tracked.catch(() => undefined);
    return work;
  }

  /** Resolves when all that was begun has ended: the program may be gone before its steps are. */
  async settled(): Promise<void> {
    while (this.running.size > 0) await Promise.allSettled(this.running);
  }

  /** Never rejects for what is wrong with the resource: that is told as an event and in the result. */
  register(goal: Goal): Promise<RegisterResult> {
    const result = this.track(this.registerNow(goal));
    this.registrations.set(this.generator.urnOf(goal), result);
    return result;
  }

  private readonly registrations = new Map<string, Promise<RegisterResult>>();

  /**
   * What is not looked at keeps what it needed before, which the program may not name any more: in the state it comes after
   * that, whatever is done with it. The URN of what failed, if anything did.
   */
  private async waitForNeeds({ new: state, untargeted }: Step): Promise<string | undefined> {
    if (!untargeted || state === undefined) return undefined;
    for (const urn of needs(state)) {
      const result = await this.registrations.get(this.generator.claimed.get(urn) ?? urn);
      if (result && result.result !== "success") return urn;
    }
    return undefined;
  }

  /** Why something that another process constructs is not to be begun: it needs what failed. */
  cannotBegin(goal: Goal): RegisterResult | undefined {
    this.options.learn(goal.inputs);
    const cause = this.brokenDependency([
      goal.parent,
      ...goal.dependencies,
      ...Object.values(goal.propertyDependencies).flat(),
      ...(goal.provider === "" ? [] : [parseProviderReference(goal.provider).urn]),
    ]);
    return cause === undefined ? undefined : this.skip(this.generator.urnOf(goal), cause);
  }

  /** Something that another process constructs has failed there. */
  refuse(goal: Goal, message: string): RegisterResult {
    return this.fail(this.generator.urnOf(goal), message);
  }

  private async registerNow(goal: Goal): Promise<RegisterResult> {
    const urn = this.generator.urnOf(goal);
    const cause = this.cannotBegin(goal);
    if (cause !== undefined) return cause;
    const unknown = this.unknownInput(goal);
    if (unknown !== undefined)
      return this.fail(urn, `the input ${unknown} is not known although this is not a preview`);
    try {
      await this.waitForProvider(goal.provider);
      const steps = await this.deciding.run(async () => {
        const decided = await this.generator.generate(goal);
        this.announceDeletes(decided);
        return decided;
      });
      for (const step of steps) {
        const failed = await this.waitForNeeds(step);
        if (failed !== undefined) return this.skip(urn, failed);
      }
      await this.runChain(steps);
      const state = this.current.get(urn);
      return { urn, state, result: "success" };
    } catch (error) {
      return this.explain(urn, error);
    }
  }

  read(goal: ReadGoal): Promise<RegisterResult> {
    return this.track(this.readNow(goal));
  }

  private async readNow(goal: ReadGoal): Promise<RegisterResult> {
    const urn = this.generator.urnOf(goal);
    const cause = this.brokenDependency([goal.parent, ...goal.dependencies]);
    if (cause !== undefined) return this.skip(urn, cause);
    try {
      await this.waitForProvider(goal.provider);
      const steps = await this.deciding.run(async () => this.generator.generateRead(goal));
      await this.runChain(steps);
      return { urn, state: this.current.get(urn), result: "success" };
    } catch (error) {
      return this.explain(urn, error);
    }
  }

  /** Everything that is there stays as it is, in its order: what is added may need any of it. */
  async keepAll(): Promise<void> {
    for (const state of this.options.base) {
      if (state.delete) continue;
      const same = { ...state };
      await this.options.journal.same(state, same, false);
      this.current.set(state.urn, same);
      if (!isDefaultProvider(state.urn)) this.count("same");
    }
  }

  /** What the program gave as outputs of the stack, until it is known whether the run succeeds. */
  private stackOutputs: PropertyMap | undefined;

  get stackHasOutputs(): boolean {
    return this.stackOutputs !== undefined;
  }

  /** Outputs of a component, known when its constructor has ended. */
  async registerOutputs(urn: string, outputs: PropertyMap): Promise<void> {
    const state = this.current.get(urn);
    if (state === undefined) return; // Failed, or skipped: there is nothing to give outputs to.
    if (state.type === rootStackType) this.stackOutputs = outputs;
    else {
      await this.setOutputs(state, outputs);
      this.options.emit({ kind: "component-outputs", urn, outputs: mapToPlain(state.outputs, shown) });
    }
    await this.afterComponent(state);
  }

  private async afterComponent(state: ResourceState): Promise<void> {
    const step = this.componentSteps.get(state.urn);
    if (step === undefined) return;
    const old = step.op === "update" ? step.old : undefined;
    await this.hooks.after(step.op === "update" ? "AfterUpdate" : "AfterCreate", {
      state,
      newInputs: state.inputs,
      newOutputs: state.outputs,
      ...(old ? { oldInputs: old.inputs, oldOutputs: old.outputs } : {}),
    });
  }

  /** Called at the end: after a failure an output that is missing was not dropped, the program may not have come to it. */
  async finishStack(): Promise<void> {
    const root = [...this.current.values()].find((state) => state.type === rootStackType);
    if (root === undefined || this.stackOutputs === undefined) return;
    const incomplete = this.failed || this.canceled;
    await this.setOutputs(root, incomplete ? { ...root.outputs, ...this.stackOutputs } : this.stackOutputs);
  }

  private async setOutputs(state: ResourceState, outputs: PropertyMap): Promise<void> {
    const known = this.options.preview ? outputs : this.withoutUnknowns(state, outputs);
    if (sameValue(state.outputs, known)) {
      state.outputs = known;
      return;
    }
    state.outputs = known;
    await this.options.journal.touch();
  }

  /** After a failure some outputs have no value: those keep the one they had. */
  private withoutUnknowns(state: ResourceState, outputs: PropertyMap): PropertyMap {
    return record(
      Object.entries(outputs).flatMap(([key, value]) => {
        if (!hasUnknowns(value)) return [[key, value] as const];
        const before = state.outputs[key];
        return before === undefined ? [] : [[key, before] as const];
      }),
    );
  }

  get outputs(): PropertyMap {
    for (const state of this.current.values()) if (state.type === rootStackType) return state.outputs;
    return {};
  }

  /** The resource was registered or read in this run, or is in the state still. */
  lookup(urn: string): ResourceState | undefined {
    return this.current.get(urn) ?? this.generator.oldOf(urn);
  }

  private brokenDependency(urns: readonly string[]): string | undefined {
    return urns.find((urn) => this.broken.has(urn));
  }

  private unknownInput(goal: Goal): string | undefined {
    if (this.options.preview) return undefined;
    return Object.entries(goal.inputs).find(([, value]) => hasUnknowns(value))?.[0];
  }

  private async waitForProvider(reference: string): Promise<void> {
    if (reference === "") return;
    const provider = this.options.registry.get(reference);
    if (provider instanceof ProviderClient) await provider.ready();
  }

  private skip(urn: string, cause: string): RegisterResult {
    this.broken.add(urn);
    this.options.emit({ kind: "resource-skipped", urn, cause });
    return { urn, state: undefined, result: "skipped" };
  }

  private fail(urn: string, message: string): RegisterResult {
    this.broken.add(urn);
    this.failed = true;
    this.options.emit({ kind: "diagnostic", severity: "error", urn, message });
    return { urn, state: undefined, result: "failed" };
  }

  private explain(urn: string, error: unknown): RegisterResult {
    if (error instanceof Canceled) {
      this.broken.add(urn);
      return { urn, state: undefined, result: "skipped" };
    }
    if (error instanceof StepFailed || (error instanceof ResourceError && error.told)) {
      this.broken.add(urn);
      this.failed = true;
      return { urn, state: undefined, result: "failed" };
    }
    return this.fail(urn, error instanceof Error ? error.message : String(error));
  }

  /** Runs something when fewer than `parallel` others do; nothing once canceled. */
  async inSlot(work: () => Promise<void>): Promise<void> {
    await this.slots.run(async () => {
      if (!this.canceled) await work();
    });
  }

  /** What should have made way and is still there. */
  private readonly undeleted = new Set<ResourceState>();
  /** Deletes that make way for a replacement, by state: whether it was deleted. */
  private readonly makingWay = new Map<ResourceState, Deferred>();

  private announceDeletes(steps: readonly Step[]): void {
    for (const { op, old } of steps)
      if (old && (op === "delete" || op === "delete-replaced")) this.makingWay.set(old, new Deferred());
  }

  /** A resource whose old self, or what uses it, is deleted by the steps of another one waits for that. */
  private async waitForWay(steps: readonly Step[]): Promise<void> {
    const own = new Set(steps.filter((step) => step.op.startsWith("delete")).map((step) => step.old));
    for (const { op, old, after } of steps)
      for (const state of [...(after ?? []), ...(op === "create-replacement" && old ? [old] : [])]) {
        const other = own.has(state) ? undefined : this.makingWay.get(state);
        if (other && !(await other.promise))
          throw new Error(`${state.urn} could not be deleted, as the replacement requires`);
      }
  }

  private async runChain(steps: readonly Step[]): Promise<void> {
    await this.waitForWay(steps);
    const open = new Set(steps);
    try {
      await this.slots.run(async () => {
        for (const step of steps) {
          if (this.canceled) throw new Canceled();
          await runStep(step, this.context);
          open.delete(step);
          if (step.old) this.makingWay.get(step.old)?.resolve(true);
          if (step.new && step.op !== "replace") this.current.set(step.new.urn, step.new);
          if (step.new && !step.new.custom && step.op !== "same") this.componentSteps.set(step.new.urn, step);
        }
      });
    } catch (error) {
      for (const { op, old } of open)
        if (old && (op === "delete" || op === "delete-replaced")) {
          this.generator.notDeleted(old);
          this.undeleted.add(old);
          this.makingWay.get(old)?.resolve(false);
        }
      throw error;
    }
  }

  /**
   * Deletes what the program no longer names and what was replaced; each as soon as all that needs it is gone.
   * What a failed or skipped resource needs stays; all of it, if leftovers are to be kept.
   */
  async deleteRemaining(): Promise<void> {
    if (!(this.failed && this.options.keepLeftovers)) {
      const steps = this.generator.remaining();
      const kept = this.kept(new Set(steps.flatMap(({ old }) => old ?? [])));
      const wanted = steps.filter(({ old }) => !(old && kept.has(old)));
      if (this.mayDelete(wanted)) await this.runDeletes(wanted);
    }
    this.refuseUnknown(this.options.targets);
  }

  /** What was not brought up to date, and whatever it needs. `condemned`: what nothing in the program names. */
  private kept(condemned: ReadonlySet<ResourceState>): Set<ResourceState> {
    const broken = new Set([...this.broken].map((urn) => this.generator.oldOf(urn)?.urn ?? urn));
    const needed = new Set<string>();
    const kept = new Set<ResourceState>();
    // Backwards: what needs something comes after it.
    for (const state of [...this.options.base].reverse()) {
      const failed = this.undeleted.has(state) || (!state.delete && broken.has(state.urn));
      if (!failed && !(condemned.has(state) && needed.has(state.urn))) continue;
      kept.add(state);
      for (const urn of needs(state)) needed.add(urn);
    }
    return kept;
  }

  private async runDeletes(steps: readonly Step[]): Promise<void> {
    const byState = new Map(steps.map((step) => [step.old as ResourceState, step] as const));
    const order = deleteOrder(this.options.base, new Set(byState.keys()));
    const running = new Map<ResourceState, Promise<boolean>>();
    // The list is in dependency order, so what has to go first is always behind.
    for (const state of [...order.keys()].reverse()) {
      const before = (order.get(state) ?? []).map((dependent) => running.get(dependent));
      const step = byState.get(state) as Step;
      running.set(
        state,
        (async () => {
          const gone = await Promise.all(before);
          if (gone.some((ok) => ok === false)) return false;
          try {
            await this.runChain([step]);
            return true;
          } catch (error) {
            if (error instanceof Canceled) return false;
            this.failed = true;
            if (!(error instanceof StepFailed)) throw error;
            return false;
          }
        })(),
      );
    }
    await Promise.all(running.values());
  }

  /** Deletes everything, or the targets and what needs them; the program is not run. */
  async destroy(): Promise<void> {
    if (this.hasDeleteHooks()) return;
    const steps = this.destroySteps();
    if (this.mayDelete(steps)) await this.runDeletes(steps);
    this.refuseUnknown(this.options.targets);
  }

  /** The program has the hooks that run at a delete, and it does not run here. */
  private hasDeleteHooks(): boolean {
    const hooked = this.options.base.filter(({ resourceHooks }) =>
      [resourceHooks.BeforeDelete, resourceHooks.AfterDelete].some((names) => names && names.length > 0),
    );
    for (const { urn } of hooked)
      this.error(`${urn} has hooks that run at its delete, and a destroy does not run the program.`);
    if (hooked.length > 0) this.error("Take the hooks out of the program and run `up` first.");
    return hooked.length > 0;
  }

  private destroySteps(): Step[] {
    const { base, targets } = this.options;
    const wanted = targets?.deletable(base);
    const steps: Step[] = [];
    for (const state of base) {
      if (state.viewOf !== "" || (wanted !== undefined && !wanted.has(state.urn))) continue;
      this.generator.deletes.add(state.urn);
      if (state.pendingReplacement) steps.push({ op: "remove-pending-replace", old: state });
      else steps.push({ op: state.delete ? replacedOp(state) : deleteOp(state), old: state });
    }
    return steps;
  }

  /** Nothing is deleted that was not asked for: what depends on a target has to be named too. */
  private mayDelete(steps: readonly Step[]): boolean {
    const { targets, preview } = this.options;
    const unasked = new Set(steps.map(stepUrn).filter((urn) => targets?.mustBeNamed(urn)));
    for (const urn of unasked)
      this.error(
        `Resource '${urn}' will be destroyed but was not specified in --target list.`,
        "Either include resource in --target list or pass --target-dependents to proceed.",
      );
    return unasked.size === 0 || preview;
  }

  /** False, after it was said, if a target or a resource to replace is neither in the state nor in the program. */
  refuseUnknown(targets: Pick<Targets, "literals"> | undefined): boolean {
    const unknown = (targets?.literals ?? []).filter(
      (urn) => !this.current.has(urn) && !this.generator.knows(urn),
    );
    for (const urn of unknown) this.error(`Target '${urn}' could not be found in the stack.`);
    return unknown.length === 0;
  }

  private error(...lines: string[]): void {
    this.failed = true;
    this.options.emit({
      kind: "diagnostic",
      severity: "error",
      urn: undefined,
      message: lines.join("\n"),
    });
  }
}

class Canceled extends Error {}

/** A promise that is resolved from outside. */
class Deferred {
  resolve: (value: boolean) => void = () => undefined;
  readonly promise = new Promise<boolean>((done) => {
    this.resolve = done;
  });
}
