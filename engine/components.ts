/**
 * Components that a provider constructs in its own process, and their methods: the provider registers the children with
 * the same monitor. Specified by the remote part of RegisterResource and by Call in pkg/resource/deploy/source_eval.go, and by
 * Construct and Call in sdk/go/common/resource/plugin/provider_plugin.go.
 */
import { CallRequest, ConstructRequest } from "@pulumi/pulumi/proto/provider_pb";
import type { ResourceCallRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { Executor } from "./executor";
import type { RegisterResult } from "./goal";
import { messageOf } from "./grpc";
import type { CallResult, Provider } from "./provider";
import type { ProviderRegistry } from "./providerRegistry";
import type { Registration } from "./registration";
import type { ResolvedConfig } from "./stackConfig";
import { outputDependencies, type PropertyMap } from "./values";

export interface ComponentOptions {
  readonly stack: string;
  readonly project: string;
  readonly preview: boolean;
  readonly parallel: number;
  readonly config: ResolvedConfig;
  /** Of the monitor, for the provider to register children with. */
  readonly address: string;
  readonly executor: Executor;
  readonly registry: ProviderRegistry;
}

type Dependencies = Readonly<Record<string, readonly string[]>>;

export interface Constructed extends RegisterResult {
  readonly outputs: PropertyMap;
  /** URNs by output. */
  readonly dependencies: Dependencies;
}

export class Components {
  constructor(private readonly options: ComponentOptions) {}

  async construct({ goal, inputs, options, providers }: Registration): Promise<Constructed> {
    const { executor, registry } = this.options;
    const cause = executor.cannotBegin(goal);
    if (cause !== undefined) return { ...cause, outputs: {}, dependencies: {} };
    const provider = registry.get(goal.provider);
    if (provider === undefined) throw new Error(`unknown provider ${goal.provider}`);
    const message = this.about(new ConstructRequest());
    message.setConfigsecretkeysList([...this.options.config.secretKeys]);
    message.setOrganization("organization");
    message.setType(goal.type);
    message.setName(goal.name);
    message.setParent(goal.parent);
    for (const [key, urns] of Object.entries(goal.propertyDependencies)) {
      const dependencies = new ConstructRequest.PropertyDependencies();
      dependencies.setUrnsList([...urns]);
      message.getInputdependenciesMap().set(key, dependencies);
    }
    for (const [pkg, reference] of providers) message.getProvidersMap().set(pkg, reference);
    message.setDependenciesList([...goal.dependencies]);
    if (goal.protect !== undefined) message.setProtect(goal.protect);
    message.setAliasesList(options.getAliasesList());
    message.setAdditionalsecretoutputsList([...goal.additionalSecretOutputs]);
    const timeouts = options.getCustomTimeouts();
    if (timeouts) {
      const copy = new ConstructRequest.CustomTimeouts();
      copy.setCreate(timeouts.getCreate());
      copy.setUpdate(timeouts.getUpdate());
      copy.setDelete(timeouts.getDelete());
      copy.setRead(timeouts.getRead());
      message.setCustomtimeouts(copy);
    }
    message.setDeletedwith(goal.deletedWith);
    message.setReplaceWithList([...goal.replaceWith]);
    if (goal.deleteBeforeReplace !== undefined) message.setDeletebeforereplace(goal.deleteBeforeReplace);
    message.setIgnorechangesList([...goal.ignoreChanges]);
    message.setReplaceonchangesList([...goal.replaceOnChanges]);
    if (goal.retainOnDelete !== undefined) message.setRetainondelete(goal.retainOnDelete);
    const trigger = options.getReplacementTrigger();
    if (trigger) message.setReplacementTrigger(trigger);
    if (Object.keys(goal.resourceHooks).length > 0) {
      const hooks = new ConstructRequest.ResourceHooksBinding();
      hooks.setBeforeCreateList([...(goal.resourceHooks.BeforeCreate ?? [])]);
      hooks.setAfterCreateList([...(goal.resourceHooks.AfterCreate ?? [])]);
      hooks.setBeforeUpdateList([...(goal.resourceHooks.BeforeUpdate ?? [])]);
      hooks.setAfterUpdateList([...(goal.resourceHooks.AfterUpdate ?? [])]);
      hooks.setBeforeDeleteList([...(goal.resourceHooks.BeforeDelete ?? [])]);
      hooks.setAfterDeleteList([...(goal.resourceHooks.AfterDelete ?? [])]);
      message.setResourceHooks(hooks);
    }
    try {
      const { urn, outputs, dependencies } = await provider.construct(message, inputs);
      return {
        urn,
        state: undefined,
        result: "success",
        outputs,
        dependencies: withCarried(outputs, dependencies),
      };
    } catch (error) {
      const failed = executor.refuse(goal, messageOf(error));
      return { ...failed, outputs: {}, dependencies: {} };
    }
  }

  async call(provider: Provider, request: ResourceCallRequest): Promise<CallResult> {
    const message = this.about(new CallRequest());
    message.setTok(request.getTok());
    const carried: Record<string, readonly string[]> = {};
    for (const [key, value] of request.getArgdependenciesMap().entries()) carried[key] = value.getUrnsList();
    const result = await provider.call(message, request.getArgs(), carried);
    return { ...result, dependencies: withCarried(result.returned, result.dependencies) };
  }

  /** Named, or the one of the component whose method it is; empty for the package's default. */
  providerOfCall(request: ResourceCallRequest, providerOf: (urn: string) => string | undefined): string {
    const args = request.getArgs()?.toJavaScript() ?? {};
    const self = args.__self__ as { urn?: unknown; id?: unknown } | undefined;
    if (request.getTok().startsWith("pulumi:providers:")) {
      if (typeof self?.urn !== "string" || typeof self.id !== "string")
        throw new Error("a method of a provider needs __self__ with urn and id");
      return `${self.urn}::${self.id}`;
    }
    if (request.getProvider() !== "") return request.getProvider();
    return typeof self?.urn === "string" ? (providerOf(self.urn) ?? "") : "";
  }

  /** What both calls tell of the run. */
  private about<Message extends ConstructRequest | CallRequest>(message: Message): Message {
    const { project, stack, preview, parallel, config, address } = this.options;
    message.setProject(project);
    message.setStack(stack);
    message.setDryrun(preview);
    message.setParallel(parallel);
    message.setMonitorendpoint(address);
    message.setAcceptsOutputValues(true);
    for (const [key, value] of config.values) message.getConfigMap().set(key, value);
    return message;
  }
}

/** With those that output values carry. */
function withCarried(values: PropertyMap, told: Dependencies): Dependencies {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      const urns = new Set(told[key]);
      outputDependencies(value, urns);
      return [key, [...urns]];
    }),
  );
}
