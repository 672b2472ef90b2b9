/**
 * The session beside a build: BuildKit in the daemon calls us back over it, for the logins of registries.
 * Specified by moby/buildkit: session/grpc.go (headers, health), session/auth/auth.proto; moby/moby: `/session`.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { BinaryReader, BinaryWriter } from "google-protobuf";
import type { Operation } from "../rpc/resource";
import type { DockerApi } from "./api";
import { bareRegistry } from "./imageName";
import type { RegistryLogin } from "./settings";

const credentials = "/moby.filesync.v1.Auth/Credentials";
const health = "/grpc.health.v1.Health/Check";
const serving = 1;

export interface BuildSession {
  readonly id: string;
  close(): void;
}

export async function openSession(
  api: DockerApi,
  logins: readonly RegistryLogin[],
  operation: Operation,
): Promise<BuildSession> {
  const id = randomBytes(16).toString("hex");
  const server = new Server();
  server.addService(
    {
      [credentials]: unary(credentials),
      [health]: unary(health),
    },
    {
      [credentials]: (call: { request: Buffer }, done: (error: null, answer: Buffer) => void) => {
        done(null, loginMessage(logins, stringField(call.request, 1)));
      },
      [health]: (_call: unknown, done: (error: null, answer: Buffer) => void) => {
        const writer = new BinaryWriter();
        writer.writeEnum(1, serving);
        done(null, Buffer.from(writer.getResultBuffer()));
      },
    },
  );
  const socket = await api.hijack("/session", operation, {
    Upgrade: "h2c",
    "X-Docker-Expose-Session-Uuid": id,
    "X-Docker-Expose-Session-Name": `vmcluster-${randomUUID()}`,
    "X-Docker-Expose-Session-Sharedkey": "",
    "X-Docker-Expose-Session-Grpc-Method": credentials,
  });
  socket.on("error", () => undefined);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  injector.injectConnection(socket);
  return {
    id,
    close: () => {
      injector.destroy();
      server.forceShutdown();
      socket.destroy();
    },
  };
}

function unary(path: string) {
  const same = (message: Buffer): Buffer => message;
  return {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}

/** Empty where there is no login: BuildKit then asks as nobody. */
function loginMessage(logins: readonly RegistryLogin[], host: string): Buffer {
  const login = logins.find(({ address }) => bareRegistry(address) === bareRegistry(host));
  const writer = new BinaryWriter();
  if (login?.username && login.password && !login.authDisabled) {
    writer.writeString(1, login.username);
    writer.writeString(2, login.password);
  }
  return Buffer.from(writer.getResultBuffer());
}

function stringField(message: Uint8Array, field: number): string {
  const reader = new BinaryReader(message);
  while (reader.nextField() && !reader.isEndGroup()) {
    if (reader.getFieldNumber() === field) return reader.readString();
    reader.skipField();
  }
  return "";
}
