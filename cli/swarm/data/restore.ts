/** `restore`: what a backup holds, in the place of a service's data folder. */
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { UserError } from "../../../host/userError";
import { choose } from "../../ask";
import { interactive } from "../../flags";
import { print } from "../print";
import type { Swarm } from "../swarm";
import type { Say } from "../update";
import { amount } from "./amount";
import { type ArchiveContent, checkArchive } from "./archive";
import { onNode } from "./onNode";
import { type DataPlace, dataPlace, type Look, look, type PlaceOptions } from "./place";
import { besideOf, discardScript, swapScript, unpackScript } from "./scripts";
import { refuseUnstoppable, whileStopped } from "./stopped";
import { counting, type DataFlags, onData } from "./work";

export interface RestoreOptions extends PlaceOptions {
  readonly say: Say;
  readonly signal: AbortSignal;
  /** Whether devices and programs with privileges of their own may be in it. Default false. */
  readonly allowPrivileged?: boolean;
  /** Asked when all that can be checked is; false: nothing is changed. */
  readonly confirmed: (question: string) => Promise<boolean>;
}

export interface RestoreResult {
  readonly service: string;
  readonly node: string;
  readonly path: string;
  readonly file: string;
  readonly files: number;
  readonly bytes: number;
}

/** Blocks and names take room beside the bytes of the files. */
const roomFor = ({ bytes, files }: ArchiveContent): number => bytes + files * 4096;

function refuseUnfit({ node, path }: DataPlace, there: Look, content: ArchiveContent): void {
  if (there.kind === "other") throw new UserError(`${path} on ${node} is not a folder`);
  if (there.mountpoint) {
    throw new UserError(
      `${path} on ${node} is a file system of its own`,
      "restored data is put beside the folder and then takes its place, which a mount point cannot",
      "keep the data in a folder of that file system",
    );
  }
  const needed = roomFor(content);
  if (there.kind === "folder" && there.free < needed) {
    throw new UserError(
      `${node} has too little room beside ${path}`,
      `${amount(there.free)} are free, the restored data needs ${amount(needed)}; what is there now stays until it has been replaced`,
    );
  }
}

/** Unpacks beside the folder, while the service runs. */
async function unpack(place: DataPlace, file: string, bytes: number, options: RestoreOptions): Promise<void> {
  const { say, signal } = options;
  const opened = new PassThrough();
  const read = pipeline(createReadStream(file), createGunzip(), counting(say, bytes), opened, { signal });
  const sent = onNode(place.member, unpackScript, [place.path], { input: opened, signal });
  const [wrote, went] = await Promise.allSettled([sent, read]);
  if (wrote.status === "rejected") throw wrote.reason;
  if (went.status === "rejected") throw went.reason;
}

/** @throws UserError; the data is then as it was, or the error says where it is */
export async function restored(
  swarm: Swarm,
  name: string,
  file: string,
  options: RestoreOptions,
): Promise<RestoreResult | undefined> {
  const { say, signal } = options;
  const content = await checkArchive(file, signal, options.allowPrivileged);
  const place = await dataPlace(swarm, name, options);
  const { service, node, path, member } = place;
  refuseUnstoppable(service);
  const there = await look(member, path, signal);
  refuseUnfit(place, there, content);
  const instead = there.empty ? "in which nothing is now" : `whose ${amount(there.size)} are lost`;
  const question = `Put ${content.files} files (${amount(content.bytes)}) into ${path} on ${node}, ${instead}?`;
  if (!(await options.confirmed(question))) return undefined;
  const here = (script: string): Promise<string> => onNode(member, script, [path]);
  say(`sending ${amount(content.bytes)} to ${node}`);
  // A lost connection does not tell whether the folders have changed places: what is beside may be the data from before.
  let swapped = false;
  try {
    await unpack(place, file, content.bytes, options);
    await whileStopped(swarm, service, { say, signal }, async ({ tryRunning }) => {
      swapped = true;
      await here(swapScript);
      try {
        await tryRunning();
      } catch (error) {
        say("it does not run with the restored data: putting back what was there before");
        await here(swapScript);
        swapped = false;
        throw error;
      }
    });
  } catch (error) {
    if (swapped) {
      throw new UserError(
        `it is not known which data ${path} on ${node} now holds, the restored or what was there before`,
        error instanceof Error ? error.message : String(error),
        `the other is in ${besideOf(path)}, which the next restore removes: look first`,
      );
    }
    await here(discardScript).catch(() => undefined);
    throw error;
  }
  await here(discardScript);
  return { service: service.Spec.Name, node, path, file: resolve(file), ...content };
}

export interface RestoreFlags extends DataFlags {
  readonly allowPrivileged?: boolean;
}

async function confirmed(flags: DataFlags, question: string): Promise<boolean> {
  if (flags.yes) return true;
  if (!interactive(flags)) {
    throw new UserError("--yes must be passed in to restore when there is no terminal to ask on", question);
  }
  if ((await choose(question, ["yes", "no"])) === "yes") return true;
  process.stderr.write("error: confirmation declined, nothing is changed\n");
  return false;
}

export async function restore(flags: RestoreFlags, name: string, file: string): Promise<number> {
  const result = await onData(flags, name, (swarm, context) =>
    restored(swarm, name, file, {
      ...flags,
      ...context,
      confirmed: (question) => confirmed(flags, question),
    }),
  );
  if (result === undefined) return 1;
  if (flags.format === "json") print(`${JSON.stringify(result, undefined, 2)}\n`);
  else
    print(`${result.service} runs with ${result.files} files (${amount(result.bytes)}) of ${result.file}\n`);
  return 0;
}
