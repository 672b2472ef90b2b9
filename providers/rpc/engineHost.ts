/** The engine as a provider sees it: who takes log messages. Specified by Engine.Log in pulumi/engine.proto. */
import { credentials, Metadata } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import type { LogLevel } from "./resource";

const severities: Readonly<Record<LogLevel, LogSeverity>> = {
  debug: LogSeverity.DEBUG,
  info: LogSeverity.INFO,
  warning: LogSeverity.WARNING,
  error: LogSeverity.ERROR,
};

/** Statuses that wait to be sent; further ones are left out. */
const longestQueue = 100;

/** An engine that does not answer is stuck or gone; steps go on. */
const logTimeoutMs = 10_000;

export class EngineHost {
  private client: EngineClient | undefined;
  /** Messages are sent one after the other: a status must not overtake another. */
  private sent: Promise<void> = Promise.resolve();
  private waiting = 0;

  connect(address: string): void {
    this.client?.close();
    this.client = new EngineClient(address, credentials.createInsecure());
  }

  log(level: LogLevel, urn: string, message: string, ephemeral: boolean): void {
    const { client } = this;
    if (client === undefined || message === "") return;
    // Of a program that prints faster than the engine reads, not every line needs to be seen.
    if (ephemeral && this.waiting >= longestQueue) return;
    this.waiting++;
    const request = new LogRequest()
      .setSeverity(severities[level])
      .setUrn(urn)
      .setMessage(message)
      .setEphemeral(ephemeral);
    this.sent = this.sent.then(
      () =>
        new Promise((resolve) => {
          // A log message that cannot be delivered must not fail the step it is about.
          client.log(request, new Metadata(), { deadline: Date.now() + logTimeoutMs }, () => {
            this.waiting--;
            resolve();
          });
        }),
    );
  }

  /** Resolves when all messages so far are with the engine: they belong before the answer to the call. */
  flush(): Promise<void> {
    return this.sent;
  }

  close(): void {
    this.client?.close();
    this.client = undefined;
  }
}
