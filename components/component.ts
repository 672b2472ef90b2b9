/** What all components are: the SDK looks at a name and at options before a component can check anything itself, and fails with a stack of its own. */
import * as pulumi from "@pulumi/pulumi";
import { nearName } from "../host/nearName";
import { isWaitedFor } from "./waitedFor";

export abstract class Component extends pulumi.ComponentResource {
  constructor(type: string, name: string, opts: pulumi.ComponentResourceOptions | undefined) {
    const kind = type.slice(type.lastIndexOf(":") + 1);
    const known = checkedName(kind, name);
    super(type, known, {}, checkedOptions(`${kind} "${known}"`, opts));
  }
}

function checkedName(kind: string, name: unknown): string {
  if (typeof name === "string" && name.trim() !== "") return name;
  throw new pulumi.RunError(`${kind}: its first argument must be its name, a text, not ${named(name)}`);
}

/** Those of the SDK that people write; others are let be, as a newer SDK may have more. */
const optionNames = [
  ...["additionalSecretOutputs", "aliases", "customTimeouts", "deleteBeforeReplace", "deletedWith"],
  ...["dependsOn", "hooks", "id", "ignoreChanges", "import", "parent", "pluginDownloadURL", "protect"],
  ...["provider", "providers", "replaceOnChanges", "replaceWith", "replacementTrigger"],
  ...["retainOnDelete", "transformations", "transforms", "urn", "version"],
];

function checkedOptions(
  what: string,
  opts: pulumi.ComponentResourceOptions | undefined,
): pulumi.ComponentResourceOptions | undefined {
  if (opts === undefined) return undefined;
  const given: unknown = opts;
  const refuse = (message: string): never => {
    throw new pulumi.RunError(`${what}: ${message}`);
  };
  if (typeof given !== "object" || given === null || Array.isArray(given) || isWaitedFor(given))
    return refuse(`options: must be an object, such as cluster.onSwarm or { provider }, not ${named(given)}`);
  if (pulumi.Resource.isInstance(given))
    return refuse(
      isProvider(given)
        ? `options: must be cluster.onSwarm or { provider }, not ${named(given)} itself`
        : `options: must be an object, such as cluster.onSwarm or { parent }, not ${named(given)} itself`,
    );
  const { provider, providers, parent, dependsOn } = given as Readonly<Record<string, unknown>>;
  const mustBe = (path: string, value: unknown, there: (value: unknown) => boolean, kind: string): void => {
    // The SDK takes null for what is not given.
    if (value !== undefined && value !== null && !there(value))
      refuse(`options: ${path}: must be ${kind}, not ${named(value)}`);
  };
  mustBe("parent", parent, pulumi.Resource.isInstance, "a resource");
  mustBe("provider", provider, isProvider, "a provider, such as cluster.provider");
  if (!isProvider(providers)) {
    mustBe(
      "providers",
      providers,
      (value) => typeof value === "object" && value !== null && !isWaitedFor(value),
      "providers by their package, such as { docker: cluster.provider }",
    );
    for (const [key, value] of Object.entries(providers ?? {}))
      mustBe(`providers.${key}`, value, isProvider, "a provider, such as cluster.provider");
  }
  const isKnownResource = (value: unknown) => isWaitedFor(value) || pulumi.Resource.isInstance(value);
  if (!Array.isArray(dependsOn))
    mustBe("dependsOn", dependsOn, isKnownResource, "a resource or an array of them");
  for (const [index, value] of Array.isArray(dependsOn) ? dependsOn.entries() : [])
    if (!isKnownResource(value))
      refuse(`options: dependsOn.${index}: must be a resource, not ${named(value)}`);
  for (const key of Object.keys(given)) {
    const near = optionNames.includes(key) ? undefined : nearName(key, optionNames);
    if (near !== undefined) refuse(`options: ${key} is not one of them; did you mean ${near}?`);
  }
  return opts;
}

/** `ProviderResource.isInstance` is that of its parent class: it is true of all resources that are no components. */
const isProvider = (value: unknown): boolean =>
  pulumi.CustomResource.isInstance(value) && "getPackage" in (value as object);

/** A value in few words: components and outputs are large. */
function named(value: unknown): string {
  if (value === undefined) return "nothing";
  if (isWaitedFor(value)) return "an output or a promise";
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "an array";
  if (pulumi.Resource.isInstance(value)) return `the ${value.constructor.name}`;
  if (typeof value === "object" && value !== null) return "an object";
  return JSON.stringify(value) ?? String(value);
}
