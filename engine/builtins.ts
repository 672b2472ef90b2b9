/**
 * The engine's own provider, package `pulumi`: stack references, stashes and the lookup of resources that values refer to.
 * Specified by pkg/resource/deploy/builtins.go.
 */
import { randomUUID } from "node:crypto";
import type {
  CallResult,
  CheckRequest,
  CheckResult,
  ConstructResult,
  CreateRequest,
  DiffRequest,
  DiffResult,
  Made,
  Provider,
  ReadRequest,
  ReadResult,
  UpdateRequest,
} from "./provider";
import type { ResourceState } from "./resourceState";
import { parseUrn } from "./urn";
import { hasSecrets, type PropertyMap, sameValue } from "./values";

const stackReferenceType = "pulumi:pulumi:StackReference";
/** A value that is kept in the state. */
const stashType = "pulumi:index:Stash";

function typeOf(urn: string): string {
  return parseUrn(urn).type;
}

export class Builtins implements Provider {
  /**
   * @param lookup a resource of this run or of the state
   * @param stackOutputs outputs of another stack by its name, `stack` or `organization/project/stack`
   */
  constructor(
    private readonly lookup: (urn: string) => ResourceState | undefined,
    private readonly stackOutputs: (name: string) => Promise<PropertyMap>,
  ) {}

  async check({ urn, news }: CheckRequest): Promise<CheckResult> {
    if (typeOf(urn) !== stashType)
      throw new Error(`resources of type ${typeOf(urn)} can only be read by the embedded engine`);
    const failures = Object.keys(news)
      .filter((property) => property !== "input")
      .map((property) => ({ property, reason: `unknown property ${JSON.stringify(property)}` }));
    if (news.input === undefined)
      failures.push({ property: "input", reason: 'missing required property "input"' });
    return { inputs: news, failures };
  }

  async diff({ oldInputs, newInputs }: DiffRequest): Promise<DiffResult> {
    const same = sameValue(oldInputs.input, newInputs.input);
    return {
      changes: same ? "none" : "some",
      replaceKeys: [],
      changedKeys: same ? [] : ["input"],
      stableKeys: [],
      deleteBeforeReplace: false,
    };
  }

  async create({ inputs: { input = null }, preview }: CreateRequest): Promise<Made> {
    // In a preview it has no id yet.
    return { id: preview ? "" : randomUUID(), outputs: { input, output: input }, refreshBeforeUpdate: false };
  }

  /** A stash keeps the value that it was made with. */
  async update({ newInputs, oldOutputs }: UpdateRequest): Promise<Omit<Made, "id">> {
    const { input = null } = newInputs;
    return { outputs: { input, output: oldOutputs.output ?? null }, refreshBeforeUpdate: false };
  }

  async delete(): Promise<void> {
    // Nothing exists outside of the state.
  }

  async read(request: ReadRequest): Promise<ReadResult> {
    const type = typeOf(request.urn);
    if (type === stashType) {
      if (Object.keys(request.inputs).length === 0) throw new Error("a stash cannot be imported");
      return { id: request.id, inputs: request.inputs, outputs: request.outputs };
    }
    if (type !== stackReferenceType) throw new Error(`unrecognized resource type of ${request.urn}`);
    const { name } = request.inputs;
    if (typeof name !== "string") throw new Error("StackReference: the name of the stack must be known text");
    return { id: name, inputs: request.inputs, outputs: await this.readStack(name) };
  }

  /** An output with a secret anywhere in it is named as a secret one: the SDK makes all of it secret. */
  private async readStack(name: string): Promise<PropertyMap> {
    const outputs = await this.stackOutputs(name);
    const secretOutputNames = Object.keys(outputs).filter((key) => hasSecrets(outputs[key] ?? null));
    return { name, outputs, secretOutputNames: secretOutputNames.sort() };
  }

  async invoke(token: string, args: PropertyMap): Promise<CheckResult> {
    if (token === "pulumi:pulumi:readStackOutputs" && typeof args.name === "string")
      return { inputs: await this.readStack(args.name), failures: [] };
    if (token !== "pulumi:pulumi:getResource")
      throw new Error(`the function ${token} is not supported by the embedded engine`);
    const { urn } = args;
    if (typeof urn !== "string") throw new Error("getResource: urn must be known text");
    const state = this.lookup(urn);
    if (state === undefined) throw new Error(`unknown resource ${urn}`);
    return {
      inputs: { urn, id: state.id, state: state.outputs },
      failures: [],
    };
  }

  async construct(): Promise<ConstructResult> {
    throw new Error("the package pulumi has no components");
  }

  async call(): Promise<CallResult> {
    throw new Error("the package pulumi has no components");
  }
}
