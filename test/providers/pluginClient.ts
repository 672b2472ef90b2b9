import { ChannelCredentials, Server, ServerCredentials, type ServiceError } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Provider } from "../../providers/rpc/resource";
import { listen, type Served } from "../../providers/rpc/serve";
import { fromStruct, type PropertyMap, toStruct } from "../../providers/rpc/values";

export interface LogLine {
  readonly message: string;
  readonly urn: string;
  readonly ephemeral: boolean;
  readonly severity: number;
}

export interface DiffResult {
  readonly changed: boolean;
  readonly replaces: string[];
  readonly deleteBeforeReplace: boolean;
  /** Paths with their kinds, in order of path. */
  readonly detailed: Record<string, string>;
}

/** An engine's side of one provider: real gRPC both ways, for calls and for the log. */
export class PluginClient {
  private constructor(
    readonly client: ResourceProviderClient,
    readonly log: LogLine[],
    private readonly engine: Server,
    private readonly served: Served | undefined,
  ) {}

  /** Serves a provider in this process and connects to it. */
  static async of(provider: Provider): Promise<PluginClient> {
    const { engine, address, log } = await startEngine();
    const served = await listen(provider, address);
    return new PluginClient(connect(served.port), log, engine, served);
  }

  /** Connects to a provider that runs as a process of its own. */
  static at(port: number, log: LogLine[], engine: Server): PluginClient {
    return new PluginClient(connect(port), log, engine, undefined);
  }

  async close(): Promise<void> {
    this.client.close();
    await this.served?.close();
    this.engine.forceShutdown();
  }

  async check(
    urn: string,
    news: PropertyMap,
    olds: PropertyMap = {},
  ): Promise<{ inputs: PropertyMap; failures: string[] }> {
    const request = new rpc.CheckRequest().setUrn(urn).setNews(toStruct(news)).setOlds(toStruct(olds));
    const response = await call<rpc.CheckResponse>((done) => this.client.check(request, done));
    return { inputs: fromStruct(response.getInputs()), failures: failuresOf(response.getFailuresList()) };
  }

  /** Inputs as they pass Check; fails on a check failure. */
  async checked(urn: string, news: PropertyMap, olds: PropertyMap = {}): Promise<PropertyMap> {
    const { inputs, failures } = await this.check(urn, news, olds);
    if (failures.length > 0) throw new Error(failures.join("\n"));
    return inputs;
  }

  async configure(config: PropertyMap): Promise<void> {
    const request = new rpc.ConfigureRequest().setArgs(toStruct(config)).setAcceptsecrets(true);
    await call((done) => this.client.configure(request, done));
  }

  async checkConfig(news: PropertyMap): Promise<string[]> {
    const request = new rpc.CheckRequest().setNews(toStruct(news));
    return failuresOf(
      (await call<rpc.CheckResponse>((done) => this.client.checkConfig(request, done))).getFailuresList(),
    );
  }

  async diff(
    urn: string,
    oldInputs: PropertyMap,
    news: PropertyMap,
    olds: PropertyMap = oldInputs,
    id = "id",
  ): Promise<DiffResult> {
    const request = new rpc.DiffRequest()
      .setUrn(urn)
      .setId(id)
      .setOlds(toStruct(olds))
      .setOldInputs(toStruct(oldInputs))
      .setNews(toStruct(news));
    const response = await call<rpc.DiffResponse>((done) => this.client.diff(request, done));
    const names = Object.fromEntries(
      Object.entries(rpc.PropertyDiff.Kind).map(([name, value]) => [value, name.toLowerCase()]),
    );
    const detailed: [string, string][] = [];
    response.getDetaileddiffMap().forEach((diff, path) => {
      detailed.push([path, names[diff.getKind()] ?? "?"]);
    });
    return {
      changed: response.getChanges() === rpc.DiffResponse.DiffChanges.DIFF_SOME,
      replaces: response.getReplacesList(),
      deleteBeforeReplace: response.getDeletebeforereplace(),
      detailed: Object.fromEntries(detailed.sort(([a], [b]) => a.localeCompare(b))),
    };
  }

