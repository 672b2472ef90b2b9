import { existsSync, readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { projectBackend } from "../engine/projectFile";
import { backendDir, home } from "../host/home";
import { privateFolder } from "../host/privateFolder";
import { replaceFile } from "../host/replaceFile";
import { UserError } from "../host/userError";
import type { Flags } from "./flags";

/** A backend, and what names it: a variable, a key of Pulumi.yaml, `login`, or nothing (`default`). */
export interface BackendInUse {
  readonly folder: string;
  readonly url: string;
  readonly from: string;
}

/**
 * Root of the file backend: the folder named by `PULUMI_BACKEND_URL`, else by `backend.url` of Pulumi.yaml, else by `login`
 * (`file://` only: shared backends need the Pulumi CLI), by default VMCLUSTER_HOME. A relative one is from where the command
 * works, as with the Pulumi CLI.
 */
export function backendInUse(
  flags: Pick<Flags, "cwd">,
  projectDir: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): BackendInUse {
  const named = (from: string, url: string): BackendInUse => ({
    folder: folderOf(from, url, flags),
    url,
    from,
  });
  if (env.PULUMI_BACKEND_URL) return named("PULUMI_BACKEND_URL", env.PULUMI_BACKEND_URL);
  const ofProject = projectDir === undefined ? undefined : projectBackend(projectDir);
  if (ofProject !== undefined) return named(`${ofProject.file}: backend.url`, ofProject.url);
  const remembered = rememberedBackend();
  if (remembered !== undefined) return named("login", remembered);
  const folder = backendDir();
  return { folder, url: pathToFileURL(folder).href, from: "default" };
}

/** The folder of {@link backendInUse}. */
export const backendRoot = (
  flags: Pick<Flags, "cwd">,
  projectDir: string,
  env: NodeJS.ProcessEnv = process.env,
): string => backendInUse(flags, projectDir, env).folder;

const loginFile = (): string => join(home(), "login.json");
const loginContent = z.object({ url: z.string().min(1) });

function rememberedBackend(): string | undefined {
  const file = loginFile();
  if (!existsSync(file)) return undefined;
  try {
    return loginContent.parse(JSON.parse(readFileSync(file, "utf8"))).url;
  } catch (error) {
    throw new UserError(
      `${file} cannot be read`,
      (error as Error).message,
      "log in again: vmcluster login <url>, or vmcluster logout --all",
    );
  }
}

export function rememberBackend(url: string): void {
  privateFolder(home());
  replaceFile(loginFile(), `${JSON.stringify({ url })}\n`);
}

/** @param folder only if it is this one */
export function forgetBackend(folder?: string): void {
  const kept = folder === undefined ? undefined : rememberedBackend();
  if (folder !== undefined && (kept === undefined || folderOf("login", kept, {}) !== folder)) return;
  rmSync(loginFile(), { force: true });
}

/** The folder that a URL names. Throws {@link UserError} for one that is no file backend. */
export function folderOf(variable: string, url: string, { cwd }: Pick<Flags, "cwd">): string {
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
