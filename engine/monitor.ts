/**
 * The ResourceMonitor service (pulumi/resource.proto): what the program's SDK, and providers that construct components,
 * call. Specified by pkg/resource/deploy/source_eval.go.
 */
import {
  type ServerUnaryCall,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import { CallResponse, CheckFailure, InvokeResponse } from "@pulumi/pulumi/proto/provider_pb";
import {
  DeploymentInfo,
  type ReadResourceRequest,
  ReadResourceResponse,
  type RegisterErrorHookRequest,
  type RegisterPackageRequest,
  type RegisterResourceHookRequest,
  type RegisterResourceOutputsRequest,
  type RegisterResourceRequest,
  RegisterResourceResponse,
  type ResourceCallRequest,
  type ResourceInvokeRequest,
  type SupportsFeatureRequest,
  SupportsFeatureResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { assetHash } from "./assetHash";
import { type ComponentOptions, Components } from "./components";
import { DefaultProviders } from "./defaultProviders";
import type { Executor } from "./executor";
import type { ReadGoal, RegisterResult } from "./goal";
import { messageOf } from "./grpc";
import type { Hooks } from "./hooks";
import { type ExistsRequest, existsAnswer, features, withId, withResult } from "./monitorService";
import type { CheckResult } from "./provider";
import { ProviderClient } from "./providerClient";
import type { ProviderRegistry } from "./providerRegistry";
import { Registrations } from "./registration";
import { sourceOf } from "./sourcePositions";
import { invokeOptions, type Transforms } from "./transforms";
import { makeUrn, packageOf, rootStackType } from "./urn";
import {
  flattenOutputs,
  fromStruct,
  hasUnknowns,
  isMap,
  type PropertyMap,
  record,
  toStruct,
  Unknown,
} from "./values";

export interface MonitorOptions extends ComponentOptions {
  readonly programDir: string;
  /** The project's folder: places in the source are told relative to it. */
  readonly root: string;
  readonly executor: Executor;
  readonly registry: ProviderRegistry;
  readonly transforms: Transforms;
  readonly hooks: Hooks;
}

/** A call that the protocol has and this engine does not. */
class Unsupported extends Error {}

export class Monitor {
  private readonly defaults: DefaultProviders;
  private readonly registrations: Registrations;
  private readonly components: Components;
  private closed = false;
  /** Since 3.256 the SDK asks for all features at once. The program's is the first to ask. */
  private sdk: "old" | "new" | undefined;

  constructor(private readonly options: MonitorOptions) {
    this.defaults = new DefaultProviders(options.config, options.executor);
    this.registrations = new Registrations({ ...options, defaults: this.defaults });
    this.components = new Components(options);
  }

  /** No registration is taken any more: the program is told that the engine is shutting down. */
  close(): void {
    this.closed = true;
  }

  /** Handlers for grpc-js. */
  service(): UntypedServiceImplementation {
    return {
      supportsFeature: this.handler(async (request: SupportsFeatureRequest) => {
        this.sdk ??= "old";
        const response = new SupportsFeatureResponse();
        response.setHassupport(features.has(request.getId()));
        return response;
      }),
      getDeploymentInfo: this.handler(async () => {
        this.sdk ??= "new";
        return this.deploymentInfo();
      }),
      registerResource: this.handler((request: RegisterResourceRequest) => this.registerResource(request)),
      registerResourceOutputs: this.handler(async (request: RegisterResourceOutputsRequest) => {
        const outputs = flattenOutputs(fromStruct(request.getOutputs()));
        const hashed = await assetHash(outputs, this.options.programDir);
        await this.options.executor.registerOutputs(request.getUrn(), isMap(hashed) ? hashed : {});
        return new Empty();
      }),
      readResource: this.handler((request: ReadResourceRequest) => this.readResource(request)),
      existsResource: this.handler((request: ExistsRequest) => this.existsResource(request)),
      invoke: this.handler((request: ResourceInvokeRequest) => this.invoke(request)),
      call: this.handler((request: ResourceCallRequest) => this.call(request)),
      registerStackTransform: this.handler(async (callback: Callback) => {
        this.options.transforms.addForStack(callback);
        return new Empty();
      }),
      registerStackInvokeTransform: this.handler(async (callback: Callback) => {
        this.options.transforms.addForInvokes(callback);
        return new Empty();
      }),
      registerResourceHook: this.handler(async (request: RegisterResourceHookRequest) => {
        this.options.hooks.register(request);
        return new Empty();
      }),
      registerErrorHook: this.handler(async (request: RegisterErrorHookRequest) => {
        this.options.hooks.registerForErrors(request);
        return new Empty();
      }),
      signalAndWaitForShutdown: this.waitForShutdown,
      registerPackage: this.handler(async (request: RegisterPackageRequest): Promise<Empty> => {
        const named = request.getParameterization()?.getName();
        const what = named ? `${named}, of plugin ${request.getName()}` : request.getName();
        throw new Unsupported(
          `parameterized packages (${what}) are not supported by the embedded engine; run the program with the Pulumi CLI (--engine pulumi)`,
        );
      }),
    };
  }

  /** Ends of the program that wait for the engine: it calls the program's hooks until all is done. */
  private readonly waiting: (() => void)[] = [];
  private signal: () => void = () => undefined;
  /** Resolves when the program says that it has named everything it wants. */
  readonly signalled = new Promise<void>((done) => {
    this.signal = done;
  });

  private readonly waitForShutdown = (_call: unknown, callback: sendUnaryData<Empty>): void => {
    this.waiting.push(() => callback(null, new Empty()));
    if (this.closed) this.release();
    else this.signal();
  };

  /** Lets the program end. */
  release(): void {
    this.closed = true;
    for (const answer of this.waiting.splice(0)) answer();
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
    info.setSupportedfeaturesList([...features.values()]);
    return info;
  }

  /** What does not take secrets would get them as plain text, and give them back as such. */
  private refuseWithoutSecrets(request: RegisterResourceRequest | ReadResourceRequest): void {
    const asked = this.sdk !== undefined || request.getType() === rootStackType;
    if (!request.getAcceptsecrets() || !asked)
      throw new Unsupported(
        `the SDK that wants ${request.getType()} ${request.getName()} does not know secrets; it needs @pulumi/pulumi 3.248 or newer, or --engine pulumi`,
      );
  }

  private async registerResource(request: RegisterResourceRequest) {
    if (request.getEnvvarmappingsMap().getLength() > 0)
      throw new Unsupported("envVarMappings are not supported by the embedded engine");
    if (request.getPackageref() !== "")
      throw new Unsupported("parameterized packages are not supported by the embedded engine");
    this.refuseWithoutSecrets(request);
    const registration = await this.registrations.prepare(request);
    const { goal } = registration;
    const response = new RegisterResourceResponse();
    let registered: RegisterResult;
    let outputs: PropertyMap = {};
    if (request.getRemote()) {
      const made = await this.components.construct(registration);
      registered = made;
      outputs = flattenOutputs(made.outputs) as PropertyMap;
      for (const [key, urns] of Object.entries(made.dependencies)) {
        const message = new RegisterResourceResponse.PropertyDependencies();
        message.setUrnsList([...urns]);
        response.getPropertydependenciesMap().set(key, message);
      }
    } else {
      registered = await this.options.executor.register(goal);
      // Outputs of a component are told by registerResourceOutputs; the old ones may name what does not exist yet.
      if (goal.custom) outputs = registered.state?.outputs ?? {};
    }
    const { urn, state, result } = registered;
    if (result !== "success" && !request.getSupportsresultreporting())
      throw new Error("resource registration failed");
    if (!request.getRemote()) this.registrations.registered(urn, registration);
    response.setUrn(urn);
    response.setId(state?.id ?? "");
    response.setObject(
      toStruct(request.getSupportspartialvalues() ? outputs : known(outputs), {
        keepUnknowns: true,
        keepSecrets: request.getAcceptsecrets(),
        keepResources: request.getAcceptresources(),
      }),
    );
    return withResult(response, result, this.sdk ?? "old");
  }

  private async readResource(request: ReadResourceRequest) {
    this.refuseWithoutSecrets(request);
    const type = request.getType();
    const parent = request.getParent();
    const provider = await this.registrations.providerOfRead(
      type,
      request.getProvider(),
      parent,
      request.getVersion(),
      request.getPlugindownloadurl(),
    );
    const goal: ReadGoal = {
      type,
      name: request.getName(),
      id: request.getId(),
      parent,
      inputs: flattenOutputs(fromStruct(request.getProperties())) as PropertyMap,
      dependencies: request.getDependenciesList(),
      provider,
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
      ...sourceOf(this.options.root, request.getSourceposition(), request.getStacktrace()),
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
    return withId(response, state.id);
  }

  /** Nothing of it gets into the state. */
  private async existsResource(request: ExistsRequest) {
    const { type, id, parent, version, pluginDownloadUrl } = request;
    if (request.packageRef !== "")
      throw new Unsupported("parameterized packages are not supported by the embedded engine");
    const reference = await this.registrations.providerOfRead(
      ...([type, request.provider, parent, version, pluginDownloadUrl] as const),
    );
    const provider = this.options.registry.get(reference);
    if (provider === undefined) throw new Error(`unknown provider ${reference}`);
    if (provider instanceof ProviderClient && (await provider.ready()) === undefined)
      return existsAnswer(undefined);
    const { stack, project } = this.options;
    const read = await provider.read({
      // It has no name.
      urn: makeUrn(stack, project, parent, type, id),
      id,
      inputs: {},
      outputs: flattenOutputs(fromStruct(request.properties)) as PropertyMap,
      timeout: 0,
    });
    return existsAnswer(read.id !== "");
  }

  private async invoke(request: ResourceInvokeRequest): Promise<InvokeResponse> {
    const token = request.getTok();
    if (request.getPackageref() !== "")
      throw new Unsupported("parameterized packages are not supported by the embedded engine");
    const { args, options } = await this.options.transforms.applyToInvoke(
      token,
      fromStruct(request.getArgs()),
      invokeOptions(request.getProvider(), request.getVersion(), request.getPlugindownloadurl()),
    );
    const provider = await this.providerOf(
      options.getProvider(),
      token,
      options.getVersion(),
      options.getPluginDownloadUrl(),
    );
    let result: Awaited<ReturnType<typeof provider.invoke>>;
    try {
      result = await provider.invoke(token, flattenOutputs(args) as PropertyMap, this.options.preview);
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
    response.setFailuresList(failuresOf(result.failures));
    return response;
  }

  private async providerOf(named: string, token: string, version: string, url: string) {
    const reference = named || (await this.defaults.get(packageOf(token), version, url));
    const provider = this.options.registry.get(reference);
    if (provider === undefined) throw new Error(`unknown provider ${reference}`);
    return provider;
  }

  /** A method of a component, carried out by the provider that constructed it, or of a provider itself. */
  private async call(request: ResourceCallRequest): Promise<CallResponse> {
    if (request.getPackageref() !== "")
      throw new Unsupported("parameterized packages are not supported by the embedded engine");
    const token = request.getTok();
    const provider = await this.providerOf(
      this.components.providerOfCall(request, (urn) => this.registrations.goalOf(urn)?.provider),
      token.replace(/^pulumi:providers:([^/]+)\/.*$/, "$1:index:provider"),
      request.getVersion(),
      request.getPlugindownloadurl(),
    );
    let result: Awaited<ReturnType<Components["call"]>>;
    try {
      result = await this.components.call(provider, request);
    } catch (error) {
      this.options.executor.failed = true;
      throw new Error(`call of ${token} returned an error: ${messageOf(error)}`);
    }
    const response = new CallResponse();
    response.setReturn(
      toStruct(flattenOutputs(result.returned) as PropertyMap, {
        keepUnknowns: true,
        keepSecrets: true,
        keepResources: true,
      }),
    );
    for (const [key, urns] of Object.entries(result.dependencies)) {
      const message = new CallResponse.ReturnDependencies();
      message.setUrnsList([...urns]);
      response.getReturndependenciesMap().set(key, message);
    }
    response.setFailuresList(failuresOf(result.failures));
    return response;
  }
}

function failuresOf(failures: CheckResult["failures"]): CheckFailure[] {
  return failures.map(({ property, reason }) => {
    const failure = new CheckFailure();
    failure.setProperty(property);
    failure.setReason(reason);
    return failure;
  });
}

function known(outputs: PropertyMap): PropertyMap {
  return record(
    Object.entries(outputs).filter(([, value]) => !(value instanceof Unknown) && !hasUnknowns(value)),
  );
}
