/**
 * Transforms: functions of the program that change what is registered, of a resource itself, of its parents and of the
 * stack, in that order. Specified by RegisterResource and wrapTransformCallback in pkg/resource/deploy/source_eval.go.
 */
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import {
  TransformInvokeOptions,
  TransformInvokeRequest,
  TransformInvokeResponse,
  TransformRequest,
  type TransformResourceOptions,
  TransformResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import { assetHash } from "./assetHash";
import type { Callbacks } from "./callbacks";
import { fromStruct, type PropertyMap, toStruct, type WireOptions } from "./values";

const everything: WireOptions = {
  keepUnknowns: true,
  keepSecrets: true,
  keepResources: true,
  keepOutputValues: true,
};

export interface Transformed {
  readonly inputs: PropertyMap;
  readonly options: TransformResourceOptions;
}

/** What a transform is told besides inputs and options. */
export interface Subject {
  readonly name: string;
  readonly type: string;
  readonly custom: boolean;
  readonly parent: string;
}

export class Transforms {
  private readonly ofStack: Callback[] = [];
  private readonly ofInvokes: Callback[] = [];
  private readonly ofResources = new Map<string, readonly Callback[]>();
  private readonly parents = new Map<string, string>();
  /** Those of components that another process is constructing, which registers them without. */
  private readonly ofRemotes = new Map<string, readonly Callback[]>();

  constructor(
    private readonly callbacks: Callbacks,
    private readonly programDir: string,
  ) {}

  addForStack(callback: Callback): void {
    this.ofStack.push(callback);
  }

  addForInvokes(callback: Callback): void {
    this.ofInvokes.push(callback);
  }

  /** Its own transforms: those it is registered with, or those that the program asked its construction with. */
  own(subject: Subject, given: readonly Callback[], remote: boolean): readonly Callback[] {
    const key = `${subject.parent}::${subject.type}::${subject.name}`;
    const kept = this.ofRemotes.get(key);
    this.ofRemotes.delete(key);
    if (kept) return kept;
    if (remote && given.length > 0) this.ofRemotes.set(key, given);
    return given;
  }

  /** Its children get its transforms too. */
  registered(urn: string, parent: string, own: readonly Callback[]): void {
    this.parents.set(urn, parent);
    if (own.length > 0) this.ofResources.set(urn, own);
  }

  async apply(subject: Subject, own: readonly Callback[], given: Transformed): Promise<Transformed> {
    const all = [...own];
    for (let urn = subject.parent; urn !== ""; urn = this.parents.get(urn) ?? "")
      all.push(...(this.ofResources.get(urn) ?? []));
    all.push(...this.ofStack);
    let result = given;
    for (const callback of all) result = await this.one(callback, subject, result);
    return result;
  }

  private async one(
    callback: Callback,
    subject: Subject,
    { inputs, options }: Transformed,
  ): Promise<Transformed> {
    const request = new TransformRequest();
    request.setName(subject.name);
    request.setType(subject.type);
    request.setCustom(subject.custom);
    request.setParent(subject.parent);
    request.setProperties(toStruct(inputs, everything));
    request.setOptions(options);
    const response = TransformResponse.deserializeBinary(
      await this.callbacks.call(callback, request.serializeBinary()),
    );
    const changed = response.hasProperties() ? fromStruct(response.getProperties()) : inputs;
    return {
      inputs: (await assetHash(changed, this.programDir)) as PropertyMap,
      options: response.getOptions() ?? options,
    };
  }

  async applyToInvoke(
    token: string,
    args: PropertyMap,
    given: TransformInvokeOptions,
  ): Promise<{ readonly args: PropertyMap; readonly options: TransformInvokeOptions }> {
    let result = { args, options: given };
    for (const callback of this.ofInvokes) {
      const request = new TransformInvokeRequest();
      request.setToken(token);
      request.setArgs(toStruct(result.args, everything));
      request.setOptions(result.options);
      const response = TransformInvokeResponse.deserializeBinary(
        await this.callbacks.call(callback, request.serializeBinary()),
      );
      result = {
        args: response.hasArgs() ? fromStruct(response.getArgs()) : result.args,
        options: response.getOptions() ?? result.options,
      };
    }
    return result;
  }
}

export function invokeOptions(provider: string, version: string, url: string): TransformInvokeOptions {
  const options = new TransformInvokeOptions();
  options.setProvider(provider);
  options.setVersion(version);
  options.setPluginDownloadUrl(url);
  return options;
}
