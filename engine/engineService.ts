/**
 * The Engine service (pulumi/engine.proto): messages of the program and of providers, and the root resource.
 * Specified by pkg/engine and pkg/resource/plugin/host_server.go.
 */

import { basename, join, resolve } from "node:path";
import {
  type ServerUnaryCall,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import {
  GetRootResourceResponse,
  type LogRequest,
  LogSeverity,
  type SetRootResourceRequest,
  SetRootResourceResponse,
} from "@pulumi/pulumi/proto/engine_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import type { EngineEvent, Severity } from "./events";

const severities: Readonly<Record<number, Severity>> = {
  [LogSeverity.DEBUG]: "debug",
  [LogSeverity.INFO]: "info",
  [LogSeverity.WARNING]: "warning",
  [LogSeverity.ERROR]: "error",
};

/** The SDK puts this before a rejected input's message, once for each place it passes; the message says what is wrong. */
const places = /^(?:error serializing property "[^"]*": )+/;
const packageRoot = resolve(__dirname, basename(resolve(__dirname, "..")) === "dist" ? "../.." : "..");

/**
 * Where nobody waits for what was rejected, the SDK tells of it as of an error of the program: with its class and its stack.
 * One that a component of this package refused its arguments with needs neither.
 */
export function withoutPlaces(message: string): string {
  const [, kind = "", rest = ""] = /^((?:[A-Z]\w*)?Error: )?([\s\S]*)$/.exec(message) ?? [];
  if (!places.test(rest)) return message;
  const told = rest.replace(places, "");
  const stack = told.search(/\n {4}at /);
  const thrower = stack === -1 ? "" : (told.slice(stack + 1).split("\n")[0] ?? "");
  const refused =
    kind === "Error: " &&
    [packageRoot, join(packageRoot, "dist")].some((root) => thrower.includes(join(root, "components")));
  return refused ? told.slice(0, stack) : kind + told;
}

/** @param emit gets messages; an ephemeral one about a resource is what that resource is doing now */
export function engineService(emit: (event: EngineEvent) => void): UntypedServiceImplementation {
  let root = "";
  return {
    log(call: ServerUnaryCall<LogRequest, Empty>, callback: sendUnaryData<Empty>): void {
      const request = call.request;
      const urn = request.getUrn();
      const message = request.getMessage();
      if (request.getEphemeral() && urn !== "") {
        if (message.trim() !== "") emit({ kind: "resource-status", urn, message: message.trimEnd() });
      } else if (message !== "")
        emit({
          kind: "diagnostic",
          severity: severities[request.getSeverity()] ?? "info",
          urn: urn === "" ? undefined : urn,
          message: withoutPlaces(message),
        });
      callback(null, new Empty());
    },
    getRootResource(_call: unknown, callback: sendUnaryData<GetRootResourceResponse>): void {
      const response = new GetRootResourceResponse();
      response.setUrn(root);
      callback(null, response);
    },
    setRootResource(
      call: ServerUnaryCall<SetRootResourceRequest, SetRootResourceResponse>,
      callback: sendUnaryData<SetRootResourceResponse>,
    ): void {
      root = call.request.getUrn();
      callback(null, new SetRootResourceResponse());
    },
    startDebugging(_call: unknown, callback: sendUnaryData<Empty>): void {
      callback({ code: status.UNIMPLEMENTED, details: "debuggers are not supported by the embedded engine" });
    },
    requirePulumiVersion(_call: unknown, callback: sendUnaryData<Empty>): void {
      // UNIMPLEMENTED would be told as an old Pulumi CLI.
      callback({
        code: status.FAILED_PRECONDITION,
        details:
          "requirePulumiVersion is not supported by the embedded engine: it is not a version of the Pulumi CLI",
      });
    },
  };
}
