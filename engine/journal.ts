/**
 * The state while it changes: the resources of before, those already dealt with, and the operations under way; saved
 * before and after each step. Specified by pkg/backend/snapshot.go (SnapshotManager): new states first, in the order
 * they were finished, then the old ones that were not replaced or deleted; references to aliased URNs are rewritten.
 * Saves that are asked for while one is being written are written together; only the beginning of an operation waits for
 * its save.
 */
import { inOrder } from "./dependencyGraph";
import type { Snapshot } from "./deployment";
import type { OperationType, PendingOperation, ResourceState } from "./resourceState";
import { isProviderType, makeUrn, parseProviderReference, parseUrn, rootStackType } from "./urn";

export class Journal {
  private readonly done = new Set<ResourceState>();
  private readonly fresh: ResourceState[] = [];
  private readonly operations = new Set<PendingOperation>();
  private abandoned: readonly PendingOperation[];
  private writing: Promise<void> | undefined;
  private waiting: Promise<void> | undefined;
  /** A change that needs no save of its own. */
  private unsaved = false;
  private differs: boolean;

  /** @param write stores a snapshot so that it survives a crash; previews give one that does nothing */
  constructor(
    private readonly base: Snapshot,
    private readonly write: (snapshot: Snapshot) => Promise<void>,
  ) {
    // What was being created may exist or not; it stays on record until its URN is created again.
    // Other operations of a killed run are simply done again.
    this.abandoned = base.pendingOperations.filter((operation) => operation.type === "creating");
    this.differs = base.pendingOperations.length > 0;
  }

  /** Whether the state is, or in a preview would be, another one than before: something was changed, however small. */
  get changed(): boolean {
    return this.differs;
  }

  /** Records that an operation begins; resolves when that is on disk. */
  async begin(state: ResourceState, type: OperationType): Promise<PendingOperation> {
    if (this.failure !== undefined) throw this.failure;
    const operation: PendingOperation = { resource: state, type };
    this.operations.add(operation);
    await this.save();
    return operation;
  }

  /**
   * Records how an operation ended.
   * @param result `add`: states that now exist; `remove`: states that are gone
   */
  async end(
    operation: PendingOperation | undefined,
    result: { readonly add?: ResourceState; readonly remove?: ResourceState },
  ): Promise<void> {
    if (operation) this.operations.delete(operation);
    if (result.remove) this.done.add(result.remove);
    if (result.add) {
      this.fresh.push(result.add);
      const { urn } = result.add;
      this.abandoned = this.abandoned.filter((pending) => pending.resource.urn !== urn);
    }
    this.saveSoon();
  }

  /** An unchanged resource: saved later, with the next change, unless something other than its values differs. */
  async same(before: ResourceState, after: ResourceState, changed: boolean): Promise<void> {
    this.done.add(before);
    this.fresh.push(after);
    if (changed) this.saveSoon();
    else this.unsaved = true;
  }

  /** What is not looked at keeps what it needed, which the program may come to later. */
  private outOfOrder = false;

  untargeted(): void {
    this.outOfOrder = true;
  }

  /** A state was changed in place. */
  async touch(): Promise<void> {
    this.saveSoon();
  }

  /** The same, of what is no change to the stack: saved with the next one, or at the end. */
  touchLater(): void {
    this.unsaved = true;
  }

  /** What a killed run was creating and nobody created since. */
  get leftBehind(): readonly PendingOperation[] {
    return this.abandoned;
  }

  async flush(): Promise<void> {
    if (this.unsaved) await this.save(false);
    while (this.writing ?? this.waiting) await (this.writing ?? this.waiting)?.catch(() => undefined);
    if (this.failure !== undefined) throw this.failure;
  }

  snapshot(): Snapshot {
    const resources = [
      ...this.fresh.filter((state) => !this.done.has(state)),
      ...this.base.resources.filter((state) => !this.done.has(state)),
    ];
    return rewriteAliases({
      resources: this.outOfOrder ? inOrder(resources) : resources,
      pendingOperations: [...this.operations, ...this.abandoned],
    });
  }

  /** Whether what was replaced is what came instead, too: a provider has taken it over again. */
  isInUseAgain({ urn, id, provider }: ResourceState): boolean {
    const live = this.snapshot().resources.find((state) => state.urn === urn && !state.delete);
    return live !== undefined && live.id === id && live.provider === provider;
  }

  /** Why the state could not be saved. */
  private failure: unknown;

  /** What has ended need not be on disk before the next operation begins: that one's save has it too. */
  private saveSoon(): void {
    this.save().catch((error: unknown) => {
      this.failure ??= error;
    });
  }

  private save(differs = true): Promise<void> {
    this.unsaved = false;
    this.differs ||= differs;
    if (this.writing === undefined) {
      const writing = this.write(this.snapshot()).finally(() => {
        if (this.writing === writing) this.writing = undefined;
      });
      this.writing = writing;
      return writing;
    }
    if (this.waiting === undefined) {
      this.waiting = this.writing
        .catch(() => undefined)
        .then(() => {
          this.waiting = undefined;
          return this.save(differs);
        });
    }
    return this.waiting;
  }
}

/** Pulumi's NormalizeURNReferences: old states may still name a resource by the URN it had before. */
function rewriteAliases(snapshot: Snapshot): Snapshot {
  const renamed = new Map<string, string>();
  for (const state of snapshot.resources) {
    for (const alias of state.aliases) renamed.set(alias, state.urn);
    const parent = renamed.get(state.parent);
    // A child whose parent was renamed has a new URN too, as its type part holds the parent's.
    if (parent !== undefined && parseUrn(parent).type !== rootStackType && !renamed.has(state.urn)) {
      const { stack, project, type, name } = parseUrn(state.urn);
      renamed.set(state.urn, makeUrn(stack, project, parent, type, name));
    }
  }
  if (renamed.size === 0) return snapshot;
  const fix = (urn: string): string => renamed.get(urn) ?? urn;
  const fixState = (state: ResourceState): ResourceState => ({
    ...state,
    urn: fix(state.urn),
    parent: fix(state.parent),
    provider: fixProvider(state.provider, fix),
    dependencies: state.dependencies.map(fix),
    propertyDependencies: Object.fromEntries(
      Object.entries(state.propertyDependencies).map(([key, urns]) => [key, urns.map(fix)]),
    ),
    deletedWith: fix(state.deletedWith),
    replaceWith: state.replaceWith.map(fix),
    viewOf: fix(state.viewOf),
    aliases: [],
  });
  return {
    resources: snapshot.resources.map(fixState),
    pendingOperations: snapshot.pendingOperations,
  };
}

function fixProvider(reference: string, fix: (urn: string) => string): string {
  if (reference === "") return "";
  const { urn, id } = parseProviderReference(reference);
  return isProviderType(parseUrn(urn).type) ? `${fix(urn)}::${id}` : reference;
}
