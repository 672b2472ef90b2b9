import { Metadata, type ServiceError } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";

/**
 * A resource that is another one now, but not as it should be, as an engine is told of it: in the status details (google.rpc.Status). It records the
 * properties, and updates the resource the next time, whatever the program says. Specified by pulumi/pulumi: proto/pulumi/provider.proto.
 */
export class InitFailure extends Error {
  readonly status: Partial<ServiceError>;

  constructor(id: string, failure: Partial<ServiceError>, properties: Struct) {
    super(failure.details);
    const { code = 0, details = "" } = failure;
    const failed = new ErrorResourceInitFailed()
      .setId(id)
      .setProperties(properties)
      .setReasonsList([details]);
    const detail = new Any();
    detail.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new Status().setCode(code).setMessage(details).setDetailsList([detail]);
    const metadata = new Metadata();
    metadata.set("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
    this.status = { ...failure, metadata };
  }
}
