/**
 * A `Provider` behind Pulumi's ResourceProvider service. Specified by pulumi/provider.proto in pulumi/pulumi, and the
 * documentation of its methods there.
 */
import { isDeepStrictEqual } from "node:util";
import {
  status as grpcStatus,
  type handleUnaryCall,
  type ServerUnaryCall,
  type ServiceError,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { UserError } from "../../host/userError";
import { type Autonaming, type CheckFailure, checkInputs } from "./check";
import { type Change, diffInputs, isSame, withoutKnown } from "./diff";
import { EngineHost } from "./engineHost";
import { InitFailure } from "./initFailure";
import { redactor, secretTexts } from "./redact";
import { type FunctionType, NotReady, type Operation, type Provider, type ResourceType } from "./resource";
import { packageSchema } from "./schema";
import {
  containsSecret,
  fromStruct,
  isPropertyMap,
  type PropertyMap,
  type PropertyValue,
  reveal,
  Secret,
  toStruct,
} from "./values";

type Handler<Request, Response> = (request: Request) => Promise<Response> | Response;

/** Input that plugins made with pulumi-go-provider add to those of their own providers. */
const frameworkKey = "__pulumi-go-provider-version";

export class ProviderServer {
  readonly engine = new EngineHost();
  private readonly cancelled = new AbortController();
  private readonly running = new Set<Promise<unknown>>();

  constructor(private readonly provider: Provider) {}

  /** Stops what is running; resolves when it has cleaned up and what was open is closed. */
  async cancel(): Promise<void> {
    this.cancelled.abort(new UserError("cancelled"));
    await Promise.allSettled(this.running);
    await this.provider.close();
  }

  service(): UntypedServiceImplementation {
    const unary = <Request, Response>(
      handler: Handler<Request, Response>,
    ): handleUnaryCall<Request, Response> => {
      return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
        Promise.resolve()
          .then(() => handler(call.request))
          .then(
            (response) => callback(null, response),
            (error: unknown) => callback(grpcError(error)),
          );
      };
    };
    return {
      handshake: unary((request: rpc.ProviderHandshakeRequest) => {
        if (request.getEngineAddress() !== "") this.engine.connect(request.getEngineAddress());
        return new rpc.ProviderHandshakeResponse()
          .setAcceptSecrets(true)
          .setAcceptResources(false)
          .setAcceptOutputs(false)
          .setSupportsAutonamingConfiguration(true);
      }),
      attach: unary((request: plugin.PluginAttach) => {
        this.engine.connect(request.getAddress());
        return new Empty();
      }),
      getPluginInfo: unary(() => new plugin.PluginInfo().setVersion(this.provider.version)),
      getSchema: unary(() => new rpc.GetSchemaResponse().setSchema(this.schema())),
      checkConfig: unary((request: rpc.CheckRequest) => this.checkConfig(request)),
      diffConfig: unary((request: rpc.DiffRequest) => this.diffConfig(request)),
      configure: unary((request: rpc.ConfigureRequest) => this.configure(request)),
      check: unary((request: rpc.CheckRequest) => this.check(request)),
      diff: unary((request: rpc.DiffRequest) => this.diff(request)),
      create: unary((request: rpc.CreateRequest) => this.create(request)),
      read: unary((request: rpc.ReadRequest) => this.read(request)),
      update: unary((request: rpc.UpdateRequest) => this.update(request)),
      delete: unary((request: rpc.DeleteRequest) => this.delete(request)),
      invoke: unary((request: rpc.InvokeRequest) => this.invoke(request)),
      cancel: unary(() => {
        // The engine wants to know that it was heard; the calls that are stopped answer for themselves.
        void this.cancel();
        return new Empty();
      }),
    };
  }

  private schema(): string {
    const { name, version, config, resources, functions } = this.provider;
    return packageSchema({
      name,
      version,
      config,
      resources: Object.fromEntries(
        Object.entries(resources).map(([token, { properties }]) => [token, properties]),
      ),
      functions,
    });
  }

  private checkConfig(request: rpc.CheckRequest): rpc.CheckResponse {
    const given = fromStruct(request.getNews());
    const { version, pluginDownloadURL, ...config } = given;
    const { frameworkVersion } = this.provider;
    const parsed = this.provider.parseConfig?.(config) ?? config;
    const { failures } = checkInputs(this.provider.config, parsed);
    // Kept as given: the engine hands it to Configure, and compares it with the last run's.
    return checkResponse(
      {
        ...config,
        ...(version === undefined ? {} : { version }),
        ...(frameworkVersion === undefined ? {} : { [frameworkKey]: frameworkVersion }),
        ...(pluginDownloadURL === undefined ? {} : { pluginDownloadURL }),
      },
      failures,
    );
  }

  private diffConfig(request: rpc.DiffRequest): rpc.DiffResponse {
    const parse = this.provider.parseConfig ?? ((config: PropertyMap) => config);
    const olds = request.getOldInputs() ?? request.getOlds();
    return diffResponse(
      diffInputs(this.provider.config, parse(fromStruct(olds)), parse(fromStruct(request.getNews()))),
      false,
    );
  }

  private async configure(request: rpc.ConfigureRequest): Promise<rpc.ConfigureResponse> {
    const {
      version: _,
      pluginDownloadURL: __,
      [frameworkKey]: ___,
      ...config
    } = fromStruct(request.getArgs());
    await this.during("", 0, redactor(config), (operation) =>
      this.provider.configure?.(this.provider.parseConfig?.(config) ?? config, operation),
    );
    return new rpc.ConfigureResponse()
      .setAcceptsecrets(true)
      .setSupportspreview(true)
      .setAcceptresources(false)
      .setAcceptoutputs(false)
      .setSupportsAutonamingConfiguration(true);
  }

  private async check(request: rpc.CheckRequest): Promise<rpc.CheckResponse> {
    const resource = this.resource(request.getUrn());
    const { inputs, failures } = checkInputs(resource.properties, fromStruct(request.getNews()), {
      olds: fromStruct(request.getOlds()),
      autonaming: autonaming(request),
      recordDefaults: this.provider.bridged && !resource.native,
    });
    const together =
      failures.length === 0 ? (resource.checkTogether?.(reveal(inputs) as PropertyMap) ?? []) : [];
    const { complete } = resource;
    if (failures.length + together.length > 0 || !complete) {
      return checkResponse(inputs, [...failures, ...together]);
    }
    const completed = await this.during(request.getUrn(), 0, redactor(inputs), (operation) =>
      complete.call(resource, inputs, operation),
    );
    return checkResponse(completed.inputs, completed.failures);
  }

  private diff(request: rpc.DiffRequest): rpc.DiffResponse {
    const resource = this.resource(request.getUrn());
    // An engine too old to send the inputs of the last run gets its comparison with the outputs.
    const olds = reveal(fromStruct(request.getOldInputs() ?? request.getOlds())) as PropertyMap;
    const news = reveal(fromStruct(request.getNews())) as PropertyMap;
    const ignored = request.getIgnorechangesList();
    let found = diffInputs(resource.properties, olds, news);
    if (this.provider.bridged)
      found = withoutKnown(found, resource.properties, fromStruct(request.getOlds()), news);
    const changes = (
      resource.refineChanges?.(found, olds, news, reveal(fromStruct(request.getOlds())) as PropertyMap) ??
      found
    )
      .filter(
        ({ path }) =>
          !ignored.some(
            (ignore) => path === ignore || path.startsWith(`${ignore}.`) || path.startsWith(`${ignore}[`),
          ),
      )
      .map((change) => (resource.update ? change : { ...change, replaces: true }));
    return diffResponse(changes, resource.deleteBeforeReplace?.(olds, news) ?? false);
  }

  private async previewed(
    request: rpc.CreateRequest | rpc.UpdateRequest,
    inputs: PropertyMap,
    oldOutputs?: PropertyMap,
  ): Promise<Struct> {
    const resource = this.resource(request.getUrn());
    const outputs = await this.during(request.getUrn(), request.getTimeout(), redactor(inputs), (operation) =>
      resource.preview(inputs, oldOutputs, operation),
    );
    return toStruct(marked(resource, inputs, outputs, oldOutputs));
  }

  private async create(request: rpc.CreateRequest): Promise<rpc.CreateResponse> {
    const resource = this.resource(request.getUrn());
    const inputs = fromStruct(request.getProperties());
    if (request.getPreview())
      return new rpc.CreateResponse().setProperties(await this.previewed(request, inputs));
    const { id, outputs } = await this.during(
      request.getUrn(),
      request.getTimeout(),
      redactor(secretsOf(resource, inputs)),
      (operation) => resource.create(inputs, operation),
    );
    return new rpc.CreateResponse().setId(id).setProperties(toStruct(marked(resource, inputs, outputs)));
  }

  private async read(request: rpc.ReadRequest): Promise<rpc.ReadResponse> {
    const resource = this.resource(request.getUrn());
    const inputs = fromStruct(request.getInputs());
    const current = { id: request.getId(), inputs, outputs: fromStruct(request.getProperties()) };
    const state = await this.during(request.getUrn(), 0, redactor(secretsOf(resource, inputs)), (operation) =>
      resource.read(current, operation),
    );
    if (state === undefined) return new rpc.ReadResponse();
    // Pulumi's own plugin writes down the same things in more words: that is no drift.
    const untouched = this.provider.bridged && isSame(resource.properties, current.outputs, state.outputs);
    return new rpc.ReadResponse()
      .setId(state.id)
      .setProperties(
        toStruct(marked(resource, inputs, untouched ? current.outputs : state.outputs, current.outputs)),
      )
      .setInputs(toStruct(state.inputs));
  }

  private async update(request: rpc.UpdateRequest): Promise<rpc.UpdateResponse> {
    const resource = this.resource(request.getUrn());
    const inputs = fromStruct(request.getNews());
    const oldOutputs = fromStruct(request.getOlds());
    const oldInputs = request.getOldInputs() ? fromStruct(request.getOldInputs()) : oldOutputs;
    if (request.getPreview())
      return new rpc.UpdateResponse().setProperties(await this.previewed(request, inputs, oldOutputs));
    const { update } = resource;
    if (!update) throw new Error(`${typeOf(request.getUrn())} cannot be updated: every change replaces it`);
    const id = request.getId();
    const properties = (outputs: PropertyMap): Struct =>
      toStruct(marked(resource, inputs, outputs, oldOutputs));
    try {
      const outputs = await this.during(
        request.getUrn(),
        request.getTimeout(),
        redactor(secretsOf(resource, inputs), secretsOf(resource, oldInputs)),
        (operation) => update.call(resource, { id, oldInputs, oldOutputs, inputs }, operation),
      );
      return new rpc.UpdateResponse().setProperties(properties(outputs));
    } catch (error) {
      if (!(error instanceof NotReady)) throw error;
      throw new InitFailure(id, grpcError(error.failure), properties(error.outputs));
    }
  }

  private async delete(request: rpc.DeleteRequest): Promise<Empty> {
    const resource = this.resource(request.getUrn());
    const outputs = fromStruct(request.getProperties());
    await this.during(
      request.getUrn(),
      request.getTimeout(),
      redactor(secretsOf(resource, outputs)),
      (operation) => resource.delete({ id: request.getId(), outputs }, operation),
    );
    return new Empty();
  }

  private async invoke(request: rpc.InvokeRequest): Promise<rpc.InvokeResponse> {
    const called = this.function(request.getTok());
    const { inputs, failures } = checkInputs(called.inputs, fromStruct(request.getArgs()));
    if (failures.length > 0) return new rpc.InvokeResponse().setFailuresList(failures.map(checkFailure));
    const outputs = await this.during("", 0, redactor(inputs), (operation) =>
      called.invoke(inputs, operation),
    );
    return new rpc.InvokeResponse().setReturn(toStruct(marked(called, inputs, outputs)));
  }

  /** Runs one operation: with its log, its end by Cancel or time limit, and without secrets in what it reports. */
  private async during<T>(
    urn: string,
    timeoutSeconds: number,
    redact: (text: string) => string,
    work: (operation: Operation) => Promise<T> | T,
  ): Promise<T> {
    const signals = [this.cancelled.signal];
    if (timeoutSeconds > 0) signals.push(AbortSignal.timeout(timeoutSeconds * 1000));
    const operation: Operation = {
      urn,
      name: urn.slice(urn.lastIndexOf("::") + 2),
      signal: AbortSignal.any(signals),
      log: (level, message) => this.engine.log(level, urn, redact(message), false),
      status: (message) => this.engine.log("info", urn, redact(message), true),
      redact,
    };
    const working = Promise.resolve().then(() => work(operation));
    this.running.add(working);
    try {
      return await working;
    } catch (error) {
      const told = (failure: unknown): unknown =>
        withoutSecrets(isAbort(failure) ? stopReason(operation.signal) : failure, redact);
      throw error instanceof NotReady ? new NotReady(told(error.failure), error.outputs) : told(error);
    } finally {
      this.running.delete(working);
      await this.engine.flush();
    }
  }

  private resource(urn: string): ResourceType {
    const token = typeOf(urn);
    const resource = Object.hasOwn(this.provider.resources, token)
      ? this.provider.resources[token]
      : undefined;
    if (resource === undefined) throw this.notHere(token, "resource");
    return resource;
  }

  private function(token: string): FunctionType {
    const called = Object.hasOwn(this.provider.functions, token) ? this.provider.functions[token] : undefined;
    if (called === undefined) throw this.notHere(token, "function");
    return called;
  }

  private notHere(token: string, kind: string): UserError {
    const { name, version, unsupported, resources, functions } = this.provider;
    const known = Object.keys(kind === "resource" ? resources : functions);
    return unsupported.includes(token)
      ? new UserError(
          `${token} is not supported by vmcluster's own ${name} provider`,
          `it has ${known.length === 0 ? `no ${kind}s` : known.join(", ")}`,
          `install Pulumi's: pulumi plugin install resource ${name} ${version}`,
        )
      : new UserError(`${token} is no ${kind} of the ${name} provider`, `there are ${known.join(", ")}`);
  }
}

