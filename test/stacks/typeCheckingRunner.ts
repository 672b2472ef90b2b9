/** Runs a program as the Pulumi CLI does: by the SDK's own runner, with its TypeScript and type-checking, against an engine that only listens. */
import { spawn } from "node:child_process";
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { type LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import {
  DeploymentInfo,
  type RegisterResourceRequest,
  RegisterResourceResponse,
  SupportsFeatureResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { engineService } from "../../engine/engineService";
import { features, monitorService } from "../../engine/monitorService";
import { findSdk } from "../../engine/sdk";
import { rootStackType } from "../../engine/urn";

export interface Checked {
  /** Types of what the program registered before it was stopped or ended. */
  readonly registered: readonly string[];
  readonly errors: readonly string[];
}

/** @returns when the program registers its first resource, or ends */
export async function typeChecked(programDir: string, entry: string): Promise<Checked> {
  const registered: string[] = [];
  const errors: string[] = [];
  let registeredOne = (): void => undefined;
  const first = new Promise<void>((done) => {
    registeredOne = done;
  });
  const answer =
    <Request, Response>(of: (request: Request) => Response) =>
    (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void =>
      callback(null, of(call.request));
  const server = new Server();
  server.addService(monitorService, {
    supportsFeature: answer(() => new SupportsFeatureResponse().setHassupport(true)),
    getDeploymentInfo: answer(() => new DeploymentInfo().setSupportedfeaturesList([...features.values()])),
    registerResource(
      { request }: ServerUnaryCall<RegisterResourceRequest, RegisterResourceResponse>,
      callback: sendUnaryData<RegisterResourceResponse>,
    ): void {
      if (request.getType() === rootStackType) {
        callback(null, new RegisterResourceResponse().setUrn("urn:pulumi:dev::checked::root::root"));
        return;
      }
      registered.push(request.getType());
      registeredOne();
      callback({ code: status.UNAVAILABLE, details: "seen" });
    },
    registerResourceOutputs: answer(() => new Empty()),
    signalAndWaitForShutdown: answer(() => new Empty()),
  });
  server.addService(EngineService, {
    ...engineService(() => undefined),
    log: answer((request: LogRequest) => {
      if (request.getSeverity() === LogSeverity.ERROR) errors.push(request.getMessage());
      return new Empty();
    }),
  });
  const port = await new Promise<number>((done, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : done(bound),
    ),
  );
  const address = `127.0.0.1:${port}`;
  const { PULUMI_NODEJS_TRANSPILE_ONLY: _transpileOnly, ...environment } = process.env;
  const child = spawn(
    process.execPath,
    [
      findSdk(programDir).runner,
      ...[
        "--monitor",
        address,
        "--engine",
        address,
        "--organization",
        "organization",
        "--project",
        "checked",
      ],
      ...["--stack", "dev", "--pwd", programDir, "--dry-run", "--parallel", "16", entry],
    ],
    { env: { ...environment, PULUMI_NODEJS_TYPESCRIPT: "true" }, stdio: ["ignore", "ignore", "pipe"] },
  );
  child.stderr.on("data", (text: Buffer) => errors.push(text.toString()));
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  await Promise.race([first, ended]);
  child.kill("SIGKILL");
  await ended;
  server.forceShutdown();
  return { registered, errors };
}
