/**
 * The process of a cluster's private network: `node main.js FOLDER KEY [MULTICAST]`. It connects the machines whose sockets are in the folder, whenever
 * they come and go, so it may be killed and started again at any time, and ends with the last of them.
 *
 * Exit code 0: there is no machine any more.
 */
import { watch } from "node:fs";
import { join } from "node:path";
import { plugIn } from "./cable";
import { linksIn } from "./links";
import { joinMulticast } from "./multicast";
import { onMulticast } from "./olderMachines";
import { Switch } from "./switch";

const lookEveryMs = 1000;
/** How long sockets without a QEMU behind them, which was killed, are looked at before that is taken for the end. */
const lastMs = 30_000;
/** How often all processes of the host are looked at for machines on the multicast group. */
const olderEveryMs = 10_000;

const [folder = "", key = "", group = ""] = process.argv.slice(2);
const hub = new Switch();
const plugged = new Set<string>();
let seen = Date.now();

function look(): void {
  const found = linksIn(folder, key);
  if (plugged.size > 0) seen = Date.now();
  if (plugged.size === 0 && (found.length === 0 || Date.now() - seen > lastMs)) process.exit(0);
  for (const file of found) {
    if (plugged.has(file)) continue;
    plugged.add(file);
    plugIn(join(folder, file), hub, (refused) => {
      // Looked for again next time. One that takes no connection now, as it is paused, is there.
      plugged.delete(file);
      if (!refused) seen = Date.now();
    });
  }
}

if (group !== "" && onMulticast(group)) {
  const joined = joinMulticast(group, hub);
  const timer = setInterval(() => {
    if (onMulticast(group)) return;
    joined.leave();
    clearInterval(timer);
  }, olderEveryMs);
}
try {
  watch(folder, look).on("error", () => undefined);
} catch {
  // Too many are watched on this host: then it is looked at by the clock alone.
}
setInterval(look, lookEveryMs);
look();
