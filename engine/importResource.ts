/**
 * Takes resources that exist into the state, without the program, as `pulumi import` does. Specified by
 * pkg/resource/deploy/import.go.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { UserError } from "../host/userError";
import { DefaultProviders } from "./defaultProviders";
import type { Executor } from "./executor";
import { emptyGoal } from "./goal";
import type { ProviderRegistry } from "./providerRegistry";
import type { ResourceState } from "./resourceState";
import type { ResolvedConfig } from "./stackConfig";
import { isDefaultProvider, isProviderType, makeUrn, packageOf, providerType, rootStackType } from "./urn";

/** One resource to take over. */
export interface ImportRequest {
  readonly type: string;
  readonly name: string;
  /** Undefined for an empty component. */
  readonly id: string | undefined;
  readonly protect: boolean;
  /** URN; by default the stack. It may be of another request. */
  readonly parent?: string;
  /** URN; by default the package's default provider. */
  readonly provider?: string;
  /** Inputs to keep of those that are read. Default all. */
  readonly properties?: readonly string[];
  /** Of the package, where its default provider is not in the state. */
  readonly version?: string;
}

export interface ImportContext {
  readonly project: string;
  readonly programDir: string;
  readonly stack: string;
  readonly config: ResolvedConfig;
  readonly registry: ProviderRegistry;
  readonly base: readonly ResourceState[];
}

export async function importResources(
  executor: Executor,
  context: ImportContext,
  requests: readonly ImportRequest[],
): Promise<void> {
  await executor.keepAll();
  const root = context.base.find(({ type, parent }) => type === rootStackType && parent === "")?.urn;
  const stack = root ?? (await registerStack(executor, context));
  const providers = new Providers(executor, context);
  const urnOf = ({ type, name, parent }: ImportRequest): string =>
    makeUrn(context.stack, context.project, parent ?? stack, type, name);
  const waiting = new Map(requests.map((request) => [urnOf(request), request]));
  if (waiting.size < requests.length) throw new UserError("the same resource is to be imported twice");
  // Each before its children.
  while (waiting.size > 0) {
    const next = [...waiting].filter(([, { parent }]) => parent === undefined || !waiting.has(parent));
    if (next.length === 0) throw new UserError("resources to import are parents of each other");
    for (const [urn] of next) waiting.delete(urn);
    await Promise.all(next.map(([, request]) => importOne(executor, stack, providers, request)));
  }
}

async function registerStack(executor: Executor, { project, stack }: ImportContext): Promise<string> {
  const { urn } = await executor.register({ ...emptyGoal, type: rootStackType, name: `${project}-${stack}` });
  return urn;
}

async function importOne(
  executor: Executor,
  stack: string,
  providers: Providers,
  { type, name, id, protect, parent, provider, properties, version }: ImportRequest,
): Promise<void> {
  const goal = { ...emptyGoal, type, name, parent: parent ?? stack, protect };
  if (parent !== undefined && executor.lookup(parent) === undefined)
    throw new UserError(`the parent ${parent} is neither in the state nor imported`);
  if (id === undefined) await executor.register(goal);
  else
    await executor.register({
      ...goal,
      custom: true,
      provider: await (provider === undefined
        ? providers.default(type, version ?? "")
        : providers.named(provider)),
      importId: id,
      imported: { properties: properties ?? [] },
    });
}

/** Version of the package that the program has installed, whose default provider its resources will have. */
function sdkVersion(pkg: string, programDir: string): string {
  try {
    const file = createRequire(join(programDir, "package.json")).resolve(`@pulumi/${pkg}/package.json`);
    return (JSON.parse(readFileSync(file, "utf8")) as { version?: string }).version ?? "";
  } catch {
    return "";
  }
}

/** References of the providers that import. */
class Providers {
  private readonly defaults: DefaultProviders;

  constructor(
    executor: Executor,
    private readonly context: ImportContext,
  ) {
    this.defaults = new DefaultProviders(context.config, executor);
  }

  named(urn: string): Promise<string> {
    const state = this.context.base.find((state) => state.urn === urn && !state.delete);
    if (state === undefined || !isProviderType(state.type))
      throw new UserError(`the provider ${urn} is not in the state`);
    return this.existing(state);
  }

  /** The one that the program's resources have, if there are any. */
  default(type: string, version: string): Promise<string> {
    const pkg = packageOf(type);
    const known = this.context.base.find(
      (state) =>
        state.type === providerType(pkg) &&
        !state.delete &&
        isDefaultProvider(state.urn) &&
        (version === "" || state.inputs.version === version),
    );
    if (known !== undefined) return this.existing(known);
    return this.defaults.get(pkg, version || sdkVersion(pkg, this.context.programDir), "");
  }

  private async existing({ urn, id }: ResourceState): Promise<string> {
    const reference = `${urn}::${id}`;
    await this.context.registry.ensure(reference, this.context.base);
    return reference;
  }
}
