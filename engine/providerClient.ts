/**
 * One provider process over gRPC (pulumi/provider.proto). Follows sdk/go/common/resource/plugin/provider_plugin.go:
 * which special values it is sent, what happens while its configuration holds unknowns, secrets that a provider
 * without secrets gives back, and the details of errors.
 */
import type { ServiceError } from "@grpc/grpc-js";
import {
  CallRequest,
  type CallResponse,
  CheckRequest as CheckMessage,
  type CheckResponse,
  ConfigureRequest,
  type ConfigureResponse,
  type ConstructRequest,
  type ConstructResponse,
  CreateRequest as CreateMessage,
  type CreateResponse,
  DeleteRequest as DeleteMessage,
  DiffRequest as DiffMessage,
  DiffResponse,
  InvokeRequest,
  type InvokeResponse,
  PropertyDiff,
  ProviderHandshakeRequest,
  type ProviderHandshakeResponse,
  ReadRequest as ReadMessage,
  type ReadResponse,
  UpdateRequest as UpdateMessage,
  type UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { initFailure, isUnimplemented, messageOf } from "./grpc";
import type { PluginProcess, Protocol } from "./plugins";
import {
  type CallResult,
  type CheckRequest,
  type CheckResult,
  type ConstructResult,
  type CreateRequest,
  type DeleteRequest,
  type DiffKind,
  type DiffRequest,
  type DiffResult,
  InitError,
  type Made,
  noDiff,
  type Provider,
  type ReadRequest,
  type ReadResult,
  type UpdateRequest,
} from "./provider";
import { parseUrn, providerPackage } from "./urn";
import {
  fromStruct,
  hasSecrets,
  hasUnknowns,
  isMap,
  outputDependencies,
  type PropertyMap,
  record,
  Secret,
  toPlain,
  toStruct,
  toWire,
  type WireOptions,
} from "./values";

const everything: WireOptions = { keepUnknowns: true, keepSecrets: true, keepResources: true };
/** What a provider that is not configured yet is told. */
const plainly: WireOptions = { keepUnknowns: true, keepSecrets: false, keepResources: false };

const kinds: Readonly<Record<number, DiffKind>> = {
  [PropertyDiff.Kind.ADD]: "add",
  [PropertyDiff.Kind.ADD_REPLACE]: "add-replace",
  [PropertyDiff.Kind.DELETE]: "delete",
  [PropertyDiff.Kind.DELETE_REPLACE]: "delete-replace",
  [PropertyDiff.Kind.UPDATE]: "update",
  [PropertyDiff.Kind.UPDATE_REPLACE]: "update-replace",
};

/** What a process is configured with, to compare: a process takes one configuration in its life. */
export function configurationKey(inputs: PropertyMap): string {
  const sorted = (value: unknown): unknown =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? record(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, inner]) => [key, sorted(inner)] as const),
        )
      : value;
  return JSON.stringify(sorted(toWire(inputs, everything)));
}

export class ProviderClient implements Provider {
  private handshake: Promise<Protocol | undefined> | undefined;
  /** Undefined until {@link configure}; resolves to undefined while the configuration holds unknowns. */
  private configured: Promise<Protocol | undefined> | undefined;

  constructor(
    readonly process: PluginProcess,
    private readonly preview: boolean,
  ) {}

  /** Tells the provider who is calling; older ones do not know this call. */
  greet(engineAddress: string): void {
    this.handshake = (async () => {
      const request = new ProviderHandshakeRequest();
      request.setEngineAddress(engineAddress);
      request.setConfigureWithUrn(true);
      try {
        const response = await this.send<ProviderHandshakeResponse>((done) =>
          this.process.client.handshake(request, done),
        );
        return {
          acceptSecrets: response.getAcceptSecrets(),
          acceptResources: response.getAcceptResources(),
          supportsPreview: true,
          acceptOutputs: response.getAcceptOutputs(),
        };
      } catch (error) {
        if (isUnimplemented(error)) return undefined;
        throw error;
      }
    })();
    // Reported by the first call that needs it.
    this.handshake.catch(() => undefined);
  }

