/**
 * Functions of the program that the engine calls: transforms and hooks. The program serves them (pulumi/callback.proto)
 * and tells the address with each.
 */
import { credentials } from "@grpc/grpc-js";
import { CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb";
import { type Callback, CallbackInvokeRequest } from "@pulumi/pulumi/proto/callback_pb";
import { channelOptions, messageOf } from "./grpc";

export class Callbacks {
  private readonly clients = new Map<string, CallbacksClient>();

  /** Calls one with a serialized message; gives the serialized answer. Rejects with the function's own message. */
  call(callback: Callback, request: Uint8Array): Promise<Uint8Array> {
    const message = new CallbackInvokeRequest();
    message.setToken(callback.getToken());
    message.setRequest(request);
    return new Promise((done, reject) => {
      this.client(callback.getTarget()).invoke(message, (error, response) =>
        error ? reject(new Error(messageOf(error))) : done(response.getResponse_asU8()),
      );
    });
  }

  private client(target: string): CallbacksClient {
    if (target === "") throw new Error("a callback needs the address of who serves it");
    const known = this.clients.get(target);
    if (known) return known;
    const client = new CallbacksClient(target, credentials.createInsecure(), channelOptions);
    this.clients.set(target, client);
    return client;
  }

  close(): void {
    for (const client of this.clients.values()) client.close();
  }
}
