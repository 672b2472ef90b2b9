/**
 * The service ResourceMonitor as every released SDK from 3.248 speaks it (pulumi/resource.proto). The program may bring
 * another SDK than the one this engine has its definitions from: what later definitions added is written by its number.
 */
import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import {
  type ReadResourceResponse,
  type RegisterResourceResponse,
  type ResourceMonitorFeature,
  Result,
} from "@pulumi/pulumi/proto/resource_pb";
import { BinaryReader, BinaryWriter } from "google-protobuf";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";

/** What an SDK may ask for: SDKs before 3.256 by name, later ones by number (`ResourceMonitorFeature`). */
export const features: ReadonlyMap<string, ResourceMonitorFeature> = new Map([
  ["secrets", 0],
  ["resourceReferences", 1],
  ["outputValues", 2],
  ["aliasSpecs", 3],
  ["replacementTrigger", 4],
  ["deletedWith", 5],
  ["replaceWith", 6],
  ["transforms", 7],
  ["invokeTransforms", 8],
  // Not so, but a generated SDK that hears it says that "the Pulumi CLI" is too old. Its next call is refused by name.
  ["parameterization", 9],
  ["resourceHooks", 10],
  ["errorHooks", 11],
]);

interface Message {
  serializeBinary(): Uint8Array;
}

/** A message with fields that our definitions of it may not have. Fields of a message may come in any order. */
class Extended implements Message {
  constructor(
    private readonly message: Message,
    private readonly write: (writer: BinaryWriter) => void,
  ) {}

  serializeBinary(): Uint8Array {
    const writer = new BinaryWriter();
    this.write(writer);
    return Buffer.concat([this.message.serializeBinary(), writer.getResultBuffer()]);
  }
}

/** The id of what was read. Since 3.276 an answer without one means in a preview that it is not known. */
export function withId(response: ReadResourceResponse, id: string): Message {
  return new Extended(response, (writer) => writer.writeString(5, id));
}

/** Before 3.256 a result of its own, which later definitions do not have. */
const skip = 2 as Result;

/**
 * How the registration ended. What is skipped is told in the way of the program's SDK: the old way would make its inputs
 * unknown to a new one, and the new way would pass for success with an old one.
 */
export function withResult(
  response: RegisterResourceResponse,
  result: "success" | "failed" | "skipped",
  sdk: "old" | "new",
): Message {
  if (result === "skipped" && sdk === "new")
    return new Extended(response, (writer) => writer.writeBool(8, true));
  response.setResult(result === "success" ? Result.SUCCESS : result === "failed" ? Result.FAIL : skip);
  return response;
}

/** Since 3.269: is there a resource of this type and ID? */
export interface ExistsRequest {
  readonly type: string;
  readonly id: string;
  readonly parent: string;
  readonly properties: Struct | undefined;
  readonly provider: string;
  readonly version: string;
  readonly pluginDownloadUrl: string;
  readonly packageRef: string;
}

function readExistsRequest(bytes: Uint8Array): ExistsRequest {
  const texts = new Map<number, string>();
  let properties: Struct | undefined;
  const reader = new BinaryReader(bytes);
  while (reader.nextField() && !reader.isEndGroup()) {
    const field = reader.getFieldNumber();
    if ([1, 2, 3, 5, 6, 7, 9].includes(field)) texts.set(field, reader.readString());
    else if (field === 4) properties = Struct.deserializeBinary(reader.readBytes());
    else reader.skipField();
  }
  const text = (field: number): string => texts.get(field) ?? "";
  return {
    ...{ type: text(1), id: text(2), parent: text(3), properties },
    ...{ provider: text(5), version: text(6), pluginDownloadUrl: text(7), packageRef: text(9) },
  };
}

/** @param exists undefined: not known yet */
export function existsAnswer(exists: boolean | undefined): Message {
  const writer = new BinaryWriter();
  if (exists === undefined) writer.writeBool(2, true);
  else writer.writeBool(1, exists);
  return { serializeBinary: () => writer.getResultBuffer() };
}

const existsResource: MethodDefinition<ExistsRequest, Message> = {
  path: "/pulumirpc.ResourceMonitor/ExistsResource",
  requestStream: false,
  responseStream: false,
  // Only a client would need it.
  requestSerialize: () => Buffer.alloc(0),
  requestDeserialize: readExistsRequest,
  responseSerialize: (answer) => Buffer.from(answer.serializeBinary()),
  responseDeserialize: () => existsAnswer(undefined),
};

/**
 * Answers are serialized as what they are: the answer of `Invoke` has another class since 3.256, with the same fields, and
 * the definitions refuse instances of any other.
 */
export const monitorService: ServiceDefinition = {
  ...Object.fromEntries(
    Object.entries(ResourceMonitorService as ServiceDefinition).map(
      ([name, method]: [string, MethodDefinition<unknown, unknown>]) => [
        name,
        {
          ...method,
          responseSerialize: (answer: unknown) => Buffer.from((answer as Message).serializeBinary()),
        },
      ],
    ),
  ),
  existsResource,
};
