import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { backendDir } from "../host/home";
import { UserError } from "../host/userError";

/**
 * Root of the file backend: the folder named by `PULUMI_BACKEND_URL` (`file://` only: shared backends need the Pulumi CLI),
 * by default VMCLUSTER_HOME.
 */
export function backendRoot(env: NodeJS.ProcessEnv = process.env): string {
  const url = env.PULUMI_BACKEND_URL;
  if (!url) return backendDir();
  if (!url.startsWith("file://")) {
    throw new UserError(
      `PULUMI_BACKEND_URL: ${url.split("?")[0]} is not a file backend`,
      "vmcluster keeps its state in local files only: file://<folder>",
      "unset it to use the default folder, or use the Pulumi CLI for this backend",
    );
  }
  const path = url.slice("file://".length);
  // `file://~` and `file://./folder` are Pulumi's own spellings besides the standard `file:///folder`.
  if (path === "~" || path.startsWith("~/")) return join(homedir(), path.slice(1));
  if (path.startsWith("/")) return fileURLToPath(url);
  return resolve(decodeURIComponent(path));
}
