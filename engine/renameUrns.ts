/** Other names for resources of a state, wherever it names them (pkg/resource/edit/operations.go, RenameStack). */
import type { Snapshot } from "./deployment";
import type { ResourceState } from "./resourceState";
import { makeUrn, parseProviderReference, parseUrn, rootStackType } from "./urn";

/** URN of the same resource in a stack of another name; the stack's own resource is named after it. */
export function urnInStack(urn: string, stack: string): string {
  const { project, qualifiedType, name } = parseUrn(urn);
  const root = qualifiedType === rootStackType;
  return makeUrn(stack, project, undefined, qualifiedType, root ? `${project}-${stack}` : name);
}

export function renameUrns(snapshot: Snapshot, rename: (urn: string) => string): Snapshot {
  const each = (urns: readonly string[]): string[] => urns.map(rename);
  const one = (urn: string): string => (urn === "" ? "" : rename(urn));
  const state = (resource: ResourceState): ResourceState => ({
    ...resource,
    urn: rename(resource.urn),
    parent: one(resource.parent),
    deletedWith: one(resource.deletedWith),
    viewOf: one(resource.viewOf),
    dependencies: each(resource.dependencies),
    replaceWith: each(resource.replaceWith),
    propertyDependencies: Object.fromEntries(
      Object.entries(resource.propertyDependencies).map(([key, urns]) => [key, each(urns)]),
    ),
    provider: reference(resource.provider, rename),
  });
  return {
    resources: snapshot.resources.map(state),
    pendingOperations: snapshot.pendingOperations.map((pending) => ({
      ...pending,
      resource: state(pending.resource),
    })),
  };
}

function reference(provider: string, rename: (urn: string) => string): string {
  if (provider === "") return "";
  const { urn, id } = parseProviderReference(provider);
  return `${rename(urn)}::${id}`;
}