  async checkConfig(urn: string, olds: PropertyMap, news: PropertyMap): Promise<CheckResult> {
    await this.handshake;
    const request = new CheckMessage();
    named(request, urn);
    request.setOlds(toStruct(olds, plainly));
    request.setNews(toStruct(news, plainly));
    try {
      const response = await this.send<CheckResponse>((done) =>
        this.process.client.checkConfig(request, done),
      );
      const failures = failuresOf(response.getFailuresList());
      const inputs = response.hasInputs() ? withSecretsOf(news, fromStruct(response.getInputs())) : news;
      return { inputs, failures };
    } catch (error) {
      if (isUnimplemented(error)) return { inputs: news, failures: [] };
      throw await this.explain(error);
    }
  }

  async diffConfig(
    urn: string,
    oldInputs: PropertyMap,
    oldOutputs: PropertyMap,
    newInputs: PropertyMap,
  ): Promise<DiffResult> {
    const request = new DiffMessage();
    named(request, urn);
    request.setOldInputs(toStruct(oldInputs, plainly));
    request.setOlds(toStruct(oldOutputs, plainly));
    request.setNews(toStruct(newInputs, plainly));
    try {
      return diffOf(await this.send<DiffResponse>((done) => this.process.client.diffConfig(request, done)));
    } catch (error) {
      if (isUnimplemented(error)) return { ...noDiff, changes: "unknown" };
      throw await this.explain(error);
    }
  }

  /** Does not wait: calls that need the configuration do. A process that has this configuration already keeps it. */
  configure(urn: string, id: string, inputs: PropertyMap): void {
    const known = this.process.configured;
    this.configured =
      known?.key === configurationKey(inputs)
        ? Promise.resolve(known.protocol)
        : this.startConfigure(urn, id, inputs);
    this.configured.catch(() => undefined);
  }

  private async startConfigure(urn: string, id: string, inputs: PropertyMap): Promise<Protocol | undefined> {
    if (Object.entries(inputs).some(([key, value]) => key !== "version" && hasUnknowns(value)))
      return undefined;
    const greeted = await this.handshake;
    const { type, name } = parseUrn(urn);
    const request = new ConfigureRequest();
    request.setUrn(urn);
    request.setName(name);
    request.setType(type);
    request.setId(id);
    request.setAcceptsecrets(true);
    request.setAcceptresources(true);
    request.setSendsOldInputs(true);
    request.setSendsOldInputsToDelete(true);
    request.setArgs(toStruct(inputs, everything));
    // The old form of configuration: text by `package:config:key`.
    for (const [key, value] of Object.entries(inputs)) {
      if (key === "version") continue;
      const plain = toPlain(value, { showSecrets: true }) ?? null;
      request
        .getVariablesMap()
        .set(
          `${providerPackage(type)}:config:${key}`,
          typeof plain === "string" ? plain : JSON.stringify(plain),
        );
    }
    try {
      const response = await this.send<ConfigureResponse>((done) =>
        this.process.client.configure(request, done),
      );
      const protocol = greeted ?? {
        acceptSecrets: response.getAcceptsecrets(),
        acceptResources: response.getAcceptresources(),
        supportsPreview: response.getSupportspreview(),
        acceptOutputs: response.getAcceptoutputs(),
      };
      this.process.configured = { key: configurationKey(inputs), protocol };
      return protocol;
    } catch (error) {
      throw await this.explain(error, `configuring provider ${name}: `);
    }
  }

  /** Waits until the provider can answer; rejects with why it was not configured. */
  ready(): Promise<Protocol | undefined> {
    if (this.configured === undefined)
      throw new Error(`provider ${this.process.name} is used before it is configured`);
    return this.configured;
  }

