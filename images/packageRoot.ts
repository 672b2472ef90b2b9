import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Folder of this package's package.json: the clone, or where npm installed it. This module runs from images/ (sources)
 * and from dist/images/ (compiled), so the folder is looked for upwards.
 */
export function packageRoot(): string {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (
      existsSync(file) &&
      (JSON.parse(readFileSync(file, "utf8")) as { name?: string }).name === "vmcluster"
    ) {
      return folder;
    }
    if (folder === dirname(folder)) throw new Error(`no package.json of vmcluster above ${__dirname}`);
  }
}
