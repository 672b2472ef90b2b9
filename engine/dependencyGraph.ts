/**
 * Who depends on whom in the state. Specified by pkg/resource/graph/dependency_graph.go: the state is a list in which
 * what a resource depends on comes before it.
 */
import type { ResourceState } from "./resourceState";
import { parseProviderReference } from "./urn";

/** URNs that `state` needs to exist: parent, provider, dependencies, and what it is deleted with. */
export function needs(state: ResourceState, options = { parent: true }): Set<string> {
  const urns = new Set<string>(state.dependencies);
  for (const list of Object.values(state.propertyDependencies)) for (const urn of list) urns.add(urn);
  if (state.provider !== "") urns.add(parseProviderReference(state.provider).urn);
  if (state.deletedWith !== "") urns.add(state.deletedWith);
  for (const urn of state.replaceWith) urns.add(urn);
  if (options.parent && state.parent !== "") urns.add(state.parent);
  if (state.viewOf !== "") urns.add(state.viewOf);
  return urns;
}

/** What depends on `root`, also through others but not as a child alone, in the order of the list. `ignore`: URNs to pass over. */
export function dependingOn(
  list: readonly ResourceState[],
  root: ResourceState,
  ignore: ReadonlySet<string>,
): ResourceState[] {
  const reached = new Set([root.urn]);
  const result: ResourceState[] = [];
  for (const state of list.slice(list.indexOf(root) + 1)) {
    if (ignore.has(state.urn)) continue;
    if ([...needs(state, { parent: false })].some((urn) => reached.has(urn))) {
      reached.add(state.urn);
      result.push(state);
    }
  }
  return result;
}

/** For each of `condemned`, those of them that must be deleted before it: what needs it and comes after it in `list`. */
export function deleteOrder(
  list: readonly ResourceState[],
  condemned: ReadonlySet<ResourceState>,
): Map<ResourceState, ResourceState[]> {
  const order = new Map<ResourceState, ResourceState[]>();
  const byUrn = new Map<string, ResourceState[]>();
  for (const state of list) {
    if (!condemned.has(state)) continue;
    order.set(state, []);
    for (const urn of needs(state)) for (const needed of byUrn.get(urn) ?? []) order.get(needed)?.push(state);
    byUrn.set(state.urn, [...(byUrn.get(state.urn) ?? []), state]);
  }
  return order;
}

/** Each after what it needs, else as they were. */
export function inOrder(list: readonly ResourceState[]): ResourceState[] {
  const byUrn = new Map<string, ResourceState>();
  for (const state of list) if (!state.delete) byUrn.set(state.urn, state);
  const begun = new Set<ResourceState>();
  const result: ResourceState[] = [];
  const add = (state: ResourceState): void => {
    if (begun.has(state)) return;
    begun.add(state);
    for (const urn of needs(state)) {
      const needed = byUrn.get(urn);
      if (needed) add(needed);
    }
    result.push(state);
  };
  for (const state of list) add(state);
  return result;
}
