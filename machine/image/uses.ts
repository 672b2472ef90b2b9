/**
 * Which machines are clones of an image, also those of other homes that share the folder of images (VMCLUSTER_IMAGES). Each machine
 * leaves a note at its image, `.uses/<image>/`, that tells where its record is; the record alone says whether it is true.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { home, imagesDir } from "../../host/home";
import { withLock } from "../../host/lock";
import { imagesFolder } from "../../host/privateFolder";
import { UserError } from "../../host/userError";
import { listMachines } from "../store";
import { diskImageById } from "./cache";

const note = z.object({ home: z.string(), machine: z.string() });

export interface ImageUser {
  readonly machine: string;
  readonly home: string;
  /** False if its home is not there or not ours to read: it may be on a disk that is not mounted, so it counts. */
  readonly certain: boolean;
}

const notesOf = (image: string): string => join(imagesDir(), ".uses", image);

function noteFile(image: string, machine: string): string {
  const key = createHash("sha256").update(home()).digest("hex").slice(0, 16);
  return join(notesOf(image), `${key}-${machine}.json`);
}

export function noteUse(image: string, machine: string): void {
  const file = noteFile(image, machine);
  if (existsSync(file)) return;
  imagesFolder(".uses", image);
  writeFileSync(file, JSON.stringify({ home: home(), machine }));
}

export function forgetUse(image: string, machine: string): void {
  rmSync(noteFile(image, machine), { force: true });
  try {
    rmdirSync(notesOf(image));
  } catch {
    // Others use it, or nobody ever did.
  }
}

function readNotes(image: string): z.infer<typeof note>[] {
  const dir = notesOf(image);
  if (!existsSync(dir)) return [];
  return readdirSync(dir).flatMap((name) => {
    try {
      return [note.parse(JSON.parse(readFileSync(join(dir, name), "utf8")))];
    } catch {
      return [];
    }
  });
}

/** A machine of another home, if its record does not show that it is gone. */
function userOf(image: string, { home: where, machine }: z.infer<typeof note>): ImageUser | undefined {
  const machines = join(where, "machines");
  try {
    const record: unknown = JSON.parse(readFileSync(join(machines, machine, "machine.json"), "utf8"));
    const same = z.object({ image: z.literal(image) }).safeParse(record).success;
    return same ? { machine, home: where, certain: true } : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" && existsSync(machines)) return undefined;
    return { machine, home: where, certain: false };
  }
}

/** The machines that are clones of an image, those of this home first. */
export function usersOf(image: string): ImageUser[] {
  const here = listMachines()
    .filter((machine) => machine.image === image)
    .map(({ spec }) => ({ machine: spec.name, home: home(), certain: true }));
  const elsewhere = readNotes(image)
    .filter((one) => one.home !== home())
    .map((one) => userOf(image, one))
    .filter((user) => user !== undefined);
  return [...here, ...elsewhere];
}

/** As it is shown: machines of this home by name alone. */
export function userText({ machine, home: where, certain }: ImageUser): string {
  if (where === home()) return machine;
  return `${machine} (of ${where}${certain ? "" : ", which is not there now"})`;
}

/** Held while it is decided that an image is used, or that it is not. */
export const withUses = <T>(action: () => Promise<T>): Promise<T> =>
  withLock(join(imagesDir(), ".uses.lock"), () => undefined, action);

/**
 * Writes the record of a machine that will be a clone of an image; from then on the image stays.
 *
 * @throws UserError if it was removed in the meantime
 */
export function useImage<T>(image: string, machine: string, record: () => Promise<T>): Promise<T> {
  return withUses(async () => {
    if (diskImageById(image) === undefined) {
      throw new UserError(
        `machine "${machine}": its image was removed before it was made`,
        undefined,
        "try again",
      );
    }
    noteUse(image, machine);
    return record();
  });
}
