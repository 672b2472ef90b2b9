/** What all gRPC ends of the engine share: message sizes, and errors with their details as Pulumi sends them. */
import { type ServiceError, status } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";

/** 400 MB, as Pulumi's own: states and assets pass through. */
const maxMessageBytes = 400 * 1024 * 1024;

export const channelOptions = {
  "grpc.max_receive_message_length": maxMessageBytes,
  "grpc.max_send_message_length": maxMessageBytes,
  // Loopback only: a proxy from the environment must not get in between.
  "grpc.enable_http_proxy": 0,
};

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "details" in error && "metadata" in error;
}

export function isUnimplemented(error: unknown): boolean {
  return isServiceError(error) && error.code === status.UNIMPLEMENTED;
}

/** The message without gRPC's code in front of it. */
export function messageOf(error: unknown): string {
  if (isServiceError(error)) return error.details || error.message;
  return error instanceof Error ? error.message : String(error);
}

/** "Created, but did not become ready": sent in the status details (google.rpc.Status). */
export function initFailure(error: unknown): ErrorResourceInitFailed | undefined {
  if (!isServiceError(error)) return undefined;
  const [bytes] = error.metadata?.get("grpc-status-details-bin") ?? [];
  if (!Buffer.isBuffer(bytes)) return undefined;
  for (const detail of Status.deserializeBinary(bytes).getDetailsList())
    if (detail.getTypeName() === "pulumirpc.ErrorResourceInitFailed")
      return ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
  return undefined;
}
