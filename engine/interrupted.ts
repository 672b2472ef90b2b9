/** What an interrupted run was creating, and may have made: what a later operation does about it. */
import type { Snapshot } from "./deployment";
import type { PendingOperation, ResourceState } from "./resourceState";

/**
 * For a destroy: half-made resources that can be deleted from their inputs alone are deleted like others. These are
 * commands: their delete command reads inputs, and has to cope with half of a thing anyhow, as a create may fail half-way.
 * Of anything else only the ID says what to delete, and nobody has it.
 */
export function withInterruptedCommands(snapshot: Snapshot): Snapshot {
  const known = new Set(snapshot.resources.map(({ urn }) => urn));
  const deletable = ({ resource, type }: PendingOperation): boolean =>
    type === "creating" && /^command:\w+:Command$/.test(resource.type) && !known.has(resource.urn);
  const half = (operation: PendingOperation): ResourceState => ({
    ...operation.resource,
    id: "interrupted",
    outputs: operation.resource.inputs,
  });
  return {
    resources: [...snapshot.resources, ...snapshot.pendingOperations.filter(deletable).map(half)],
    pendingOperations: snapshot.pendingOperations.filter((operation) => !deletable(operation)),
  };
}
