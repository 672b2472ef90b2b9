/**
 * From a request to register a resource to the goal: options that come from the parent, transforms, dependencies, the
 * provider. Specified by RegisterResource in pkg/resource/deploy/source_eval.go.
 */
import { Alias as AliasMessage } from "@pulumi/pulumi/proto/alias_pb";
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import { type RegisterResourceRequest, TransformResourceOptions } from "@pulumi/pulumi/proto/resource_pb";
import { parseDuration } from "../host/duration";
import { assetHash } from "./assetHash";
import { type DefaultProviders, pluginInputs } from "./defaultProviders";
import { type Alias, emptyGoal, type Goal } from "./goal";
import { hookNames } from "./hooks";
import type { Timeouts } from "./resourceState";
import { sourceOf } from "./sourcePositions";
import type { Transforms } from "./transforms";
import { isProviderType, packageOf, parseProviderReference, parseUrn, providerPackage } from "./urn";
import {
  flattenOutputs,
  fromStruct,
  fromWire,
  type Json,
  OutputValue,
  outputDependencies,
  type PropertyMap,
  record,
  Unknown,
} from "./values";

/** What is registered, and what else is known of it. */
export interface Registration {
  readonly goal: Goal;
  /** The inputs with what they depend on, for another process that constructs the component. */
  readonly inputs: PropertyMap;
  readonly options: TransformResourceOptions;
  /** Providers for its children, by package. */
  readonly providers: ReadonlyMap<string, string>;
  readonly transforms: readonly Callback[];
}

export interface RegistrationOptions {
  readonly programDir: string;
  /** The project's folder: places in the source are told relative to it. */
  readonly root: string;
  readonly transforms: Transforms;
  readonly defaults: DefaultProviders;
}

export class Registrations {
  /** Options that children take over from their parent. */
  private readonly goals = new Map<string, Goal>();
  /** Providers that a component passes to its children, by package. */
  private readonly componentProviders = new Map<string, ReadonlyMap<string, string>>();

  constructor(private readonly options: RegistrationOptions) {}

  goalOf(urn: string): Goal | undefined {
    return this.goals.get(urn);
  }

  /** The resource is there: its children may follow. */
  registered(urn: string, { goal, providers, transforms }: Registration): void {
    this.goals.set(urn, goal);
    if (!goal.custom) this.componentProviders.set(urn, providers);
    this.options.transforms.registered(urn, goal.parent, transforms);
  }

  async prepare(request: RegisterResourceRequest): Promise<Registration> {
    const type = request.getType();
    const custom = request.getCustom();
    const remote = request.getRemote();
    const parent = request.getParent();
    const subject = { name: request.getName(), type, custom, parent };
    const own = this.options.transforms.own(subject, request.getTransformsList(), remote);
    const given = (await assetHash(fromStruct(request.getObject()), this.options.programDir)) as PropertyMap;
    const transformed = request.getTransformsList().length > 0;
    const told = toldDependencies(request, given);
    const { inputs, options } = await this.options.transforms.apply(subject, own, {
      inputs: transformed ? withDependencies(given, told) : given,
      options: this.optionsOf(request),
    });
    const { dependencies, propertyDependencies } = transformed
      ? carriedDependencies(inputs, options.getDependsOnList())
      : {
          dependencies: request.getDependenciesList(),
          propertyDependencies: mergedDependencies(inputs, told),
        };
    let flat = flattenOutputs(inputs) as PropertyMap;
    let provider = "";
    if (isProviderType(type))
      flat = { ...flat, ...pluginInputs(options.getVersion(), options.getPluginDownloadUrl()) };
    else if (custom || remote)
      provider = await this.providerFor(
        type,
        options.getProvider(),
        options.getVersion(),
        options.getPluginDownloadUrl(),
      );
    const trigger = options.getReplacementTrigger();
    const goal: Goal = {
      ...emptyGoal,
      ...subject,
      inputs: flat,
      protect: options.hasProtect() ? options.getProtect() : undefined,
      dependencies: [...new Set(dependencies)],
      provider,
      propertyDependencies,
      deleteBeforeReplace: options.hasDeleteBeforeReplace() ? options.getDeleteBeforeReplace() : undefined,
      ignoreChanges: options.getIgnoreChangesList(),
      additionalSecretOutputs: options.getAdditionalSecretOutputsList(),
      aliases: options.getAliasesList().map(aliasOf),
      importId: options.getImport(),
      customTimeouts: timeoutsOf(options.getCustomTimeouts()),
      replaceOnChanges: options.getReplaceOnChangesList(),
      replacementTrigger: trigger ? flattenOutputs(fromWire(trigger.toJavaScript() as Json)) : null,
      retainOnDelete: options.hasRetainOnDelete() ? options.getRetainOnDelete() : undefined,
      deletedWith: options.getDeletedWith(),
      replaceWith: options.getReplaceWithList(),
      hideDiff: options.getHideDiffList(),
      resourceHooks: hookNames(options.getHooks()),
      ...sourceOf(this.options.root, request.getSourceposition(), request.getStacktrace()),
    };
    const inherited = custom ? undefined : this.componentProviders.get(parent);
    const providers = new Map([...(inherited ?? []), ...options.getProvidersMap().entries()]);
    return { goal, inputs, options, providers, transforms: own };
  }

