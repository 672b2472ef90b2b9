/** Where an image is from: a URL, or a file of this host. */
import { statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../../../host/userError";

export type Source =
  | { readonly kind: "url"; readonly url: URL }
  | { readonly kind: "file"; readonly path: string };

/** Whether a machine's image is meant by its URL; else it is a name. */
export const isImageUrl = (image: string): boolean => /^[a-z]+:/i.test(image);

function fileSource(field: string, path: string): Source {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() === true) return { kind: "file", path };
  throw new UserError(
    `${field}: ${JSON.stringify(path)}`,
    found === undefined ? "there is no such file" : "is not a file",
  );
}

/**
 * Reads a URL (https, http, file) or a path.
 *
 * @param field what it is, for messages
 * @throws UserError for other URLs, and files that are not there
 */
export function readSource(field: string, text: string): Source {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return fileSource(field, resolve(text));
  const wrong = new UserError(
    `${field}: ${JSON.stringify(text)}`,
    "must be a URL with https, http or file, or a path",
  );
  if (!URL.canParse(text)) throw wrong;
  const url = new URL(text);
  if (scheme === "https" || scheme === "http") return { kind: "url", url };
  if (scheme !== "file" || url.hostname !== "") throw wrong;
  return fileSource(field, fileURLToPath(url));
}

/** As it is shown and kept: without password, and without the query, in which keys are. */
export function shownSource(source: Source): string {
  return source.kind === "file" ? source.path : `${source.url.origin}${source.url.pathname}`;
}

/** The file's name, as checksum files have it. */
export function fileNameOf(source: Source): string {
  if (source.kind === "file") return basename(source.path);
  const last = basename(source.url.pathname);
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

/** Name of an image by that of its file: `Fedora-42.x86_64.qcow2` → `fedora-42.x86_64`. */
export function imageNameOf(fileName: string): string {
  return fileName
    .toLowerCase()
    .replace(/(\.(qcow2|img|raw|disk|xz|gz))+$/, "")
    .replace(/[^a-z0-9._-]+/g, "-")
    .slice(0, 60)
    .replace(/^[._-]+|[._-]+$/g, "");
}
