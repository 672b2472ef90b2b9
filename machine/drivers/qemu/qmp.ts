/** A client for the QEMU Machine Protocol (https://www.qemu.org/docs/master/interop/qmp-spec.html): one command at a time. */
import { connect } from "node:net";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { isPrivateFolder } from "../../../host/socketFolder";

const message = z.looseObject({
  QMP: z.unknown().optional(),
  event: z.string().optional(),
  return: z.unknown().optional(),
  error: z.object({ class: z.string(), desc: z.string() }).optional(),
});

export interface QmpCommand {
  readonly execute: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/**
 * Connects, runs the commands in order and returns their results.
 * Rejects if QEMU refuses one, closes the connection or does not answer within `timeoutMs`.
 */
export function qmp(
  socketPath: string,
  commands: readonly QmpCommand[],
  timeoutMs = 10_000,
): Promise<unknown[]> {
  const folder = dirname(socketPath);
  // One in /tmp may be somebody else's by now.
  if (dirname(folder) === "/tmp" && !isPrivateFolder(folder)) {
    return Promise.reject(new Error(`${folder} is not this user's own any more`));
  }
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    const results: unknown[] = [];
    const queue: QmpCommand[] = [{ execute: "qmp_capabilities" }, ...commands];
    let sent = 0;
    const end = (error?: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      if (error) reject(error);
      else resolve(results.slice(1));
    };
    const timer = setTimeout(() => end(new Error(`QMP: no answer within ${timeoutMs} ms`)), timeoutMs);
    const next = (): void => {
      const command = queue[sent++];
      if (command === undefined) end();
      else socket.write(`${JSON.stringify(command)}\n`);
    };
    socket.on("error", end);
    socket.on("close", () => end(new Error("QMP: QEMU closed the connection")));
    const lines = createInterface({ input: socket });
    // It passes the socket's errors on, which were heard above.
    lines.on("error", () => undefined);
    lines.on("line", (line) => {
      const received = message.parse(JSON.parse(line));
      if (received.event !== undefined) return;
      if (received.error) return end(new Error(`QMP: ${received.error.desc}`));
      if (!("QMP" in received)) results.push(received.return);
      next();
    });
  });
}

/** Runs a command of the human monitor, for what QMP has no command of its own; its words are the answer, empty when all is well. */
export async function monitor(socketPath: string, commandLine: string): Promise<string> {
  const [answer] = await qmp(socketPath, [
    { execute: "human-monitor-command", arguments: { "command-line": commandLine } },
  ]);
  return typeof answer === "string" ? answer.trim() : "";
}