/** The resource's own type: URNs list its parents' before it. */
function typeOf(urn: string): string {
  const types = urn.split("::")[2] ?? "";
  return types.slice(types.lastIndexOf("$") + 1);
}

function autonaming(request: rpc.CheckRequest): Autonaming {
  const urn = request.getUrn();
  const options = request.getAutonaming();
  const modes = rpc.CheckRequest.AutonamingOptions.Mode;
  const mode = options?.getMode();
  return {
    resourceName: urn.slice(urn.lastIndexOf("::") + 2),
    randomSeed: request.getRandomseed_asU8(),
    mode:
      mode === undefined
        ? "random"
        : mode === modes.DISABLE
          ? "disable"
          : mode === modes.ENFORCE
            ? "enforce"
            : "propose",
    proposed: options?.getProposedName() ?? "",
  };
}

function checkFailure({ property, reason }: CheckFailure): rpc.CheckFailure {
  return new rpc.CheckFailure().setProperty(property).setReason(reason);
}

function checkResponse(inputs: PropertyMap, failures: readonly CheckFailure[]): rpc.CheckResponse {
  return new rpc.CheckResponse().setInputs(toStruct(inputs)).setFailuresList(failures.map(checkFailure));
}

function diffResponse(changes: readonly Change[], deleteBeforeReplace: boolean): rpc.DiffResponse {
  const kinds = rpc.PropertyDiff.Kind;
  const response = new rpc.DiffResponse()
    .setChanges(
      changes.length > 0 ? rpc.DiffResponse.DiffChanges.DIFF_SOME : rpc.DiffResponse.DiffChanges.DIFF_NONE,
    )
    .setHasdetaileddiff(true);
  const detailed = response.getDetaileddiffMap();
  const top = (path: string): string => path.split(/[.[]/, 1)[0] as string;
  for (const { path, kind, replaces } of changes) {
    const plain = { add: kinds.ADD, delete: kinds.DELETE, update: kinds.UPDATE }[kind];
    const replacing = { add: kinds.ADD_REPLACE, delete: kinds.DELETE_REPLACE, update: kinds.UPDATE_REPLACE }[
      kind
    ];
    detailed.set(path, new rpc.PropertyDiff().setKind(replaces ? replacing : plain).setInputdiff(true));
  }
  response.setDiffsList([...new Set(changes.map(({ path }) => top(path)))]);
  const replaces = [...new Set(changes.filter((change) => change.replaces).map(({ path }) => top(path)))];
  response.setReplacesList(replaces);
  response.setDeletebeforereplace(replaces.length > 0 && deleteBeforeReplace);
  return response;
}

/** By name: errors of node's own modules need not be of this realm's `Error`. */
function isAbort(error: unknown): boolean {
  const { name } = error as { name?: unknown };
  return name === "AbortError" || name === "TimeoutError";
}

function stopReason(signal: AbortSignal): unknown {
  return isAbort(signal.reason)
    ? new UserError("stopped: its time limit (customTimeouts) is over")
    : signal.reason;
}

function withoutSecrets(error: unknown, redact: (text: string) => string): unknown {
  const thrown = error as { message?: unknown; stack?: unknown };
  if (typeof thrown?.message !== "string") return new Error(redact(String(error)));
  thrown.message = redact(thrown.message);
  if (typeof thrown.stack === "string") thrown.stack = redact(thrown.stack);
  return error;
}

/** What a user can mend is shown as its message; anything else is our own bug and shows where it was. */
function grpcError(error: unknown): Partial<ServiceError> {
  if (error instanceof InitFailure) return error.status;
  const { message, stack } = error as Error;
  const details = error instanceof UserError ? message : (stack ?? message);
  return { code: grpcStatus.UNKNOWN, details, message: details };
}

/**
 * What repeats a secret input is a secret output. As Pulumi's engine does it for providers that know no secrets
 * (annotateSecrets in pulumi/pulumi: sdk/go/common/resource/plugin/provider_plugin.go).
 */
function withSecretsOf(inputs: PropertyMap, outputs: PropertyMap): PropertyMap {
  const marked = Object.entries(outputs).map(([key, output]): [string, PropertyValue] => {
    const input = inputs[key];
    if (input === undefined || output instanceof Secret || !containsSecret(input)) return [key, output];
    if (isPropertyMap(input) && isPropertyMap(output)) return [key, withSecretsOf(input, output)];
    return [key, new Secret(output)];
  });
  return Object.fromEntries(marked);
}

/**
 * Outputs with all marked that secret inputs went into: those of the same names, those that the type says are made of them, and
 * those in which their text is found.
 */
function marked(
  type: Pick<ResourceType, "secretOutputs" | "secrets">,
  inputs: PropertyMap,
  outputs: PropertyMap,
  olds: PropertyMap = {},
): PropertyMap {
  const named = withSecretsOf(inputs, outputs);
  const made = new Set(type.secretOutputs?.(inputs, olds));
  const texts = secretTexts(type.secrets?.(inputs) ?? inputs);
  return Object.fromEntries(
    Object.entries(named).map(([key, output]): [string, PropertyValue] => {
      if (output instanceof Secret) return [key, output];
      // What is plain as an input is plain as an output.
      const repeats = inputs[key] !== undefined && isDeepStrictEqual(inputs[key], output);
      return [key, made.has(key) || (!repeats && holds(output, texts)) ? new Secret(output) : output];
    }),
  );
}

function holds(output: PropertyValue, texts: readonly string[]): boolean {
  if (typeof output === "string") return texts.some((text) => output.includes(text));
  if (Array.isArray(output)) return output.some((item) => holds(item, texts));
  return isPropertyMap(output) && Object.values(output).some((item) => holds(item, texts));
}

/** What is never to be shown of a resource. */
const secretsOf = (resource: ResourceType, inputs: PropertyMap): PropertyMap =>
  resource.secrets?.(inputs) ?? inputs;
