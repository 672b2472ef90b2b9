/** The plugins that the Pulumi CLI has installed: providers of no npm package are looked for there. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { pluginFolder } from "./plugins";

export interface InstalledPlugin {
  readonly name: string;
  /** `resource`, `language`, … */
  readonly kind: string;
  readonly version: string;
  /** In bytes, with all its files. */
  readonly size: number;
  readonly installTime: Date;
  readonly lastUsedTime: Date;
}

/** Sorted by name, the newest version first. */
export function installedPlugins(): InstalledPlugin[] {
  const folder = pluginFolder();
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const [, kind, name, version] = /^([a-z]+)-(.+)-v(\d.*)$/.exec(entry.name) ?? [];
      // `.partial` and `.lock` beside it: it is not complete.
      const partial = ["partial", "lock"].some((end) => existsSync(join(folder, `${entry.name}.${end}`)));
      if (!entry.isDirectory() || kind === undefined || name === undefined || version === undefined)
        return [];
      if (partial || /\.(partial|lock)$/.test(entry.name)) return [];
      const path = join(folder, entry.name);
      const { birthtime, atime } = statSync(path);
      return [{ name, kind, version, size: sizeOf(path), installTime: birthtime, lastUsedTime: atime }];
    })
    .sort(
      (a, b) =>
        (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) ||
        b.version.localeCompare(a.version, undefined, { numeric: true }),
    );
}

function sizeOf(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += sizeOf(path);
    else if (entry.isFile()) bytes += statSync(path).size;
  }
  return bytes;
}