  private wire(protocol: Protocol, keepUnknowns: boolean): WireOptions {
    return { keepUnknowns, keepSecrets: protocol.acceptSecrets, keepResources: protocol.acceptResources };
  }

  async check(request: CheckRequest): Promise<CheckResult> {
    const protocol = await this.ready();
    if (protocol === undefined) return { inputs: request.news, failures: [] };
    const options = this.wire(protocol, this.preview);
    const message = new CheckMessage();
    named(message, request.urn);
    message.setOlds(toStruct(request.olds, options));
    message.setNews(toStruct(request.news, options));
    message.setRandomseed(request.randomSeed);
    try {
      const response = await this.send<CheckResponse>((done) => this.process.client.check(message, done));
      const inputs = fromStruct(response.getInputs());
      return {
        inputs: protocol.acceptSecrets ? inputs : withSecretsOf(request.news, inputs),
        failures: failuresOf(response.getFailuresList()),
      };
    } catch (error) {
      throw await this.explain(error);
    }
  }

  async diff(request: DiffRequest): Promise<DiffResult> {
    const protocol = await this.ready();
    if (protocol === undefined) return { ...noDiff, changes: "unknown" };
    // Unknowns stand for what a replacement will change, so they are sent outside of previews too.
    const options = this.wire(protocol, true);
    const message = new DiffMessage();
    named(message, request.urn);
    message.setId(request.id);
    message.setOldInputs(toStruct(request.oldInputs, options));
    message.setOlds(toStruct(request.oldOutputs, options));
    message.setNews(toStruct(request.newInputs, options));
    message.setIgnorechangesList([...request.ignoreChanges]);
    try {
      return diffOf(await this.send<DiffResponse>((done) => this.process.client.diff(message, done)));
    } catch (error) {
      throw await this.explain(error);
    }
  }

  async create(request: CreateRequest): Promise<Made> {
    const protocol = await this.ready();
    if (request.preview && protocol === undefined) return { id: "", outputs: {}, refreshBeforeUpdate: false };
    if (protocol === undefined) throw this.notKnown();
    if (request.preview && !protocol.supportsPreview)
      return { id: "", outputs: request.inputs, refreshBeforeUpdate: false };
    const message = new CreateMessage();
    named(message, request.urn);
    message.setProperties(toStruct(request.inputs, this.wire(protocol, request.preview)));
    message.setTimeout(request.timeout);
    message.setPreview(request.preview);
    try {
      const response = await this.send<CreateResponse>((done) => this.process.client.create(message, done));
      if (response.getId() === "" && !request.preview)
        throw new Error(`the provider ${this.process.name} returned no id from Create`);
      const outputs = fromStruct(response.getProperties());
      return {
        id: response.getId(),
        outputs: protocol.acceptSecrets ? outputs : withSecretsOf(request.inputs, outputs),
        refreshBeforeUpdate: response.getRefreshBeforeUpdate(),
      };
    } catch (error) {
      throw await this.explain(error);
    }
  }

  async update(request: UpdateRequest): Promise<Omit<Made, "id">> {
    const protocol = await this.ready();
    if (request.preview && (protocol === undefined || !protocol.supportsPreview))
      return { outputs: request.newInputs, refreshBeforeUpdate: false };
    if (protocol === undefined) throw this.notKnown();
    const options = this.wire(protocol, request.preview);
    const message = new UpdateMessage();
    named(message, request.urn);
    message.setId(request.id);
    message.setOldInputs(toStruct(request.oldInputs, options));
    message.setOlds(toStruct(request.oldOutputs, options));
    message.setNews(toStruct(request.newInputs, options));
    message.setIgnorechangesList([...request.ignoreChanges]);
    message.setTimeout(request.timeout);
    message.setPreview(request.preview);
    try {
      const response = await this.send<UpdateResponse>((done) => this.process.client.update(message, done));
      const outputs = fromStruct(response.getProperties());
      return {
        outputs: protocol.acceptSecrets ? outputs : withSecretsOf(request.newInputs, outputs),
        refreshBeforeUpdate: response.getRefreshBeforeUpdate(),
      };
    } catch (error) {
      throw await this.explain(error);
    }
  }