  /** In the form that transforms take, with what comes from the parent filled in. */
  private optionsOf(request: RegisterResourceRequest): TransformResourceOptions {
    const parent = this.goals.get(request.getParent());
    const options = new TransformResourceOptions();
    options.setImport(request.getImportid());
    options.setDependsOnList(request.getDependenciesList());
    const protect = request.hasProtect() ? request.getProtect() : parent?.protect;
    if (protect !== undefined) options.setProtect(protect);
    options.setIgnoreChangesList(request.getIgnorechangesList());
    options.setReplaceOnChangesList(request.getReplaceonchangesList());
    options.setReplacementTrigger(request.getReplacementTrigger());
    options.setVersion(request.getVersion());
    options.setAliasesList([
      ...request.getAliasurnsList().map((urn) => aliasMessage(urn)),
      ...request.getAliasesList(),
    ]);
    options.setProvider(this.namedProvider(request, parent));
    for (const [pkg, provider] of request.getProvidersMap().entries())
      options.getProvidersMap().set(pkg, provider);
    options.setHideDiffList(request.getHidediffsList());
    options.setCustomTimeouts(request.getCustomtimeouts());
    options.setPluginDownloadUrl(request.getPlugindownloadurl());
    const retain = request.hasRetainondelete() ? request.getRetainondelete() : parent?.retainOnDelete;
    if (retain !== undefined) options.setRetainOnDelete(retain);
    options.setDeletedWith(request.getDeletedwith() || (parent?.deletedWith ?? ""));
    options.setReplaceWithList(request.getReplaceWithList());
    if (request.getDeletebeforereplacedefined() || request.getDeletebeforereplace())
      options.setDeleteBeforeReplace(request.getDeletebeforereplace());
    options.setAdditionalSecretOutputsList(request.getAdditionalsecretoutputsList());
    options.setHooks(request.getHooks());
    return options;
  }

  /** Named, the parent's own, or one that a component passes on. */
  private namedProvider(request: RegisterResourceRequest, parent: Goal | undefined): string {
    const type = request.getType();
    const named = request.getProvider();
    if (named !== "" || !(request.getCustom() || request.getRemote())) return named;
    const pkg = packageOf(type);
    return this.inheritedProvider(pkg, request.getParent(), parent, request.getProvidersMap().get(pkg));
  }

  private inheritedProvider(
    pkg: string,
    parent: string,
    goal: Goal | undefined,
    own: string | undefined,
  ): string {
    const inherited = goal?.provider ?? "";
    if (inherited !== "" && providerPackage(parseUrn(parseProviderReference(inherited).urn).type) === pkg)
      return inherited;
    return own ?? this.componentProviders.get(parent)?.get(pkg) ?? "";
  }

