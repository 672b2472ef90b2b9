/** `plugin ls`. */
import * as engine from "../engine/index";
import type { Flags } from "./flags";
import { ago } from "./stackCommands";
import { table } from "./table";

export async function list(flags: Flags): Promise<number> {
  const plugins = engine.installedPlugins();
  if (flags.json) process.stdout.write(`${JSON.stringify(plugins, undefined, 2)}\n`);
  else {
    const rows = plugins.map(({ name, kind, version, size, installTime, lastUsedTime }) => [
      name,
      kind,
      version,
      bytes(size),
      ago(installTime),
      ago(lastUsedTime),
    ]);
    process.stdout.write(table([["NAME", "KIND", "VERSION", "SIZE", "INSTALLED", "LAST USED"], ...rows]));
    process.stdout.write(
      `\nTOTAL plugin cache size: ${bytes(plugins.reduce((sum, { size }) => sum + size, 0))}\n`,
    );
  }
  return 0;
}

/** As the Pulumi CLI prints it: `10 B`, `1.5 kB`, `12 MB`. */
function bytes(size: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, size < 1000 ? 0 : Math.floor(Math.log10(size) / 3));
  const value = size / 1000 ** power;
  return `${power > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}
