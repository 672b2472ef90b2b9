/** Scripts on a node, with what goes in and out of them as streams. */
import { type ChildProcess, spawn } from "node:child_process";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ownGroup } from "../../../engine/processGroup";
import { LastLines } from "../../../host/lastLines";
import { UserError } from "../../../host/userError";
import { scriptBeside } from "../beside";
import type { Member } from "../swarm";

export interface Streams {
  readonly input?: Readable;
  /** Default: what the script prints is returned. */
  readonly output?: Writable;
  readonly signal?: AbortSignal;
}

const ended = (child: ChildProcess): Promise<number | string> =>
  new Promise((resolve, reject) => {
    child.on("error", reject);
    // Not "close": a shared SSH connection that is left behind may hold the pipes open.
    child.on("exit", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });

/**
 * Runs a script of POSIX sh as root on a member's machine. Resolves when it has ended with 0 and everything went through.
 *
 * @throws UserError that names the machine and has what the script said
 */
export async function onNode(
  { name, daemon }: Member,
  script: string,
  values: readonly string[],
  { input, output, signal }: Streams = {},
): Promise<string> {
  const timed = daemon.kind === "ssh" ? { connectTimeoutSeconds: 30, ...daemon } : daemon;
  const { program, args } = scriptBeside(timed, script, values);
  // Ctrl-C at the terminal is for whoever started this: what must not be cut short has no signal.
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], signal, ...ownGroup });
  const said = new LastLines(2000);
  child.stderr.on("data", (chunk: Buffer) => {
    said.add(chunk.toString());
  });
  const printed: Buffer[] = [];
  const collect = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      printed.push(chunk);
      done();
    },
  });
  const taken = pipeline(child.stdout, output ?? collect);
  // A script that ends early closes the pipe: its exit code says more than EPIPE.
  const sent = pipeline(input ?? Readable.from([]), child.stdin).catch((error: Error) => error);
  const results = await Promise.allSettled([ended(child), taken, sent]);
  signal?.throwIfAborted();
  const [exit, through, went] = results;
  if (exit.status === "rejected") throw new UserError(`${program} cannot be started`, String(exit.reason));
  if (exit.value !== 0) {
    const why = said.text || `it ended with ${exit.value}`;
    throw new UserError(`${name}: the data could not be handled there`, why.replace(/\n/g, "\n  "));
  }
  if (through.status === "rejected") throw through.reason;
  if (went.status === "fulfilled" && went.value instanceof Error) throw went.value;
  return Buffer.concat(printed).toString();
}
