/**
 * Resource names: `urn:pulumi:<stack>::<project>::<parent types>$<type>::<name>`, and provider references `<urn>::<id>`.
 * Specified by sdk/go/common/resource/urn and sdk/go/common/providers/reference.go.
 */
export const rootStackType = "pulumi:pulumi:Stack";
const providerTypePrefix = "pulumi:providers:";
/** Id of a provider that is not created yet (previews). */
export const unknownProviderId = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export interface UrnParts {
  readonly stack: string;
  readonly project: string;
  /** The types of the parents and of the resource itself, joined by `$`. */
  readonly qualifiedType: string;
  readonly type: string;
  readonly name: string;
}

export function parseUrn(urn: string): UrnParts {
  const parts = urn.startsWith("urn:pulumi:") ? urn.slice("urn:pulumi:".length).split("::") : [];
  const [stack, project, qualifiedType] = parts;
  if (stack === undefined || project === undefined || qualifiedType === undefined || parts.length < 4)
    throw new Error(`not a URN: ${JSON.stringify(urn)}`);
  const type = qualifiedType.slice(qualifiedType.lastIndexOf("$") + 1);
  // A name may hold `::` itself.
  return { stack, project, qualifiedType, type, name: parts.slice(3).join("::") };
}

/** @param parent URN of the parent; undefined, empty and the root stack add nothing to the type. */
export function makeUrn(
  stack: string,
  project: string,
  parent: string | undefined,
  type: string,
  name: string,
): string {
  let qualified = type;
  if (parent) {
    const parentType = parseUrn(parent).qualifiedType;
    if (parentType !== rootStackType) qualified = `${parentType}$${type}`;
  }
  return `urn:pulumi:${stack}::${project}::${qualified}::${name}`;
}

export function isProviderType(type: string): boolean {
  return type.startsWith(providerTypePrefix);
}

/** Whether a provider is asked about it: it is neither a component nor a provider itself. */
export const isManaged = ({ custom, type }: { readonly custom: boolean; readonly type: string }): boolean =>
  custom && !isProviderType(type);

export function providerType(pkg: string): string {
  return providerTypePrefix + pkg;
}

/** Package of a provider's own type: `pulumi:providers:docker` → `docker`. */
export function providerPackage(type: string): string {
  return type.slice(providerTypePrefix.length);
}

/** Package that manages a resource type: `docker:index/service:Service` → `docker`. */
export function packageOf(type: string): string {
  const pkg = type.split(":")[0] ?? "";
  if (pkg === "" || type.split(":").length !== 3)
    throw new Error(`type ${JSON.stringify(type)} is not of the form package:module:Type`);
  return pkg;
}

export function isDefaultProvider(urn: string): boolean {
  const { type, name } = parseUrn(urn);
  return isProviderType(type) && (name === "default" || name.startsWith("default_"));
}

export interface ProviderReference {
  readonly urn: string;
  readonly id: string;
}

export function parseProviderReference(text: string): ProviderReference {
  const split = text.lastIndexOf("::");
  const urn = text.slice(0, split);
  if (split < 0 || !urn.startsWith("urn:pulumi:"))
    throw new Error(`not a provider reference: ${JSON.stringify(text)}`);
  return { urn, id: text.slice(split + 2) };
}
