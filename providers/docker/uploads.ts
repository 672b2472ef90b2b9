/** Files for a container that has not started yet, as the archive that the daemon unpacks in it. */
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { UserError } from "../../host/userError";
import type { PropertyMap } from "../rpc/values";
import { text } from "./containerSpec";

export async function uploadArchive(uploads: readonly PropertyMap[]): Promise<Buffer> {
  const archive = pack();
  const whole = buffer(archive);
  for (const upload of uploads) {
    const permissions = text(upload.permissions);
    const mode =
      permissions === undefined ? (upload.executable === true ? 0o744 : 0o644) : parseInt(permissions, 8);
    archive.entry({ name: String(upload.file).replace(/^\/+/, ""), mode }, await contentOf(upload));
  }
  archive.finalize();
  return whole;
}

async function contentOf({ content, contentBase64, source }: PropertyMap): Promise<Buffer> {
  if (typeof contentBase64 === "string" && contentBase64 !== "") return Buffer.from(contentBase64, "base64");
  if (typeof source !== "string" || source === "") return Buffer.from(String(content ?? ""));
  return readFile(source).catch((error: Error) => {
    throw new UserError(`uploads: ${source} cannot be read`, error.message);
  });
}