  async delete(request: DeleteRequest): Promise<void> {
    const protocol = await this.ready();
    if (protocol === undefined) throw this.notKnown();
    const options = this.wire(protocol, false);
    const message = new DeleteMessage();
    named(message, request.urn);
    message.setId(request.id);
    message.setProperties(toStruct(request.outputs, options));
    message.setOldInputs(toStruct(request.inputs, options));
    message.setTimeout(request.timeout);
    try {
      await this.send<unknown>((done) => this.process.client.delete(message, done));
    } catch (error) {
      throw await this.explain(error);
    }
  }

  async read(request: ReadRequest): Promise<ReadResult> {
    const protocol = await this.ready();
    if (protocol === undefined) return { id: request.id, inputs: undefined, outputs: {} };
    const options = this.wire(protocol, this.preview);
    const message = new ReadMessage();
    named(message, request.urn);
    message.setId(request.id);
    message.setInputs(toStruct(request.inputs, options));
    message.setProperties(toStruct(request.outputs, options));
    message.setTimeout(request.timeout);
    try {
      const response = await this.send<ReadResponse>((done) => this.process.client.read(message, done));
      const outputs = fromStruct(response.getProperties());
      const inputs = response.hasInputs() ? fromStruct(response.getInputs()) : undefined;
      const keep = (map: PropertyMap): PropertyMap =>
        protocol.acceptSecrets ? map : withSecretsOf(request.outputs, map);
      return { id: response.getId(), inputs: inputs && keep(inputs), outputs: keep(outputs) };
    } catch (error) {
      throw await this.explain(error);
    }
  }

  async invoke(token: string, args: PropertyMap, preview: boolean): Promise<CheckResult> {
    const protocol = await this.ready();
    if (protocol === undefined) return { inputs: {}, failures: [] };
    const message = new InvokeRequest();
    message.setTok(token);
    message.setArgs(toStruct(args, this.wire(protocol, false)));
    message.setPreview(preview);
    try {
      const response = await this.send<InvokeResponse>((done) => this.process.client.invoke(message, done));
      const returned = fromStruct(response.getReturn());
      const secret = hasSecrets(args) && !protocol.acceptSecrets;
      return {
        inputs: secret
          ? record(Object.entries(returned).map(([key, value]) => [key, asSecret(value)] as const))
          : returned,
        failures: failuresOf(response.getFailuresList()),
      };
    } catch (error) {
      throw await this.explain(error);
    }
  }

  async construct(request: ConstructRequest, inputs: PropertyMap): Promise<ConstructResult> {
    const protocol = await this.ready();
    if (protocol === undefined)
      throw new Error(
        `the configuration of provider ${this.process.name}, which constructs it, is not known`,
      );
    request.setInputs(toStruct(inputs, this.wireOfComponents(protocol)));
    try {
      const response = await this.send<ConstructResponse>((done) =>
        this.process.client.construct(request, done),
      );
      return {
        urn: response.getUrn(),
        outputs: fromStruct(response.getState()),
        dependencies: urnLists(response.getStatedependenciesMap()),
      };
    } catch (error) {
      throw await this.explain(error);
    }
  }

  async call(
    request: CallRequest,
    args: Struct | undefined,
    dependencies: Readonly<Record<string, readonly string[]>>,
  ): Promise<CallResult> {
    const protocol = await this.ready();
    if (protocol === undefined) return { returned: {}, dependencies: {}, failures: [] };
    const values = fromStruct(args);
    request.setArgs(toStruct(values, this.wireOfComponents(protocol)));
    for (const [key, value] of Object.entries(values)) {
      const urns = new Set(dependencies[key]);
      outputDependencies(value, urns);
      const list = new CallRequest.ArgumentDependencies();
      list.setUrnsList([...urns]);
      request.getArgdependenciesMap().set(key, list);
    }
    try {
      const response = await this.send<CallResponse>((done) => this.process.client.call(request, done));
      return {
        returned: fromStruct(response.getReturn()),
        dependencies: urnLists(response.getReturndependenciesMap()),
        failures: failuresOf(response.getFailuresList()),
      };
    } catch (error) {
      throw await this.explain(error);
    }
  }

