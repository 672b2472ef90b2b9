/**
 * The engine's own provider, package `pulumi`: stack references and the lookup of resources that values refer to.
 * Specified by pkg/resource/deploy/builtins.go.
 */
import type {
  CallResult,
  CheckResult,
  ConstructResult,
  DiffResult,
  Made,
  Provider,
  ReadRequest,
  ReadResult,
} from "./provider";
import type { ResourceState } from "./resourceState";
import { type PropertyMap, Secret } from "./values";

export const stackReferenceType = "pulumi:pulumi:StackReference";

export class Builtins implements Provider {
  /**
   * @param lookup a resource of this run or of the state
   * @param stackOutputs outputs of another stack by its name, `stack` or `organization/project/stack`
   */
  constructor(
    private readonly lookup: (urn: string) => ResourceState | undefined,
    private readonly stackOutputs: (name: string) => Promise<PropertyMap>,
  ) {}

  async check(): Promise<CheckResult> {
    throw new Error("resources of the package pulumi can only be read by the embedded engine");
  }

  async diff(): Promise<DiffResult> {
    throw new Error("resources of the package pulumi can only be read by the embedded engine");
  }

  async create(): Promise<Made> {
    throw new Error("resources of the package pulumi can only be read by the embedded engine");
  }

  async update(): Promise<Omit<Made, "id">> {
    throw new Error("resources of the package pulumi can only be read by the embedded engine");
  }

  async delete(): Promise<void> {
    // Nothing exists outside of the state.
  }

  async read(request: ReadRequest): Promise<ReadResult> {
    if (
      !request.urn.includes(`:${stackReferenceType}::`) &&
      !request.urn.includes(`$${stackReferenceType}::`)
    )
      throw new Error(`unrecognized resource type of ${request.urn}`);
    const { name } = request.inputs;
    if (typeof name !== "string") throw new Error("StackReference: the name of the stack must be known text");
    const outputs = await this.stackOutputs(name);
    const secretOutputNames = Object.keys(outputs).filter((key) => outputs[key] instanceof Secret);
    return { id: name, inputs: request.inputs, outputs: { name, outputs, secretOutputNames } };
  }

  async invoke(token: string, args: PropertyMap): Promise<CheckResult> {
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
