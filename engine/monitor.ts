/**
 * The ResourceMonitor service (pulumi/resource.proto): what the program's SDK calls. Turns its requests into goals and
 * reads, gives default providers to those that name none, and runs functions. Specified by
 * pkg/resource/deploy/source_eval.go and default_providers.go.
 */
import {
  type ServerUnaryCall,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { Alias as AliasMessage } from "@pulumi/pulumi/proto/alias_pb";
import { CheckFailure, InvokeResponse } from "@pulumi/pulumi/proto/provider_pb";
import {
  DeploymentInfo,
  type ReadResourceRequest,
  ReadResourceResponse,
  type RegisterResourceOutputsRequest,
  type RegisterResourceRequest,
  RegisterResourceResponse,
  type ResourceInvokeRequest,
  Result,
  type SupportsFeatureRequest,
  SupportsFeatureResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import type { SourcePosition, StackTrace } from "@pulumi/pulumi/proto/source_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { assetHash } from "./assetHash";
import { parseDuration } from "./duration";
import type { Executor } from "./executor";
import type { Alias, Goal, ReadGoal } from "./goal";
import { messageOf } from "./grpc";
import type { ProviderRegistry } from "./providerRegistry";
import type { Timeouts } from "./resourceState";
import type { ResolvedConfig } from "./stackConfig";
import {
  isProviderType,
  packageOf,
  parseProviderReference,
  parseUrn,
  providerPackage,
  providerType,
} from "./urn";
import {
  flattenOutputs,
  fromStruct,
  fromWire,
  hasUnknowns,
  isMap,
  type Json,
  outputDependencies,
  type PropertyMap,
  record,
  Secret,
  toStruct,
  Unknown,
} from "./values";

export interface MonitorOptions {
  readonly stack: string;
  readonly project: string;
  readonly programDir: string;
  /** The project's folder: places in the source are told relative to it. */
  readonly root: string;
  readonly preview: boolean;
  readonly parallel: number;
  readonly config: ResolvedConfig;
  readonly executor: Executor;
  readonly registry: ProviderRegistry;
}

/** What the SDK may ask for by name; all else is answered with no. */
const features = new Set([
  "secrets",
  "resourceReferences",
  "outputValues",
  "aliasSpecs",
  "deletedWith",
  "replaceWith",
]);

/** A call that the protocol has and this engine does not. */
export class Unsupported extends Error {}

export class Monitor {
  private readonly defaults = new Map<string, Promise<string>>();
  /** Providers that a component passes to its children, by package. */
  private readonly componentProviders = new Map<string, ReadonlyMap<string, string>>();
  /** Options that children take over from their parent. */
  private readonly goals = new Map<string, Goal>();
  private closed = false;

  constructor(private readonly options: MonitorOptions) {}

  /** No registration is taken any more: the program is told that the engine is shutting down. */
  close(): void {
    this.closed = true;
  }

  /** Handlers for grpc-js. */
  service(): UntypedServiceImplementation {
    const refuse = (what: string) =>
      this.handler(async () => {
        throw new Unsupported(`${what} not supported by the embedded engine; see docs/engine.md`);
      });
    return {
      supportsFeature: this.handler(async (request: SupportsFeatureRequest) => {
        const response = new SupportsFeatureResponse();
        response.setHassupport(features.has(request.getId()));
        return response;
      }),
      getDeploymentInfo: this.handler(async () => this.deploymentInfo()),
      registerResource: this.handler((request: RegisterResourceRequest) => this.registerResource(request)),
      registerResourceOutputs: this.handler(async (request: RegisterResourceOutputsRequest) => {
        const outputs = flattenOutputs(fromStruct(request.getOutputs()));
        await this.options.executor.registerOutputs(request.getUrn(), isMap(outputs) ? outputs : {});
        return new Empty();
      }),
      readResource: this.handler((request: ReadResourceRequest) => this.readResource(request)),
      invoke: this.handler((request: ResourceInvokeRequest) => this.invoke(request)),
      signalAndWaitForShutdown: this.handler(async () => new Empty()),
      call: refuse("methods of component providers (Call) are"),
      registerStackTransform: refuse("stack transforms are"),
      registerStackInvokeTransform: refuse("invoke transforms are"),
      registerResourceHook: refuse("resource hooks are"),
      registerErrorHook: refuse("error hooks are"),
      registerPackage: refuse("parameterized packages are"),
    };
  }

  private handler<Request, Response>(answer: (request: Request) => Promise<Response>) {
    return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
      if (this.closed || this.options.executor.canceled) {
        callback({ code: status.UNAVAILABLE, details: "the engine is shutting down" });
        return;
      }
      answer(call.request).then(
        (response) => callback(null, response),
        (error: unknown) =>
          callback({
            code: error instanceof Unsupported ? status.UNIMPLEMENTED : status.UNKNOWN,
            details: messageOf(error),
          }),
      );
    };
  }

  private deploymentInfo(): DeploymentInfo {
    const { project, stack, preview, parallel, config } = this.options;
    const info = new DeploymentInfo();
    info.setProject(project);
    info.setStack(stack);
    info.setOrganization("organization");
    info.setDryrun(preview);
    info.setParallel(parallel);
    for (const [key, value] of config.values) info.getConfigMap().set(key, value);
    info.setConfigsecretkeysList([...config.secretKeys]);
    return info;
  }

  private async registerResource(request: RegisterResourceRequest): Promise<RegisterResourceResponse> {
    const goal = await this.goalOf(request);
    const { urn, state, result } = await this.options.executor.register(goal);
    if (result !== "success" && !request.getSupportsresultreporting())
      throw new Error("resource registration failed");
    this.goals.set(urn, goal);
    if (!goal.custom) this.componentProviders.set(urn, this.providersFor(request, goal.parent));
    const response = new RegisterResourceResponse();
    response.setUrn(urn);
    response.setId(state?.id ?? "");
    // Outputs of a component are told by registerResourceOutputs; the old ones may name what does not exist yet.
    const outputs = goal.custom ? (state?.outputs ?? {}) : {};
    response.setObject(
      toStruct(request.getSupportspartialvalues() ? outputs : known(outputs), {
        keepUnknowns: true,
        keepSecrets: request.getAcceptsecrets(),
        keepResources: request.getAcceptresources(),
      }),
    );
    response.setResult(
      result === "success" ? Result.SUCCESS : result === "failed" ? Result.FAIL : Result.SKIP,
    );
    return response;
  }

  private async goalOf(request: RegisterResourceRequest): Promise<Goal> {
    if (request.getRemote())
      throw new Unsupported(
        `component providers (Construct) are not supported by the embedded engine: ${request.getType()} ${request.getName()}`,
      );
    if (request.getTransformsList().length > 0)
      throw new Unsupported("transforms are not supported by the embedded engine");
    if (request.getEnvvarmappingsMap().getLength() > 0)
      throw new Unsupported("envVarMappings are not supported by the embedded engine");
    const type = request.getType();
    const custom = request.getCustom();
    const parent = request.getParent();
    const parentGoal = this.goals.get(parent);
    const inputs = fromStruct(request.getObject());
    const dependencies = new Set(request.getDependenciesList());
    const propertyDependencies = this.propertyDependencies(request, inputs, dependencies);
    let flat = flattenOutputs(inputs) as PropertyMap;
    flat = (await assetHash(flat, this.options.programDir)) as PropertyMap;
    let provider = "";
    if (isProviderType(type)) flat = this.providerInputs(request, flat);
    else if (custom) provider = await this.providerFor(request, type, parent);
    const { position, trace } = this.source(request.getSourceposition(), request.getStacktrace());
    const trigger = request.getReplacementTrigger();
    return {
      type,
      name: request.getName(),
      custom,
      inputs: flat,
      parent,
      protect: request.hasProtect() ? request.getProtect() : parentGoal?.protect,
      dependencies: [...dependencies],
      provider,
      propertyDependencies,
      deleteBeforeReplace:
        request.getDeletebeforereplacedefined() || request.getDeletebeforereplace()
          ? request.getDeletebeforereplace()
          : undefined,
      ignoreChanges: request.getIgnorechangesList(),
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
      aliases: [
        ...request.getAliasurnsList().map((urn) => ({ urn })),
        ...request.getAliasesList().map(aliasOf),
      ],
      importId: request.getImportid(),
      customTimeouts: timeoutsOf(request.getCustomtimeouts()),
      replaceOnChanges: request.getReplaceonchangesList(),
      replacementTrigger: trigger ? flattenOutputs(fromWire(trigger.toJavaScript() as Json)) : null,
      retainOnDelete: request.hasRetainondelete() ? request.getRetainondelete() : parentGoal?.retainOnDelete,
      deletedWith: request.getDeletedwith() || (parentGoal?.deletedWith ?? ""),
      replaceWith: request.getReplaceWithList(),
      hideDiff: request.getHidediffsList(),
      sourcePosition: position,
      stackTrace: trace,
    };
  }

  /** Dependencies by property, as told and as carried by output values; with none told, each property has all. */
  private propertyDependencies(
    request: RegisterResourceRequest,
    inputs: PropertyMap,
    dependencies: ReadonlySet<string>,
  ): Record<string, string[]> {
    const told = request.getPropertydependenciesMap();
    const result = new Map<string, Set<string>>();
    if (told.getLength() === 0) for (const key of Object.keys(inputs)) result.set(key, new Set(dependencies));
    else for (const [key, value] of told.entries()) result.set(key, new Set(value.getUrnsList()));
    for (const [key, value] of Object.entries(inputs)) {
      const urns = result.get(key) ?? new Set<string>();
      outputDependencies(value, urns);
      result.set(key, urns);
    }
    return record([...result].map(([key, urns]) => [key, [...urns]] as const));
  }

  /** An explicit provider's version and source are among its inputs. */
  private providerInputs(request: RegisterResourceRequest, inputs: PropertyMap): PropertyMap {
    const version = request.getVersion();
    const url = request.getPlugindownloadurl();
    return { ...inputs, ...pluginInputs(version, url) };
  }

  private providersFor(request: RegisterResourceRequest, parent: string): ReadonlyMap<string, string> {
    return new Map([...(this.componentProviders.get(parent) ?? []), ...request.getProvidersMap().entries()]);
  }

  /** The provider of a resource: named, inherited from a component, or the package's default. */
  private async providerFor(
    request: RegisterResourceRequest | ReadResourceRequest,
    type: string,
    parent: string,
  ): Promise<string> {
    const pkg = packageOf(type);
    const own = "getProvidersMap" in request ? request.getProvidersMap().get(pkg) : undefined;
    const inherited = this.goals.get(parent)?.provider ?? "";
    const named =
      request.getProvider() ||
      own ||
      this.componentProviders.get(parent)?.get(pkg) ||
      (inherited !== "" && providerPackage(parseUrn(parseProviderReference(inherited).urn).type) === pkg
        ? inherited
        : "");
    if (named !== "") {
      parseProviderReference(named);
      return named;
    }
    if (request.getPackageref() !== "")
      throw new Unsupported("parameterized packages are not supported by the embedded engine");
    return this.defaultProvider(pkg, request.getVersion(), request.getPlugindownloadurl());
  }

  /** Registered when it is first needed, as Pulumi does. */
  private defaultProvider(pkg: string, version: string, url: string): Promise<string> {
    const key = `${pkg}@${version}@${url}`;
    const known = this.defaults.get(key);
    if (known) return known;
    const registered = this.registerDefaultProvider(pkg, version, url);
    this.defaults.set(key, registered);
    return registered;
  }

  private async registerDefaultProvider(pkg: string, version: string, url: string): Promise<string> {
    const { config, executor } = this.options;
    if (pkg !== "pulumi" && isDenied(pkg, config.values.get("pulumi:disable-default-providers")))
      throw new Error(`Default provider for '${pkg}' disabled. '${pkg}' must use an explicit provider.`);
    const inputs: Record<string, PropertyMap[string]> = {};
    for (const [name, value] of config.values)
      if (name.startsWith(`${pkg}:`)) {
        const text = value;
        inputs[name.slice(pkg.length + 1)] = config.secretKeys.has(name) ? new Secret(text) : text;
      }
    Object.assign(inputs, pluginInputs(version, url));
    const suffix = version === "" ? "" : `_${version.replace(/[.+-]/g, "_")}`;
    const result = await executor.register({
      type: providerType(pkg),
      name: `default${suffix}${url === "" ? "" : `_${url.replace(/[^A-Za-z0-9_]/g, "_")}`}`,
      custom: true,
      inputs,
      parent: "",
      protect: undefined,
      dependencies: [],
      provider: "",
      propertyDependencies: {},
      deleteBeforeReplace: undefined,
      ignoreChanges: [],
      additionalSecretOutputs: [],
      aliases: [],
      importId: "",
      customTimeouts: {},
      replaceOnChanges: [],
      replacementTrigger: null,
      retainOnDelete: undefined,
      deletedWith: "",
      replaceWith: [],
      hideDiff: [],
      sourcePosition: "",
      stackTrace: [],
    });
    if (result.state === undefined) throw new Error(`the provider of package ${pkg} could not be started`);
    return `${result.urn}::${result.state.id}`;
  }

  private async readResource(request: ReadResourceRequest): Promise<ReadResourceResponse> {
    const type = request.getType();
    const parent = request.getParent();
    const provider = await this.providerFor(request, type, parent);
    const { position, trace } = this.source(request.getSourceposition(), request.getStacktrace());
    const goal: ReadGoal = {
      type,
      name: request.getName(),
      id: request.getId(),
      parent,
      inputs: flattenOutputs(fromStruct(request.getProperties())) as PropertyMap,
      dependencies: request.getDependenciesList(),
      provider,
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
      sourcePosition: position,
      stackTrace: trace,
    };
    const { urn, state } = await this.options.executor.read(goal);
    if (state === undefined) throw new Error(`reading ${type} ${request.getName()} failed`);
    const response = new ReadResourceResponse();
    response.setUrn(urn);
    response.setProperties(
      toStruct(state.outputs, {
        keepUnknowns: true,
        keepSecrets: request.getAcceptsecrets(),
        keepResources: request.getAcceptresources(),
      }),
    );
    return response;
  }

  private async invoke(request: ResourceInvokeRequest): Promise<InvokeResponse> {
    const token = request.getTok();
    const pkg = packageOf(token);
    const args = flattenOutputs(fromStruct(request.getArgs())) as PropertyMap;
    if (request.getPackageref() !== "")
      throw new Unsupported("parameterized packages are not supported by the embedded engine");
    const reference =
      request.getProvider() ||
      (await this.defaultProvider(pkg, request.getVersion(), request.getPlugindownloadurl()));
    const provider = this.options.registry.get(reference);
    if (provider === undefined) throw new Error(`unknown provider ${reference}`);
    let result: Awaited<ReturnType<typeof provider.invoke>>;
    try {
      result = await provider.invoke(token, args, this.options.preview);
    } catch (error) {
      throw new Error(`invocation of ${token} returned an error: ${messageOf(error)}`);
    }
    const response = new InvokeResponse();
    response.setReturn(
      toStruct(result.inputs, {
        keepUnknowns: true,
        keepSecrets: true,
        keepResources: request.getAcceptresources() || token === "pulumi:pulumi:getResource",
      }),
    );
    response.setFailuresList(
      result.failures.map(({ property, reason }) => {
        const failure = new CheckFailure();
        failure.setProperty(property);
        failure.setReason(reason);
        return failure;
      }),
    );
    return response;
  }

  /** `project:///file#line,column` for files of the project; nothing for others, which differ between machines. */
  private source(
    position: SourcePosition | undefined,
    trace: StackTrace | undefined,
  ): { position: string; trace: { sourcePosition?: string }[] } {
    const text = (at: SourcePosition | undefined): string => {
      const uri = at?.getUri() ?? "";
      const prefix = `file://${this.options.root.replace(/\/$/, "")}/`;
      if (at === undefined || !uri.startsWith(prefix)) return "";
      const column = at.getColumn() > 0 ? `,${at.getColumn()}` : "";
      return `project:///${uri.slice(prefix.length)}#${at.getLine()}${column}`;
    };
    return {
      position: text(position),
      trace: (trace?.getFramesList() ?? []).map((frame) => {
        const at = text(frame.getPc());
        return at === "" ? {} : { sourcePosition: at };
      }),
    };
  }
}

function known(outputs: PropertyMap): PropertyMap {
  return record(
    Object.entries(outputs).filter(([, value]) => !(value instanceof Unknown) && !hasUnknowns(value)),
  );
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
      .map(([key, text]) => [key, parseDuration(text)]),
  );
}

/** As the Pulumi CLI writes them: whatever has a version has the engine's own part, be it empty. */
function pluginInputs(version: string, url: string): Record<string, PropertyMap[string]> {
  if (version === "" && url === "") return {};
  return {
    ...(version === "" ? {} : { version }),
    __internal: url === "" ? {} : { pluginDownloadURL: url },
  };
}

function isDenied(pkg: string, list: string | undefined): boolean {
  if (list === undefined || list === "") return false;
  const entries: unknown = JSON.parse(list);
  return Array.isArray(entries) && entries.some((entry) => entry === "*" || String(entry).trim() === pkg);
}
