import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { projectBackend } from "../engine/index";
import { backendDir } from "../host/home";
import { UserError } from "../host/userError";
import type { Flags } from "./flags";

/**
 * Root of the file backend: the folder named by `PULUMI_BACKEND_URL`, else by `backend.url` of Pulumi.yaml (`file://` only:
 * shared backends need the Pulumi CLI), by default VMCLUSTER_HOME. A relative one is from where the command works, as with
 * the Pulumi CLI.
 */
export function backendRoot(
  flags: Pick<Flags, "cwd">,
  projectDir: string,
  env: NodeJS.ProcessEnv = process.env,
): string {
  if (env.PULUMI_BACKEND_URL) return folderOf("PULUMI_BACKEND_URL", env.PULUMI_BACKEND_URL, flags);
  const ofProject = projectBackend(projectDir);
  if (ofProject !== undefined) return folderOf(`${ofProject.file}: backend.url`, ofProject.url, flags);
  return backendDir();
}

function folderOf(variable: string, url: string, { cwd }: Pick<Flags, "cwd">): string {
  const [place = "", query] = url.split("?");
  if (!place.startsWith("file://")) {
    throw new UserError(
      `${variable}: ${place.replace(/\/\/[^/@]*@/, "//")} is not a file backend`,
      "vmcluster keeps its state in local files only: file://<folder>",
      "leave it out to use the default folder, or use the Pulumi CLI for this backend",
    );
  }
  const unknown = [...new URLSearchParams(query).keys()].find((key) => !harmless.has(key));
  if (unknown !== undefined)
    throw new UserError(
      `${variable}: the parameter ${unknown} of a file backend is not supported`,
      `allowed: ${[...harmless].join(", ")}`,
    );
  const path = decodeURIComponent(place.slice("file://".length));
  // `file://~` and `file://./folder` are Pulumi's own spellings besides the standard `file:///folder`.
  if (path === "~" || path.startsWith("~/")) return join(homedir(), path.slice(1));
  return resolve(cwd ?? ".", path);
}

/** What a URL of Pulumi's file backend may say besides, without any meaning for how this engine writes files. */
const harmless = new Set(["no_tmp_dir", "metadata", "create_dir"]);