  /** The provider of a read. */
  providerOfRead(type: string, named: string, parent: string, version: string, url: string): Promise<string> {
    const provider =
      named || this.inheritedProvider(packageOf(type), parent, this.goals.get(parent), undefined);
    return this.providerFor(type, provider, version, url);
  }

  private async providerFor(type: string, named: string, version: string, url: string): Promise<string> {
    if (named === "") return this.options.defaults.get(packageOf(type), version, url);
    parseProviderReference(named);
    return named;
  }
}

type Dependencies = ReadonlyMap<string, ReadonlySet<string>>;

/** By property, as told; with none told, each property has all. */
function toldDependencies(request: RegisterResourceRequest, inputs: PropertyMap): Dependencies {
  const told = request.getPropertydependenciesMap();
  if (told.getLength() > 0 || request.getRemote())
    return new Map([...told.entries()].map(([key, value]) => [key, new Set(value.getUrnsList())]));
  const all = new Set(request.getDependenciesList());
  return new Map(Object.keys(inputs).map((key) => [key, all]));
}

/** With those that output values carry. */
function mergedDependencies(inputs: PropertyMap, told: Dependencies): Record<string, readonly string[]> {
  const result = new Map([...told].map(([key, urns]) => [key, new Set(urns)]));
  for (const [key, value] of Object.entries(inputs)) {
    const urns = result.get(key) ?? new Set<string>();
    outputDependencies(value, urns);
    result.set(key, urns);
  }
  return record([...result].map(([key, urns]) => [key, [...urns]] as const));
}

/** Values for transforms: what was told of their dependencies is part of them. */
function withDependencies(inputs: PropertyMap, told: Dependencies): PropertyMap {
  return record(
    Object.entries(inputs).map(([key, value]) => {
      const carried = new Set<string>();
      outputDependencies(value, carried);
      const urns = told.get(key);
      if (urns === undefined || [...urns].every((urn) => carried.has(urn))) return [key, value] as const;
      const all = [...new Set([...urns, ...carried])];
      if (value instanceof OutputValue)
        return [key, new OutputValue(value.element, value.secret, all)] as const;
      return [key, new OutputValue(value instanceof Unknown ? undefined : value, false, all)] as const;
    }),
  );
}

/** After transforms only the values know what they depend on. */
function carriedDependencies(
  inputs: PropertyMap,
  dependsOn: readonly string[],
): { dependencies: string[]; propertyDependencies: Record<string, readonly string[]> } {
  const propertyDependencies = record(
    Object.entries(inputs).map(([key, value]) => {
      const urns = new Set<string>();
      outputDependencies(value, urns);
      return [key, [...urns]] as const;
    }),
  );
  return {
    dependencies: [...dependsOn, ...Object.values(propertyDependencies).flat()],
    propertyDependencies,
  };
}

function aliasMessage(urn: string): AliasMessage {
  const message = new AliasMessage();
  message.setUrn(urn);
  return message;
}

function aliasOf(message: AliasMessage): Alias {
  const spec = message.getSpec();
  if (spec === undefined) return { urn: message.getUrn() };
  return {
    name: spec.getName(),
    type: spec.getType(),
    stack: spec.getStack(),
    project: spec.getProject(),
    parent: spec.getParenturn(),
    noParent: spec.getNoparent(),
  };
}

function timeoutsOf(message: RegisterResourceRequest.CustomTimeouts | undefined): Timeouts {
  if (message === undefined) return {};
  const texts = {
    create: message.getCreate(),
    update: message.getUpdate(),
    delete: message.getDelete(),
    read: message.getRead(),
  };
  return Object.fromEntries(
    Object.entries(texts)
      .filter(([, text]) => text !== "")
      .map(([key, text]) => [key, seconds(text)]),
  );
}

function seconds(text: string): number {
  const nanoseconds = parseDuration(text);
  if (nanoseconds === undefined)
    throw new Error(`not a duration: ${JSON.stringify(text)} (write it as 1h30m, 90s or 500ms)`);
  return nanoseconds / 1e9;
}
