/** `backup`: a service's data folder, from the node that keeps it, as a local file. */
import { createWriteStream, statSync } from "node:fs";
import { resolve } from "node:path";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { UserError } from "../../../host/userError";
import { print } from "../print";
import type { Swarm } from "../swarm";
import type { Say } from "../update";
import { amount } from "./amount";
import { newFile, refuseUnwritable } from "./newFile";
import { onNode } from "./onNode";
import { type DataPlace, dataPlace, look, type PlaceOptions } from "./place";
import { packScript } from "./scripts";
import { refuseUnstoppable, whileStopped } from "./stopped";
import { counting, type DataFlags, onData } from "./work";

export interface BackupOptions extends PlaceOptions {
  /** Default: the service's name and the time, in this folder. */
  readonly output?: string;
  readonly force?: boolean;
  readonly live?: boolean;
  readonly say: Say;
  readonly signal: AbortSignal;
}

export interface BackupResult {
  readonly service: string;
  readonly node: string;
  readonly path: string;
  readonly file: string;
  /** Of the data. */
  readonly bytes: number;
  /** Of the file. */
  readonly fileBytes: number;
}

/** `redis-20260131T120000Z.tar.gz` */
const usualName = (service: string): string =>
  `${service}-${new Date().toISOString().replace(/[-:]|\.\d+/g, "")}.tar.gz`;

async function copy(
  { member, path }: DataPlace,
  file: string,
  size: number,
  { live, say, signal }: BackupOptions,
): Promise<void> {
  const packed = new PassThrough();
  const written = pipeline(
    packed,
    counting(say, size),
    createGzip(),
    createWriteStream(file, { flags: "r+" }),
    {
      signal,
    },
  );
  const read = onNode(member, packScript, [path, live ? "live" : "stopped"], { output: packed, signal });
  const [sent] = await Promise.allSettled([read, written]);
  if (sent.status === "rejected") throw sent.reason;
  await written;
}

/** @throws UserError before the service is touched, if its data cannot be copied */
export async function backedUp(swarm: Swarm, name: string, options: BackupOptions): Promise<BackupResult> {
  const { live, force = false, say, signal } = options;
  const place = await dataPlace(swarm, name, options);
  const { service, node, path, member, sharedWith } = place;
  if (!live) refuseUnstoppable(service, "--live copies while its tasks run");
  const { kind, size } = await look(member, path, signal);
  if (kind !== "folder") {
    throw new UserError(
      `service ${service.Spec.Name} has no data folder on ${node}`,
      kind === "missing" ? `there is no ${path}` : `${path} is not a folder`,
    );
  }
  const file = resolve(options.output ?? usualName(service.Spec.Name));
  refuseUnwritable(file, force, size);
  if (sharedWith.length > 0)
    say(
      `${sharedWith.join(", ")} may write to the same ${place.mount.type === "bind" ? "folder" : "volume"} and are not stopped`,
    );
  await newFile(file, force, async (temporary) => {
    const work = (): Promise<void> => {
      say(`copying ${amount(size)} of ${path} on ${node}`);
      return copy(place, temporary, size, options);
    };
    if (live) await work();
    else await whileStopped(swarm, service, { say, signal }, work);
  });
  const fileBytes = statSync(file).size;
  return { service: service.Spec.Name, node, path, file, bytes: size, fileBytes };
}

export async function backup(flags: DataFlags, name: string): Promise<number> {
  const result = await onData(flags, name, (swarm, context) =>
    backedUp(swarm, name, { ...flags, ...context }),
  );
  if (flags.format === "json") print(`${JSON.stringify(result, undefined, 2)}\n`);
  else {
    const { file, fileBytes, bytes, path, node } = result;
    print(`${file}: ${amount(fileBytes)}, of ${amount(bytes)} in ${path} on ${node}\n`);
  }
  return 0;
}
