/**
 * The providers of one operation: provider resources are checked, diffed and created like others, and creating one
 * means starting and configuring its process. Specified by pkg/resource/deploy/providers/registry.go.
 */
import { randomUUID } from "node:crypto";
import type { PluginHost, PluginProcess, PluginStart } from "./plugins";
import type {
  CallResult,
  CheckRequest,
  CheckResult,
  ConstructResult,
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  DiffResult,
  Made,
  Provider,
  ReadResult,
  UpdateRequest,
} from "./provider";
import { configurationKey, ProviderClient } from "./providerClient";
import type { ResourceState } from "./resourceState";
import { isProviderType, parseProviderReference, parseUrn, providerPackage, unknownProviderId } from "./urn";
import { isMap, type PropertyMap, sameValue } from "./values";

/** The engine's own part of a provider's inputs; the provider does not see it. */
const internalKey = "__internal";

/** Package whose provider is the engine itself. */
const builtinPackage = "pulumi";

export class ProviderRegistry implements Provider {
  /** By `<urn>::<id>`. */
  private readonly configured = new Map<string, Provider>();
  /** Checked, but not created, updated or found unchanged yet. By URN. */
  private readonly checked = new Map<string, Provider>();
  private readonly loading = new Map<string, Promise<Provider>>();
  private readonly taken = new Map<PluginProcess, string | undefined>();

  constructor(
    private readonly plugins: PluginHost,
    private readonly start: PluginStart,
    private readonly preview: boolean,
    private readonly builtins: Provider,
  ) {}

  /** Starts the processes that providers in the state will need, while the program starts. */
  prelaunch(states: readonly ResourceState[]): void {
    const wanted = new Map<string, { name: string; version: string | undefined; count: number }>();
    for (const state of states) {
      if (!isProviderType(state.type) || state.delete) continue;
      const name = providerPackage(state.type);
      if (name === builtinPackage) continue;
      const version = versionOf(state.inputs);
      const entry = wanted.get(`${name}@${version}`) ?? { name, version, count: 0 };
      entry.count++;
      wanted.set(`${name}@${version}`, entry);
    }
    for (const { name, version, count } of wanted.values())
      for (let missing = count - this.plugins.idleCount(name, version); missing > 0; missing--)
        this.plugins.prelaunch(name, version, this.start);
  }

  /** The configured provider that a resource names; undefined if it was not registered in this operation. */
  get(reference: string): Provider | undefined {
    return this.configured.get(reference);
  }

  /** As {@link get}, and else configured from the state: resources of providers that the program dropped. */
  async ensure(reference: string, states: readonly ResourceState[]): Promise<Provider> {
    const known = this.configured.get(reference);
    if (known) return known;
    const loading = this.loading.get(reference);
    if (loading) return loading;
    const load = this.load(reference, states);
    this.loading.set(reference, load);
    try {
      return await load;
    } finally {
      this.loading.delete(reference);
    }
  }

  private async load(reference: string, states: readonly ResourceState[]): Promise<Provider> {
    const { urn, id } = parseProviderReference(reference);
    const state = states.find((state) => state.urn === urn && state.id === id);
    if (state === undefined)
      throw new Error(`the provider ${reference} is neither in the state nor in the program`);
    const provider = await this.launch(urn, config(state.inputs));
    this.configure(provider, urn, id, state.inputs);
    return this.keep(reference, provider);
  }

  private keep(reference: string, provider: Provider): Provider {
    const other = this.configured.get(reference);
    if (other) return other;
    this.configured.set(reference, provider);
    return provider;
  }

  private async launch(urn: string, inputs: PropertyMap): Promise<Provider> {
    const name = providerPackage(parseUrn(urn).type);
    if (name === builtinPackage) return this.builtins;
    const version = versionOf(inputs);
    const process = await this.plugins.take(name, version, configurationKey(inputs), this.start);
    this.taken.set(process, version);
    const client = new ProviderClient(process, this.preview);
    client.greet(this.start.address);
    return client;
  }

  private configure(provider: Provider, urn: string, id: string, inputs: PropertyMap): void {
    if (provider instanceof ProviderClient) provider.configure(urn, id, config(inputs));
  }

