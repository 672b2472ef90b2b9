import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { VmInfo } from "./vm";

/** In VBox.log: what a crash of the guest's CPU, or an error of a device that pauses the machine, is called. */
const words = [/Guru Meditation -?\d+ \(\w+\)/, /VM runtime error: .*message="([^"]*)"/];

/** The last of it in a log; undefined if there is none. */
export function troubleIn(log: string): string | undefined {
  for (const line of log.split(/\r?\n/).reverse()) {
    for (const one of words) {
      const found = one.exec(line);
      if (found !== null) return found[1] ?? found[0];
    }
  }
  return undefined;
}

/** What VirtualBox's own log of a machine says of why it no longer runs. */
export function troubleOf(info: VmInfo | undefined): string | undefined {
  const state = info?.get("VMState");
  const folder = info?.get("LogFldr");
  if (state === undefined || folder === undefined) return undefined;
  if (!["paused", "gurumeditation", "aborted"].includes(state)) return undefined;
  try {
    return troubleIn(readFileSync(join(folder, "VBox.log"), "utf8")) ?? `VirtualBox calls it "${state}"`;
  } catch {
    return `VirtualBox calls it "${state}"`;
  }
}
