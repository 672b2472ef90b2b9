/** A file that is being downloaded, and what must be known to go on with it. */
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { makeFolders } from "../../../host/makeFolders";

const known = z.object({
  /** Where the redirects ended: mirrors number their files' versions each in its own way. */
  from: z.string(),
  /** For If-Range: the ETag, or the time of the last change. */
  validator: z.string(),
  /** Bytes of the whole. */
  size: z.number().optional(),
});

export type Known = z.infer<typeof known>;

export interface Part {
  /** The bytes so far. */
  readonly file: string;
  /** Undefined if it cannot be gone on with. */
  read(): Known | undefined;
  write(value: Known | undefined): void;
  bytes(): number;
  remove(): void;
}

export function partIn(dir: string): Part {
  const file = join(dir, "disk.part");
  const state = join(dir, "part.json");
  makeFolders(dir);
  return {
    file,
    read: () => {
      try {
        return known.parse(JSON.parse(readFileSync(state, "utf8")));
      } catch {
        // Not there, or cut off when the host lost its power.
        return undefined;
      }
    },
    write: (value) => {
      rmSync(state, { force: true });
      // Addresses may hold a login, or a signature.
      if (value !== undefined) writeFileSync(state, JSON.stringify(value), { mode: 0o600 });
    },
    bytes: () => statSync(file, { throwIfNoEntry: false })?.size ?? 0,
    remove: () => {
      for (const one of [state, file]) rmSync(one, { force: true });
    },
  };
}