  async check(request: CheckRequest): Promise<CheckResult> {
    const { urn, olds, news } = request;
    if (isMap(news[internalKey]) && "parameterization" in news[internalKey])
      return {
        inputs: news,
        failures: [
          { property: "", reason: "parameterized providers are not supported by the embedded engine" },
        ],
      };
    const provider = await this.launch(urn, config(news));
    if (!(provider instanceof ProviderClient)) {
      this.checked.set(urn, provider);
      return { inputs: news, failures: [] };
    }
    const { inputs, failures } = await provider.checkConfig(urn, config(olds), config(news));
    this.checked.set(urn, provider);
    const version = news.version;
    if (version !== undefined && inputs.version !== undefined && !sameValue(version, inputs.version))
      throw new Error(`provider ${urn} attempted to change its version`);
    return {
      inputs: {
        ...inputs,
        ...(version === undefined ? {} : { version }),
        ...(news[internalKey] === undefined ? {} : { [internalKey]: news[internalKey] }),
      },
      failures,
    };
  }

  async diff(request: DiffRequest): Promise<DiffResult> {
    const provider = this.checked.get(request.urn) ?? this.configured.get(`${request.urn}::${request.id}`);
    const unchanged = sameValue(config(request.oldInputs), config(request.newInputs));
    const plain = (changes: "none" | "some"): DiffResult => ({
      changes,
      replaceKeys: [],
      changedKeys: [],
      stableKeys: [],
      deleteBeforeReplace: false,
    });
    if (!(provider instanceof ProviderClient)) return plain(unchanged ? "none" : "some");
    const diff = await provider.diffConfig(
      request.urn,
      config(request.oldInputs),
      request.oldOutputs,
      config(request.newInputs),
    );
    if (diff.changes !== "unknown") return diff;
    return plain(sameValue(request.oldOutputs, config(request.newInputs)) ? "none" : "some");
  }

  async create(request: CreateRequest): Promise<Made> {
    const provider =
      this.checked.get(request.urn) ?? (await this.launch(request.urn, config(request.inputs)));
    this.checked.delete(request.urn);
    const id = request.preview ? unknownProviderId : randomUUID();
    const inputs = config(request.inputs);
    this.configure(provider, request.urn, id, inputs);
    this.configured.set(`${request.urn}::${id}`, provider);
    return { id, outputs: inputs, refreshBeforeUpdate: false };
  }

  async update(request: UpdateRequest): Promise<Omit<Made, "id">> {
    const provider =
      this.checked.get(request.urn) ?? (await this.launch(request.urn, config(request.newInputs)));
    this.checked.delete(request.urn);
    const inputs = config(request.newInputs);
    this.configure(provider, request.urn, request.id, inputs);
    this.configured.set(`${request.urn}::${request.id}`, provider);
    return { outputs: inputs, refreshBeforeUpdate: false };
  }

  /** The provider's configuration did not change: it is configured as it was. */
  async same(state: ResourceState, oldInputs: PropertyMap): Promise<void> {
    const reference = `${state.urn}::${state.id}`;
    if (this.configured.has(reference)) return;
    const checked = this.checked.get(state.urn);
    this.checked.delete(state.urn);
    const provider = checked ?? (await this.launch(state.urn, config(oldInputs)));
    this.configure(provider, state.urn, state.id, oldInputs);
    this.keep(reference, provider);
  }

  async delete(request: DeleteRequest): Promise<void> {
    this.configured.delete(`${request.urn}::${request.id}`);
  }

  async read(): Promise<ReadResult> {
    throw new Error("provider resources may not be read");
  }

  async invoke(): Promise<CheckResult> {
    throw new Error("provider resources have no functions");
  }

  async construct(): Promise<ConstructResult> {
    throw new Error("provider resources construct no components");
  }

  async call(): Promise<CallResult> {
    throw new Error("provider resources construct no components");
  }

  /** Gives the processes back to the host. */
  release(): void {
    for (const [process, version] of this.taken) this.plugins.release(process, version);
    this.taken.clear();
  }
}

function config(inputs: PropertyMap): PropertyMap {
  const { [internalKey]: _, ...rest } = inputs;
  return rest;
}

function versionOf(inputs: PropertyMap): string | undefined {
  return typeof inputs.version === "string" && inputs.version !== "" ? inputs.version : undefined;
}
