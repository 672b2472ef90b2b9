/**
 * Hooks: functions of the program that run before and after a resource is created, updated or deleted, and when that
 * fails. Specified by RunHooks and RunErrorHooks in pkg/resource/deploy/deployment.go and retries.go. The state names them;
 * the program of each run has to register those it needs.
 */
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import {
  ErrorHookRequest,
  ErrorHookResponse,
  type RegisterErrorHookRequest,
  type RegisterResourceHookRequest,
  type RegisterResourceRequest,
  ResourceHookRequest,
  ResourceHookResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import type { Callbacks } from "./callbacks";
import type { ResourceState } from "./resourceState";
import { parseUrn } from "./urn";
import { type PropertyMap, toStruct, type WireOptions } from "./values";

export type HookTime =
  | "BeforeCreate"
  | "AfterCreate"
  | "BeforeUpdate"
  | "AfterUpdate"
  | "BeforeDelete"
  | "AfterDelete";

/** How often something that failed may be tried again. */
const maxRetries = 100;

/** What a hook is told of a step. */
export interface HookSubject {
  /** Its names, of which this is the resource. */
  readonly state: ResourceState;
  readonly newInputs?: PropertyMap;
  readonly oldInputs?: PropertyMap;
  readonly newOutputs?: PropertyMap;
  readonly oldOutputs?: PropertyMap;
}

export interface HookOptions {
  readonly preview: boolean;
  readonly report: (severity: "warning" | "error", urn: string, message: string) => void;
  /** The resource is as it should be, but the run failed. */
  readonly fail: () => void;
}

interface Hook {
  readonly callback: Callback;
  readonly onPreview: boolean;
  readonly ignoreErrors: boolean;
}

const everything: WireOptions = {
  keepUnknowns: true,
  keepSecrets: true,
  keepResources: true,
  keepOutputValues: true,
};

export class Hooks {
  private readonly hooks = new Map<string, Hook>();
  private readonly errorHooks = new Map<string, Callback>();

  constructor(
    private readonly callbacks: Callbacks,
    private readonly options: HookOptions,
  ) {}

  register(request: RegisterResourceHookRequest): void {
    this.hooks.set(this.free(request.getName()), {
      callback: required(request.getCallback()),
      onPreview: request.getOnDryRun(),
      ignoreErrors: request.getIgnoreErrors(),
    });
  }

  registerForErrors(request: RegisterErrorHookRequest): void {
    this.errorHooks.set(this.free(request.getName()), required(request.getCallback()));
  }

  private free(name: string): string {
    if (name === "") throw new Error("resource hook name cannot be empty");
    if (this.hooks.has(name) || this.errorHooks.has(name))
      throw new Error(`resource hook already registered for name "${name}"`);
    return name;
  }

  /** Rejects if one fails: the step is not done. */
  async before(time: "BeforeCreate" | "BeforeUpdate" | "BeforeDelete", subject: HookSubject): Promise<void> {
    await this.run(time, subject, "before");
  }

  /** The step is done; if one fails, the run has failed. */
  async after(time: "AfterCreate" | "AfterUpdate" | "AfterDelete", subject: HookSubject): Promise<void> {
    try {
      await this.run(time, subject, "after");
    } catch (error) {
      this.options.report("error", subject.state.urn, (error as Error).message);
      this.options.fail();
    }
  }

  private async run(time: HookTime, subject: HookSubject, when: "before" | "after"): Promise<void> {
    const { state } = subject;
    for (const name of state.resourceHooks[time] ?? []) {
      const hook = this.hooks.get(name);
      if (hook === undefined) throw new Error(`hook "${name}" was not registered`);
      if (this.options.preview && !hook.onPreview) continue;
      const error = await this.failure(hook.callback, request(new ResourceHookRequest(), subject));
      if (error === "") continue;
      if (!hook.ignoreErrors) throw new Error(`${when} hook "${name}" failed: ${error}`);
      this.options.report("warning", state.urn, `${time} hook "${name}" failed: ${error}`);
    }
  }

  private async failure(callback: Callback, message: ResourceHookRequest): Promise<string> {
    try {
      const answer = await this.callbacks.call(callback, message.serializeBinary());
      return ResourceHookResponse.deserializeBinary(answer).getError();
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** Does something, again while it fails and a hook for errors asks for that. */
  async retrying<T>(
    operation: "create" | "update" | "delete",
    subject: HookSubject,
    work: () => Promise<T>,
  ): Promise<T> {
    const names = subject.state.resourceHooks.OnError ?? [];
    const failures: string[] = [];
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (names.length === 0) throw error;
        failures.unshift(error instanceof Error ? error.message : String(error));
        if (failures.length >= maxRetries) throw new Error("maximum number of error hook retries reached");
        if (!(await this.wantsRetry(names, operation, subject, failures))) throw error;
        this.options.report(
          "warning",
          subject.state.urn,
          `retrying ${operation} due to on-error hook request (${failures.length}/${maxRetries})`,
        );
      }
    }
  }

  private async wantsRetry(
    names: readonly string[],
    operation: string,
    subject: HookSubject,
    failures: readonly string[],
  ): Promise<boolean> {
    let retry = false;
    for (const name of names) {
      const callback = this.errorHooks.get(name);
      if (callback === undefined)
        throw new Error(`error hooks execution failed: error hook "${name}" was not registered`);
      const message = request(new ErrorHookRequest(), subject);
      message.setFailedOperation(operation);
      message.setErrorsList([...failures]);
      const answer = ErrorHookResponse.deserializeBinary(
        await this.callbacks.call(callback, message.serializeBinary()),
      );
      if (answer.getError() !== "")
        throw new Error(`error hooks execution failed: error hook "${name}" failed: ${answer.getError()}`);
      retry ||= answer.getRetry();
    }
    return retry;
  }
}

function required(callback: Callback | undefined): Callback {
  if (callback === undefined) throw new Error("a hook needs a callback");
  return callback;
}

function request<Message extends ResourceHookRequest | ErrorHookRequest>(
  message: Message,
  { state, newInputs, oldInputs, newOutputs, oldOutputs }: HookSubject,
): Message {
  const struct = (map: PropertyMap | undefined): Struct | undefined => map && toStruct(map, everything);
  const { type, name } = parseUrn(state.urn);
  message.setUrn(state.urn);
  message.setId(state.id);
  message.setName(name);
  message.setType(type);
  message.setNewInputs(struct(newInputs));
  message.setOldInputs(struct(oldInputs));
  message.setOldOutputs(struct(oldOutputs));
  if (message instanceof ResourceHookRequest) message.setNewOutputs(struct(newOutputs));
  return message;
}

/** Names of hooks by time, as the state has them. */
export function hookNames(
  binding: RegisterResourceRequest.ResourceHooksBinding | undefined,
): Record<string, string[]> {
  if (binding === undefined) return {};
  const names: Record<string, string[]> = {
    BeforeCreate: binding.getBeforeCreateList(),
    AfterCreate: binding.getAfterCreateList(),
    BeforeUpdate: binding.getBeforeUpdateList(),
    AfterUpdate: binding.getAfterUpdateList(),
    BeforeDelete: binding.getBeforeDeleteList(),
    AfterDelete: binding.getAfterDeleteList(),
    OnError: binding.getOnErrorList(),
  };
  return Object.fromEntries(Object.entries(names).filter(([, list]) => list.length > 0));
}
