import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../host/userError";

const fileNames = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"];

/** Folder of the project: the nearest one upward from `from` that has a Pulumi.yaml, as Pulumi looks for it. */
export function findProjectDir(from: string): string {
  const found = projectDirFrom(from);
  if (found !== undefined) return found;
  throw new UserError(
    "no Pulumi.yaml project file found",
    `searched from ${resolve(from)} upward`,
    "run this in the folder of a Pulumi program, or name that folder with -C",
  );
}

/** The same; undefined where there is no project. */
export const projectDirIfAny = ({ cwd }: { readonly cwd?: string }): string | undefined =>
  projectDirFrom(cwd ?? process.cwd());

function projectDirFrom(from: string): string | undefined {
  const start = resolve(from);
  if (!existsSync(start) || !statSync(start).isDirectory()) throw new UserError(`${start} is not a folder`);
  for (let dir = start; ; dir = dirname(dir)) {
    if (fileNames.some((name) => existsSync(join(dir, name)))) return dir;
    if (dir === dirname(dir)) return undefined;
  }
}