  /** Components keep what their values depend on. */
  private wireOfComponents(protocol: Protocol): WireOptions {
    return { ...everything, keepOutputValues: protocol.acceptOutputs };
  }

  private notKnown(): Error {
    return new Error(`the configuration of provider ${this.process.name} is not known`);
  }

  private send<Response>(
    send: (done: (error: ServiceError | null, response: Response) => void) => unknown,
  ): Promise<Response> {
    return new Promise((done, reject) => {
      send((error, response) => (error ? reject(error) : done(response)));
    });
  }

  /** A crash is reported as that, not as a broken connection. */
  private async explain(error: unknown, prefix = ""): Promise<Error> {
    const failure = initFailure(error);
    if (failure)
      return new InitError(
        failure.getId(),
        fromStruct(failure.getProperties()),
        failure.hasInputs() ? fromStruct(failure.getInputs()) : undefined,
        failure.getReasonsList(),
        failure.getRefreshBeforeUpdate(),
      );
    // The connection may break a moment before the process is known to have ended.
    for (
      let wait = 0;
      wait < 10 && this.process.crash() === undefined && /UNAVAILABLE/.test(String(error));
      wait++
    )
      await new Promise((done) => setTimeout(done, 50));
    const crash = this.process.crash();
    return new Error(prefix + (crash ?? messageOf(error)));
  }
}

function named(
  message: { setUrn(urn: string): unknown; setName(name: string): unknown; setType(type: string): unknown },
  urn: string,
): void {
  const { name, type } = parseUrn(urn);
  message.setUrn(urn);
  message.setName(name);
  message.setType(type);
}

function failuresOf(
  list: readonly { getProperty(): string; getReason(): string }[],
): CheckResult["failures"] {
  return list.map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() }));
}

function diffOf(response: DiffResponse): DiffResult {
  const detailed = new Map<string, DiffKind>();
  for (const [path, diff] of response.getDetaileddiffMap().entries())
    detailed.set(path, kinds[diff.getKind()] ?? "update");
  const changes = response.getChanges();
  return {
    changes:
      changes === DiffResponse.DiffChanges.DIFF_NONE
        ? "none"
        : changes === DiffResponse.DiffChanges.DIFF_SOME
          ? "some"
          : "unknown",
    replaceKeys: response.getReplacesList(),
    changedKeys: response.getDiffsList(),
    stableKeys: response.getStablesList(),
    ...(detailed.size > 0 ? { detailed } : {}),
    deleteBeforeReplace: response.getDeletebeforereplace(),
  };
}

function asSecret(value: PropertyMap[string]): PropertyMap[string] {
  return value instanceof Secret ? value : new Secret(value);
}

/** A provider that knows no secrets gives them back plain: what went in secret stays secret. */
function withSecretsOf(inputs: PropertyMap, outputs: PropertyMap): PropertyMap {
  return record(
    Object.entries(outputs).map(([key, value]) => {
      const input = inputs[key];
      if (isMap(input) && isMap(value)) return [key, withSecretsOf(input, value)] as const;
      // Which part of a list it was is not known any more: all of it is secret.
      return [key, input !== undefined && hasSecrets(input) ? asSecret(value) : value] as const;
    }),
  );
}

/** URNs by property. */
function urnLists(map: {
  entries(): Iterable<[string, { getUrnsList(): string[] }]>;
}): Record<string, readonly string[]> {
  return record([...map.entries()].map(([key, list]) => [key, list.getUrnsList()] as const));
}