  async create(
    urn: string,
    inputs: PropertyMap,
    preview = false,
  ): Promise<{ id: string; outputs: PropertyMap }> {
    const request = new rpc.CreateRequest().setUrn(urn).setProperties(toStruct(inputs)).setPreview(preview);
    const response = await call<rpc.CreateResponse>((done) => this.client.create(request, done));
    return { id: response.getId(), outputs: fromStruct(response.getProperties()) };
  }

  async read(
    urn: string,
    id: string,
    inputs: PropertyMap,
    outputs: PropertyMap,
  ): Promise<{ id: string; inputs: PropertyMap; outputs: PropertyMap }> {
    const request = new rpc.ReadRequest()
      .setUrn(urn)
      .setId(id)
      .setInputs(toStruct(inputs))
      .setProperties(toStruct(outputs));
    const response = await call<rpc.ReadResponse>((done) => this.client.read(request, done));
    return {
      id: response.getId(),
      inputs: fromStruct(response.getInputs()),
      outputs: fromStruct(response.getProperties()),
    };
  }

  async update(
    urn: string,
    id: string,
    oldInputs: PropertyMap,
    olds: PropertyMap,
    news: PropertyMap,
    preview = false,
  ): Promise<PropertyMap> {
    const request = new rpc.UpdateRequest()
      .setUrn(urn)
      .setId(id)
      .setOldInputs(toStruct(oldInputs))
      .setOlds(toStruct(olds))
      .setNews(toStruct(news))
      .setPreview(preview);
    const response = await call<rpc.UpdateResponse>((done) => this.client.update(request, done));
    return fromStruct(response.getProperties());
  }

  async delete(urn: string, id: string, outputs: PropertyMap): Promise<void> {
    const request = new rpc.DeleteRequest().setUrn(urn).setId(id).setProperties(toStruct(outputs));
    await call((done) => this.client.delete(request, done));
  }

  async invoke(token: string, args: PropertyMap): Promise<PropertyMap> {
    const request = new rpc.InvokeRequest().setTok(token).setArgs(toStruct(args));
    const response = await call<rpc.InvokeResponse>((done) => this.client.invoke(request, done));
    const failures = failuresOf(response.getFailuresList());
    if (failures.length > 0) throw new Error(failures.join("\n"));
    return fromStruct(response.getReturn());
  }

  async schema(): Promise<{ resources: Record<string, { inputProperties: Record<string, unknown> }> }> {
    const response = await call<rpc.GetSchemaResponse>((done) =>
      this.client.getSchema(new rpc.GetSchemaRequest(), done),
    );
    return JSON.parse(response.getSchema());
  }

  async cancel(): Promise<void> {
    await call((done) => this.client.cancel(new Empty(), done));
  }
}

export function connect(port: number): ResourceProviderClient {
  return new ResourceProviderClient(`127.0.0.1:${port}`, ChannelCredentials.createInsecure());
}

/** An engine that takes log messages and nothing else. */
export async function startEngine(): Promise<{ engine: Server; address: string; log: LogLine[] }> {
  const log: LogLine[] = [];
  const engine = new Server();
  engine.addService(EngineService, {
    log: (call: { request: LogRequest }, callback: (error: null, value: Empty) => void) => {
      log.push({
        message: call.request.getMessage(),
        urn: call.request.getUrn(),
        ephemeral: call.request.getEphemeral(),
        severity: call.request.getSeverity(),
      });
      callback(null, new Empty());
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    engine.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { engine, address: `127.0.0.1:${port}`, log };
}

export function call<Response>(
  start: (done: (error: ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    start((error, response) => (error ? reject(new Error(error.details)) : resolve(response)));
  });
}

function failuresOf(failures: rpc.CheckFailure[]): string[] {
  return failures.map((failure) => `${failure.getProperty()}: ${failure.getReason()}`);
}

export function urn(type: string, name: string): string {
  return `urn:pulumi:dev::test::${type}::${name}`;
}
