/**
 * The process of a provider: it prints the port it listens on as its first line and takes the engine's address as an
 * argument. Specified by pulumi/pulumi, docs on plugins ("Plugin start-up") and sdk/go/common/resource/plugin/plugin.go.
 */
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { socketAddress, socketFile, socketFolder, socketNumber } from "../../host/pluginSocket";
import type { Provider } from "./resource";
import { ProviderServer } from "./server";

/** Pulumi's own limit: states of large resources are sent in one message. */
const maxMessageBytes = 400 * 1024 * 1024;
const parentCheckMs = 1000;

export interface Served {
  /** Or the number of its socket (host/pluginSocket.ts). */
  readonly port: number;
  close(): Promise<void>;
}

/** Starts to listen: beside an engine's socket, else on loopback only. */
export async function listen(provider: Provider, engineAddress?: string): Promise<Served> {
  const behind = new ProviderServer(provider);
  if (engineAddress !== undefined) behind.engine.connect(engineAddress);
  const server = new Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
  });
  server.addService(ResourceProviderService, behind.service());
  const folder = socketFolder(engineAddress ?? "");
  const number = socketNumber();
  const address = folder === undefined ? "127.0.0.1:0" : socketAddress(socketFile(folder, number));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    port: folder === undefined ? port : number,
    close: async () => {
      await behind.cancel();
      behind.engine.close();
      server.forceShutdown();
    },
  };
}

/** Runs a provider as a plugin process until it is told to end, or its engine is gone. */
export async function serve(provider: Provider): Promise<void> {
  const address = process.argv.slice(2).find((argument) => /^(unix:.|[^-].*:\d+$)/.test(argument));
  const served = await listen(provider, address);
  process.stdout.write(`${served.port}\n`);

  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    served.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on("SIGTERM", end);
  // Ctrl-C reaches all processes of the terminal; the engine decides what it means and calls Cancel.
  process.on("SIGINT", () => undefined);
  // An engine that was killed cannot end its plugins.
  const parent = process.ppid;
  if (parent !== 1) setInterval(() => process.ppid !== parent && end(), parentCheckMs).unref();
}
