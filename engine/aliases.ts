/**
 * Names a resource may have had before. Specified by generateAliases and inheritedChildAlias in
 * pkg/resource/deploy/step_generator.go: an alias of the parent is one of the child too.
 */
import type { Alias } from "./goal";
import { makeUrn, parseUrn, rootStackType } from "./urn";

/** @param found for a URN of this run, the URN under which it was found in the state, if another */
export function aliasUrns(
  resource: { readonly name: string; readonly type: string; readonly parent: string },
  aliases: readonly Alias[],
  found: ReadonlyMap<string, string>,
  where: { readonly stack: string; readonly project: string },
): string[] {
  const own = aliases.map((alias) => collapse(resource, alias, found, where));
  const result = new Set(own);
  const parentAlias = resource.parent === "" ? undefined : found.get(resource.parent);
  if (parentAlias !== undefined) {
    const parentName = parseUrn(resource.parent).name;
    const inherit = (type: string, name: string): string => {
      // By convention a child's name begins with its parent's.
      const aliasName = name.startsWith(parentName)
        ? parseUrn(parentAlias).name + name.slice(parentName.length)
        : name;
      return makeUrn(where.stack, where.project, parentAlias, type, aliasName);
    };
    result.add(inherit(resource.type, resource.name));
    for (const urn of own) {
      const { type, name } = parseUrn(urn);
      result.add(inherit(type, name));
    }
  }
  return [...result];
}

function collapse(
  resource: { readonly name: string; readonly type: string; readonly parent: string },
  alias: Alias,
  found: ReadonlyMap<string, string>,
  where: { readonly stack: string; readonly project: string },
): string {
  if ("urn" in alias) return alias.urn;
  let parent = resource.parent;
  if (alias.parent !== "") parent = found.get(alias.parent) ?? alias.parent;
  if (alias.noParent || (parent !== "" && parseUrn(parent).qualifiedType === rootStackType)) parent = "";
  return makeUrn(
    alias.stack || where.stack,
    alias.project || where.project,
    parent,
    alias.type || resource.type,
    alias.name || resource.name,
  );
}
