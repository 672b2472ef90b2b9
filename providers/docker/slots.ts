/** Which place of a service a task fills. */
interface Placed {
  /** Of a replicated service. */
  readonly Slot?: number;
  /** Of a global service its place. */
  readonly NodeID?: string;
  readonly CreatedAt: string;
}

export const slotOf = ({ Slot, NodeID }: Pick<Placed, "Slot" | "NodeID">): number | string =>
  Slot ?? NodeID ?? 0;

/** Of each slot, or node, the task that was made last. */
export function newestBySlot<T extends Placed>(tasks: readonly T[]): Map<number | string, T> {
  const newest = new Map<number | string, T>();
  for (const task of tasks) {
    const known = newest.get(slotOf(task));
    if (known === undefined || known.CreatedAt < task.CreatedAt) newest.set(slotOf(task), task);
  }
  return newest;
}
